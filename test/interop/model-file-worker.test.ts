import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { exportNetwork, remarkOnExport } from '../../src/interop/formats.ts';
import { hear } from '../../src/interop/model-file-worker.ts';
import { settingsOfNetwork } from '../../src/training/network-settings.ts';
import { tinyCheckpoint } from '../files/tiny-model.ts';

afterEach(() => vi.unstubAllGlobals());

const { training, ...network } = tinyCheckpoint();
const { symbols } = network.vocabulary!;
const named = (bytes: Uint8Array<ArrayBuffer>) => [{ name: 'm.safetensors', bytes }];

async function answerTo(task: Parameters<typeof hear>[0]): Promise<unknown> {
  const postMessage = vi.fn();
  vi.stubGlobal('postMessage', postMessage);
  await hear(task);
  expect(postMessage).toHaveBeenCalledTimes(1);
  return postMessage.mock.calls[0]![0];
}

it('says what a run goes on with', async () => {
  const { step, configuration, dataset } = training!;
  const files = named(encodeModelFile({ ...network, training: training! }));
  expect(await answerTo({ kind: 'read', files })).toEqual({
    kind: 'run',
    step,
    configuration,
    dataset,
    dataKind: 'text',
  });
});

it('hands on a network that nobody trains, as a model file', async () => {
  const file = encodeModelFile(network);
  const answer = { kind: 'network', file, settings: settingsOfNetwork(network), remarks: [] };
  expect(await answerTo({ kind: 'read', files: named(file) })).toEqual(answer);
});

it('says what is wrong with a damaged file', async () => {
  const files = [{ name: 'm.safetensors', bytes: Uint8Array.of(1, 2, 3) }];
  const message = expect.stringMatching(/not a safetensors file/);
  expect(await answerTo({ kind: 'read', files })).toEqual({ kind: 'refused', message });
});

it('writes a network in another format, and asks for the symbols where that has lost them', async () => {
  const file = encodeModelFile({ ...network, training: training! });
  const written = (await answerTo({ kind: 'write', file, format: 'onnx', name: 'net' })) as {
    files: { name: string; bytes: Uint8Array<ArrayBuffer> }[];
  };
  expect(written.files.map(({ name }) => name)).toEqual(['net.onnx']);
  const { vocabulary: _, ...nameless } = network;
  const files = await exportNetwork(nameless, 'onnx', 'net');
  expect(await answerTo({ kind: 'read', files })).toEqual({ kind: 'missingVocabulary', size: 3 });
  const list = { name: 'symbols.json', bytes: new TextEncoder().encode(JSON.stringify(symbols)) };
  for (const task of [{ files, vocabulary: symbols }, { files: [list, ...files] }]) {
    const answer = await answerTo({ kind: 'read', ...task });
    expect(answer).toMatchObject({ kind: 'network', settings: settingsOfNetwork(network) });
  }
});

it('says what a network of a series needs elsewhere, since no other format says how its numbers are scaled', async () => {
  const series = decodeModelFile(readFileSync('test/networks/gru-series-3x7x2x4x9x1.model.safetensors'));
  const variable = (name: string, mean: number) => ({ name, mean, deviation: 0.5 });
  const variables = [variable('rain', 7), variable('sun', 1.25), variable('wind', 3)];
  const { inputSize, outputSize } = series.model;
  const scaled = {
    ...series,
    inputs: variables.slice(0, inputSize),
    outputs: variables.slice(0, outputSize),
    ahead: 1,
    answers: 'timestep',
  } as const;
  const file = encodeModelFile(scaled);
  const written = await answerTo({ kind: 'write', file, format: 'pytorch', name: 'air' });
  expect(written).toMatchObject({
    kind: 'written',
    remark: expect.stringMatching(/\(value − mean\) \/ deviation.* for “rain” 7 and 0\.5; “sun” 1\.25 and 0\.5/),
  });
  // Sluice's own file says it, and a text's network has nothing to be scaled.
  expect(remarkOnExport(scaled, 'sluice')).toBeUndefined();
  expect(remarkOnExport(network, 'onnx')).toBeUndefined();
  const many = Array.from({ length: 9 }, (_, i) => variable(`v${i}`, i));
  expect(remarkOnExport({ ...scaled, inputs: many, outputs: [] }, 'onnx')).toMatch(/“v3” 3 and 0\.5, and others/);
});
