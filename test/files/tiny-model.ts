import type { ModelFile, Training } from '../../src/files/model-file.ts';
import { type Cell, statesOf } from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { initialParameters } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';

const random = new Random(5);
const numbers = (length: number, least = -1) =>
  Float32Array.from({ length }, () => least + (1 - least) * random.uniform());

/** The same from a training whose best network is not the one that stands, and that averages. */
export function tinyAveragingCheckpoint(): ModelFile & { readonly training: Training } {
  const { training, ...network } = tinyCheckpoint();
  const { length } = network.parameters;
  return {
    ...network,
    training: {
      ...training!,
      parameters: numbers(length),
      averaged: numbers(length),
      heldOut: { lookedAt: 16, sinceBest: 2, best: { step: 8, loss: 1.25 } },
      course: {
        seconds: 2.5,
        training: { stride: 4, filled: 1, steps: [4, 8, 12, 16, 17], losses: [2, 1.5, 0.1 + 0.2, 1e-9, 1] },
        heldOut: { stride: 1, filled: 1, steps: [8, 16], losses: [1.25, 1.5] },
      },
      configuration: { ...training!.configuration, averaging: 0.99, evaluateEvery: 4 },
    },
  };
}

/** The version of the format that files are written in. */
export const version = '5';

/**
 * A checkpoint of a network of 3 symbols and 2 hidden units, as it is read from its file, with characters that a careless
 * writer gets wrong.
 */
export function tinyCheckpoint(cell: Cell = 'gru', layers = 1): ModelFile {
  const model = symbolModel(cell, 3, 2, { layers });
  const parameters = initialParameters(model, 1);
  return {
    version,
    model,
    vocabulary: new Vocabulary(['\n', '"', '😀']),
    parameters,
    training: {
      step: 17,
      parameters,
      m: numbers(parameters.length),
      v: numbers(parameters.length, 0),
      carriedState: numbers(statesOf(model).length * 4 * 2),
      configuration: {
        ...defaultConfiguration,
        cell,
        layers,
        hidden: 2,
        batch: 4,
        learningRate: 0.1 + 0.2,
        prime: '«__proto__»\n',
      },
      dataset: { name: '__proto__', sha256: 'ab'.repeat(32) },
      engine: { name: 'cpu', device: 'WebAssembly with SIMD, 2 threads' },
    },
  };
}
