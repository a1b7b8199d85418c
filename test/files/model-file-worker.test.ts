import { afterEach, expect, it, vi } from 'vitest';
import { encodeModelFile } from '../../src/files/model-file.ts';
import { hear } from '../../src/files/model-file-worker.ts';
import { tinyCheckpoint } from './tiny-model.ts';

afterEach(() => vi.unstubAllGlobals());

const { training, ...network } = tinyCheckpoint();

it.each([
  [
    'says what a run goes on with',
    encodeModelFile({ ...network, training: training! }),
    { step: training!.step, configuration: training!.configuration, corpus: training!.corpus },
  ],
  ['refuses a network that nobody trains', encodeModelFile(network), expect.stringMatching(/no state of its training/)],
  ['says what is wrong with a damaged file', Uint8Array.of(1, 2, 3), expect.stringMatching(/not a safetensors file/)],
])('A model file’s reader %s', (_, file, answer) => {
  const postMessage = vi.fn();
  vi.stubGlobal('postMessage', postMessage);
  hear(file);
  expect(postMessage.mock.calls).toEqual([[answer]]);
});
