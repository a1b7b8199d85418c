import { asObject } from '../json-object.ts';
import { type ModelConfiguration, targetsOf } from '../model/configuration.ts';
import type { Encoding, Variable } from '../model/encoding.ts';
import { FileError } from './error.ts';
import { parseJsonObject } from './json.ts';

/** What a file says of how numbers go in and come out: the parts of an encoding that are neither symbols nor classes. */
type Variables = Pick<Encoding, 'inputs' | 'outputs' | 'ahead' | 'answers'>;

/** That as JSON, if there is anything to say. */
export function wordsOfVariables({ inputs, outputs, ahead, answers }: Encoding): string | undefined {
  const words = JSON.stringify({ inputs, outputs, ahead, answers } satisfies { [Name in keyof Variables]: unknown });
  return words === '{}' ? undefined : words;
}

/** @throws FileError if it is not that, or not of such a network */
export function readVariables(written: string | undefined, model: ModelConfiguration): Variables {
  if (written === undefined) return {};
  const words = parseJsonObject('The list of variables', written);
  const [ahead, answers] = [words.get('ahead'), words.get('answers')];
  if (ahead !== undefined && !(Number.isSafeInteger(ahead) && (ahead as number) >= 1)) {
    throw new FileError('The file does not say how many rows ahead its network predicts: it is damaged.');
  }
  if (answers !== undefined && answers !== 'timestep' && answers !== 'end') {
    throw new FileError('The file does not say when its network answers: it is damaged.');
  }
  const inputs = readSide('inputs', words.get('inputs'), model.inputs === 'vectors' ? model.inputSize : undefined);
  const outputs = readSide(
    'outputs',
    words.get('outputs'),
    targetsOf(model) === 'vectors' ? model.outputSize : undefined,
  );
  return {
    ...(inputs && { inputs }),
    ...(outputs && { outputs }),
    ...(ahead !== undefined && { ahead: ahead as number }),
    ...(answers && { answers }),
  };
}

/** @param size how many there must be; nothing, if there can be none */
function readSide(side: string, written: unknown, size: number | undefined): readonly Variable[] | undefined {
  if (written === undefined) return undefined;
  if (!Array.isArray(written) || written.length !== size) {
    throw new FileError(`The variables among the file’s ${side} are not those of its network: it is damaged.`);
  }
  return written.map((entry) => {
    const [name, mean, deviation] = ['name', 'mean', 'deviation'].map((key) => asObject(entry)?.get(key));
    if (typeof name === 'string' && Number.isFinite(mean) && Number.isFinite(deviation) && (deviation as number) > 0) {
      return { name, mean: mean as number, deviation: deviation as number };
    }
    throw new FileError(`A variable among the file’s ${side} has no name, mean and deviation: the file is damaged.`);
  });
}
