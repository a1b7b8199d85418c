import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compileKernels } from '../../src/engine/cpu/compile.ts';
import { Writer } from '../../src/engine/cpu/writer.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { encodeModelFile } from '../../src/files/model-file.ts';
import { exportNetwork, importNetwork } from '../../src/interop/formats.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { useCpuEngine } from '../engine/each-engine.ts';
import { tinyCheckpoint } from '../files/tiny-model.ts';
import { wilfulNetwork } from './webpages.ts';

const sampling = { temperature: 0.8, seed: 5 };
const pageOf = async (...asked: Parameters<typeof exportNetwork>) => {
  const [page] = await exportNetwork(...asked);
  return { ...page!, text: new TextDecoder().decode(page!.bytes) };
};
const html = (text: string) => ({ name: 'm.html', bytes: new TextEncoder().encode(text) });

describe('What writes in a web page', () => {
  const engine = useCpuEngine({ relaxed: false });

  it.each(cells.flatMap((cell) => [1, 2].map((layers) => [cell, layers] as const)))(
    'writes to the bit what the CPU engine does, symbol by symbol: %s, %i layers',
    async (cell, layers) => {
      const { model, vocabulary, parameters } = wilfulNetwork(cell, layers);
      const prime = vocabulary!.encode('The ');
      const capacity = { rows: 9, timesteps: 20 };
      const session = await engine().open(model, capacity);
      session.write({ ...initialState(model, capacity, 0), parameters });
      const [expected] = await session.generate([prime], 1000, sampling);
      session.close();
      const kernels = await compileKernels({ relaxed: false, shared: false });
      const writer = await Writer.open(kernels, model, parameters);
      // It begins anew each time, also where it was stopped before.
      writer.write(prime, 10, sampling).next();
      expect(Uint32Array.from(writer.write(prime, 1000, sampling))).toEqual(expected);
      expect(new Set(expected).size).toBeGreaterThan(10);
    },
  );
});

describe('A network as a web page', () => {
  it('comes back as the same network', async () => {
    const file = wilfulNetwork('lstm', 2);
    const { name, bytes } = await pageOf(file, 'page', 'fox');
    expect(name).toBe('fox.html');
    const back = await importNetwork([{ name, bytes }]);
    expect(encodeModelFile(back.file)).toEqual(encodeModelFile(file));
    expect(back.remarks).toEqual([]);
  });

  it('runs its own script and has its own style, and neither names another file', async () => {
    const { text } = await pageOf(wilfulNetwork('gru', 1), 'page', 'fox');
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)!;
    expect(policy).toMatch(/^default-src 'none'; /);
    for (const element of ['script', 'style']) {
      const contents = [...text.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(
        ([, content]) => content!,
      );
      expect(contents).toHaveLength(1);
      expect(policy).toContain(`'sha256-${createHash('sha256').update(contents[0]!).digest('base64')}'`);
    }
    expect(text).not.toMatch(/\{(?:policy|style|script|title|about|step|prime|facts|plain|relaxed|network)\}/);
    expect(text).not.toMatch(/\b(?:src|href)=|\bimport\b|\bfetch\(|url\(/);
  });

  it('has the network and the settings of a training as it stands, and what there is to say of it', async () => {
    const { training, ...network } = tinyCheckpoint();
    const parameters = training!.parameters.map((value) => value + 1);
    const dataset = { ...training!.dataset, name: '</title><script>"Sea" & shells' };
    const configuration = { ...training!.configuration, temperature: 0.25, seed: 77 };
    const { averaged: _, ...plain } = training!;
    const page = await pageOf({ ...network, training: { ...plain, parameters, dataset, configuration } }, 'page', 'm');
    expect((await importNetwork([page])).file.parameters).toEqual(parameters);
    expect(page.text).toContain('<h1>&#60;/title&#62;&#60;script&#62;&#34;Sea&#34; &#38; shells</h1>');
    expect(page.text).toContain(`data-step="${training!.step}"`);
    for (const value of ['0.25', '77']) expect(page.text).toContain(` value="${value}"`);
    const averaged = parameters.map((value) => 2 * value);
    const second = await pageOf({ ...network, training: { ...plain, parameters, averaged } }, 'page', 'm');
    expect((await importNetwork([second])).file.parameters).toEqual(averaged);
  });

  it('is 530 kB for 128 units and 57 characters', async () => {
    const vocabulary = new Vocabulary(Array.from({ length: 57 }, (_, i) => String.fromCodePoint(65 + i)));
    const model = symbolModel('gru', vocabulary.size, 128);
    const { parameters } = initialState(model, { rows: 1, timesteps: 1 }, 1);
    const { bytes } = await pageOf({ model, vocabulary, parameters }, 'page', 'm');
    expect(bytes.length / 1000).toBeGreaterThan(500);
    expect(bytes.length / 1000).toBeLessThan(540);
  });

  it('is refused where the network does not write, where it is cut off, and where it is none', async () => {
    const { vocabulary: _, ...nameless } = wilfulNetwork('gru', 1);
    await expect(exportNetwork(nameless, 'page', 'm')).rejects.toThrow(/Only a network that has learned a text/);
    const { text } = await pageOf(wilfulNetwork('gru', 1), 'page', 'm');
    const start = text.indexOf('id="network"');
    const refused = [
      ['<p>Sea shells</p>', /holds no network of Sluice’s: to learn its text, save that as \.txt/],
      [text.slice(0, start + 2000), /holds no network/],
      [`${text.slice(0, start + 1000)}<${text.slice(start + 1001)}`, /no base64/],
      [`${text.slice(0, start + 1000)}</script>`, /damaged|cut off|not/],
    ] as const;
    for (const [page, words] of refused) await expect(importNetwork([html(page)])).rejects.toThrow(words);
  });
});
