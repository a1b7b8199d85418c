import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { expect, it } from 'vitest';
import { clean, launch, visit } from './visit.ts';

// All other tests of a page have it from the development server, which bundles nothing.
it('The built site trains, writes, measures matches and checks its engines', async () => {
  const outDir = mkdtempSync(join(tmpdir(), 'sluice-site-'));
  await build({ logLevel: 'error', build: { outDir } });
  const server = await preview({ logLevel: 'error', build: { outDir }, preview: { port: 0 } });
  clean.push(() => server.close());

  const page = await visit(
    await launch('none'),
    'engine=cpu&hidden=16&batch=4&sequence=16&steps=1000000',
    server.resolvedUrls!.local[0],
  );
  await page.press(/^Train$/);
  await page.reaches(20);
  await page.press(/^Pause$/);
  await page.says('#status', /Paused/);
  await page.press(/^Write now$/);
  await page.says('#passages', /The/);
  await page.type('#setting-matching-trials', '20');
  await page.press(/^Run the experiment$/);
  await page.says('#matching-summary', /\S/);
  await page.press(/^Check this GPU$/);
  await page.says('#check-verdict', /All \d+ comparisons pass/);
  expect(page.errors).toEqual([]);
});
