import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { importNetwork } from '../../src/interop/formats.ts';
import { launch, type Visit, visit } from './visit.ts';

const folder = new URL('../interop/networks/', import.meta.url);
const network = (name: string) => fileURLToPath(new URL(name, folder));
const { vocabulary } = JSON.parse(readFileSync(network('pytorch-lstm-embedding.expected.json'), 'utf8')) as {
  readonly vocabulary: readonly string[];
};
const text = vocabulary.join('').repeat(40);
const small = 'batch=4&sequence=8&engine=cpu&steps=1000000';

async function choose(page: Visit, paths: readonly string[]): Promise<void> {
  const [chooser] = await Promise.all([page.page.waitForFileChooser(), page.press(/Open a model/)]);
  await chooser.accept([...paths]);
}

it('Networks of PyTorch, ONNX and TensorFlow.js are opened, trained, and saved as each', async () => {
  const page = await visit(await launch('none'), small);
  await page.open('symbols.txt', text);
  // The file does not name its symbols; the text at hand has as many.
  await choose(page, [network('pytorch-lstm-embedding.onnx')]);
  await page.says('#vocabulary-text', /which 19 symbols.*“symbols\.txt” has 19 as well/);
  await page.page.click('#vocabulary-take');
  await page.page.waitForFunction(() => document.querySelector<HTMLInputElement>('#setting-hidden')?.value === '13');
  expect(await page.page.$eval('#setting-cell', (field) => (field as HTMLSelectElement).value)).toBe('lstm');
  await page.press(/^One step$/);
  await page.reaches(1);

  const downloads = mkdtempSync(join(tmpdir(), 'sluice-downloads-'));
  const session = await page.page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: downloads });
  const saved = async (format: string, ...names: readonly string[]) => {
    await page.page.select('#save-format', format);
    await page.press(/Save to a file/);
    const paths = names.map((name) => join(downloads, name));
    for (const deadline = Date.now() + 30_000; !paths.every(existsSync) && Date.now() < deadline; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const contents = paths.map((path, i) => ({ name: names[i]!, bytes: Uint8Array.from(readFileSync(path)) }));
    return { paths, file: (await importNetwork(contents)).file };
  };
  const own = await saved('sluice', 'symbols-txt-1.safetensors');
  const { training, version: _, ...learned } = own.file;
  expect(training!.step).toBe(1);
  for (const [format, ...names] of [
    ['onnx', 'symbols-txt-1.onnx'],
    ['tfjs', 'model.json', 'group1-shard1of1.bin'],
  ] as const) {
    const { file, paths } = await saved(format, ...names);
    expect(file).toEqual(learned);
    await choose(page, paths);
    await page.says('#status', /step 0|Ready/);
  }
  expect(page.errors).toEqual([]);
});

it('A network that cannot be opened is refused in a sentence, and the one that stands goes on', async () => {
  const page = await visit(await launch('none'), `${small}&hidden=8`);
  await page.says('#status', /Ready/);
  await page.press(/^One step$/);
  await page.reaches(1);
  await page.open('m.pt', Uint8Array.of(0x80, 2, 0x7d, 0x71, 0), /Open a model/);
  await page.says('#notices', /PyTorch pickle.*save_file/);
  await choose(page, [network('pytorch-lstm-embedding.safetensors')]);
  await page.says('#notices', /reads 19 symbols.*open it together with a JSON list/);
  expect(await page.step()).toBe(1);
  await page.press(/^One step$/);
  await page.reaches(2);
  expect(page.errors).toEqual([]);
});
