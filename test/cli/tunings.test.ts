import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FileTunings } from '../../src/cli/tunings.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('The file of tunings is made when it is needed, and keeps what is in it', async () => {
  const path = join(folder, 'cache', 'tunings.json');
  await new FileTunings(path).write('one', 'stepwise');
  await new FileTunings(path).write('two', 'whole-sequence');
  expect(await new FileTunings(path).read('one')).toBe('stepwise');
  expect(await new FileTunings(path).read('two')).toBe('whole-sequence');
  expect(await new FileTunings(path).read('three')).toBeUndefined();
});

it.each(['', '{"one": ', '[1]', 'null', '{"one": 5}'])(
  'A file of tunings that holds %j is written afresh',
  async (text) => {
    const path = join(folder, 'damaged.json');
    writeFileSync(path, text);
    expect(await new FileTunings(path).read('one').catch(() => undefined)).toBeUndefined();
    await new FileTunings(path).write('one', 'stepwise');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ one: 'stepwise' });
  },
);
