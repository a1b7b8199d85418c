import type { ModelFile } from '../../src/files/model-file.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { initialParameters } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';

const random = new Random(5);
const numbers = (length: number, least = -1) =>
  Float32Array.from({ length }, () => least + (1 - least) * random.uniform());

/** A checkpoint of a network of 3 symbols and 2 hidden units, with characters that a careless writer gets wrong. */
export function tinyCheckpoint(): ModelFile {
  const model = symbolModel('gru', 3, 2);
  const parameters = initialParameters(model, 1);
  return {
    model,
    vocabulary: new Vocabulary(['\n', '"', '😀']),
    parameters,
    training: {
      step: 17,
      m: numbers(parameters.length),
      v: numbers(parameters.length, 0),
      carriedState: numbers(4 * 2),
      configuration: { ...defaultConfiguration, hidden: 2, batch: 4, learningRate: 0.1 + 0.2, prime: '«__proto__»\n' },
      corpus: { name: '__proto__', sha256: 'ab'.repeat(32) },
      engine: { name: 'cpu', device: 'WebAssembly with SIMD, 2 threads' },
    },
  };
}
