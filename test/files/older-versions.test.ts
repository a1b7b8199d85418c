import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { initialState } from '../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { resume } from '../../src/training/checkpoint.ts';
import { useCpuEngine } from '../engine/each-engine.ts';
import { version as latest } from './tiny-model.ts';

const dataset = {
  kind: 'text',
  name: 'cat.txt',
  text: 'The cat sat on the mat, and the dog on the log. '.repeat(20),
} as const;
const cpu = useCpuEngine({ threads: 1, relaxed: false });

describe.each([
  { folder: 'version-1', runs: ['gru', 'rnn-sigmoid'] },
  { folder: 'version-2', runs: ['lstm-2-layers'] },
  { folder: 'version-4', runs: ['gru-after-averaged'] },
])('A model file of $folder', ({ folder, runs }) => {
  const read = (name: string) => readFileSync(new URL(`./${folder}/${name}`, import.meta.url));
  const open = (name: string) => decodeModelFile(read(`${name}.safetensors`));
  const samples = JSON.parse(read('samples.json').toString()) as Readonly<Record<string, string>>;

  it.each(Object.entries(samples))('opens and writes what it wrote: %s', async (name, text) => {
    const { model, vocabulary, parameters } = open(name);
    const capacity = { rows: 1, timesteps: 1 };
    const session = await new ReferenceEngine().open(model, capacity);
    session.write({ ...initialState(model, capacity, 0), parameters });
    const [written] = await session.generate([vocabulary!.encode('The ')], text.length, { temperature: 0.7, seed: 3 });
    expect(vocabulary!.decode(written!)).toBe(text);
  });

  it.each(runs)('goes on to the bits to which it would have gone on: %s', async (name) => {
    const file = open(`${name}-at-20`);
    expect(file.training!.configuration).toMatchObject({ steps: 40 });
    const run = await resume(file, dataset, {}, async () => ({ engine: cpu(), reason: '' }));
    while (run.step < 30) await run.takeStep();
    const { configuration: _, dataset: __, engine: ___, heldOut: ____, ...state } = open(`${name}-at-30`).training!;
    const { heldOut: _____, course, ...reached } = await run.read();
    expect(course!.training.steps).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    expect(reached).toEqual(state);
  });

  it('is the same network when it is written in the latest version', () => {
    for (const name of Object.keys(samples)) {
      const { version, ...file } = open(name);
      expect(version).toBe(folder.slice(-1));
      expect(decodeModelFile(encodeModelFile(file))).toEqual({ ...file, version: latest });
    }
  });
});
