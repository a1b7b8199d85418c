import { initialState } from '../engine/initial-state.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { defaultConfiguration } from '../training/configuration.ts';
import { inFormOf } from '../training/prime.ts';
import type { Command } from './command.ts';
import { chooseInNode } from './engine.ts';
import { readModelFile } from './files.ts';
import { type Given, readNumber, UsageError } from './options.ts';
import { output } from './output.ts';
import { writersVocabulary } from './purpose.ts';

/** The most characters at once: all of them are in memory together. */
const longest = 1_000_000;

/** Writes text with a model. */
export const sample: Command = {
  summary: 'Writes text with a model, which goes on from a prime. The same seed writes the same text.',
  operands: [{ name: 'm.safetensors' }],
  settings: ['engine', 'prime', 'temperature', 'seed'],
  options: {
    length: { value: 'n', help: 'How many characters to write. (300)' },
    json: { help: 'Prints {"prime": …, "text": …}, the text without the prime.' },
  },
  run,
};

async function run({ operands: [path], settings, value, has }: Given): Promise<number> {
  const length = readNumber('length', value('length') ?? '300', { minimum: 1, maximum: longest, whole: true });
  const { engine: wanted, temperature, seed } = { ...defaultConfiguration, ...settings };
  const file = await readModelFile(path!);
  const { model, parameters } = file;
  const vocabulary = writersVocabulary(path!, file);
  const prime = settings.prime === undefined ? usablePrime(vocabulary) : inFormOf(vocabulary, settings.prime);
  if (prime === '') throw new UsageError('--prime is empty: it needs at least one character.');
  const ids = encode(vocabulary, prime);
  const { engine } = await chooseInNode(wanted);
  try {
    const capacity = { rows: 1, timesteps: ids.length };
    const session = await engine.open(model, capacity);
    session.write({ ...initialState(model, capacity, 0), parameters });
    const [generated] = await session.generate([ids], length, { temperature, seed });
    const text = vocabulary.decode(generated!);
    if (has('json')) output.printJson({ prime, text });
    else output.print(prime + text);
    session.close();
    return 0;
  } finally {
    engine.close();
  }
}

/** The prime of the settings' table, or if the model does not know all of its characters, the model's first. */
function usablePrime(vocabulary: Vocabulary): string {
  const { prime } = defaultConfiguration;
  return vocabulary.knows(prime) ? prime : vocabulary.symbols[0]!;
}

function encode(vocabulary: Vocabulary, prime: string): Uint32Array<ArrayBuffer> {
  try {
    return vocabulary.encode(prime);
  } catch (error) {
    throw new UsageError(`--prime: ${(error as Error).message}`);
  }
}
