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

  const browser = await launch('none');
  const [site] = server.resolvedUrls!.local;
  const page = await visit(browser, 'engine=cpu&hidden=16&batch=4&sequence=16&steps=1000000', site);
  await page.press(/^Train$/);
  await page.reaches(20);
  await page.press(/^Pause$/);
  await page.says('#status', /Paused/);
  await page.press(/^Write now$/);
  await page.says('#passage', /The/);
  await page.comeToMatching();
  await page.type('#setting-matching-trials', '20');
  await page.press(/^Run the experiment$/);
  await page.says('#matching-summary', /\S/);
  await page.open('broken.safetensors', Uint8Array.of(1, 2, 3), /Open a model/);
  await page.says('#notices', /not a safetensors file/);
  await page.press(/^Check this GPU$/);
  await page.says('#check-verdict', /All [\d,]+ comparisons pass/);
  expect(page.errors).toEqual([]);

  // This engine comes only to who asks for it.
  const patient = await visit(browser, 'engine=reference&hidden=4&batch=1&sequence=4&steps=2', site);
  await patient.press(/^Train$/);
  await patient.says('#status', /Finished after 2 steps/);
  expect(patient.errors).toEqual([]);
});
