import { type JsonObject, quote } from '../../files/json.ts';
import { listed } from '../fault.ts';
import { charactersOf } from './collect.ts';
import { type Complain as ComplainOfValue, lengthOf, numberOf, type Sequence, sequenceOf } from './sequence.ts';

/** Makes the error for what is wrong with an object, or with a key of it. */
export type Complain = (complaint: string, key?: string) => Error;

/** A sample as an object of JSON has it. */
export interface JsonSample {
  readonly inputs: Part;
  readonly targets: Part & { readonly at: 'end' | 'timestep' };
}

interface Part {
  /** The key that has it. */
  readonly key: string;
  readonly sequence: Sequence;
  /** What it is, in words: all samples of a dataset have it alike. */
  readonly form: string;
}

/** The keys that mean something. */
export const keys = ['text', 'inputs', 'label', 'targets', 'target'];

/**
 * Reads a sample.
 *
 * @throws what `complain` makes
 */
export function sampleOf(object: JsonObject, complain: Complain): JsonSample {
  /** The one of some keys that the object has. */
  const keyOf = (...choices: string[]): string => {
    const present = choices.filter((key) => object.has(key));
    if (present.length === 0) throw complain(`there is no ${choices.map(quote).join(' or ')}: add it.`);
    if (present.length > 1) throw complain(`there are both ${listed(present.map(quote))}: leave one of them.`);
    return present[0]!;
  };
  const about =
    (key: string): ComplainOfValue =>
    (complaint) =>
      complain(complaint, key);
  const from = keyOf('text', 'inputs');
  const inputs = inputsIn(object.get(from), from, about(from));
  const to = keyOf('label', 'targets', 'target');
  const [value, complainOf] = [object.get(to), about(to)];
  const target = (at: 'end' | 'timestep', sequence: Sequence, form: string): JsonSample => ({
    inputs: { key: from, sequence: inputs, form: formOf(inputs, 'characters') },
    targets: { key: to, at, sequence, form },
  });
  if (to === 'label') return target('end', labelIn(value, complainOf), 'a label');
  if (to === 'target') {
    const vector = vectorIn(value, complainOf);
    return target('end', vector, `${formOf(vector)} for the end`);
  }
  const sequence = sequenceOf(value, complainOf);
  const [steps, wanted] = [lengthOf(sequence), lengthOf(inputs)];
  if (steps !== wanted) {
    throw complainOf(`it has ${steps} for the ${wanted} timesteps of ${quote(from)}: make them as many.`);
  }
  return target('timestep', sequence, `${formOf(sequence, 'classes')} for timesteps`);
}

const formOf = (sequence: Sequence, words = ''): string => {
  if (sequence.kind === 'words') return words;
  return sequence.width === 1 ? 'numbers' : `vectors of ${sequence.width} numbers`;
};

function inputsIn(value: unknown, key: string, complain: ComplainOfValue): Sequence {
  if (key === 'text' && typeof value !== 'string') throw complain('it is not a string: write the text in quotes.');
  if (Array.isArray(value) && value.includes(null)) {
    throw complain(`element ${value.indexOf(null) + 1} is null: only targets may be absent.`);
  }
  const sequence = sequenceOf(value, complain);
  if (sequence.kind === 'vectors') return sequence;
  const words = sequence.words.map((word, index) => {
    const characters = charactersOf(word!);
    if (characters.length === 1) return characters[0]!;
    throw complain(`element ${index + 1} is not one character, but ${quote(word!)}: write each character for itself.`);
  });
  return { kind: 'words', words };
}

function labelIn(value: unknown, complain: ComplainOfValue): Sequence {
  if (value === null || value === '') throw complain('it is empty: add the label, or leave the line out.');
  if (!['string', 'number', 'boolean'].includes(typeof value))
    throw complain('it is not a name: write a string or a number.');
  return { kind: 'words', words: [String(value)] };
}

function vectorIn(value: unknown, complain: ComplainOfValue): Sequence {
  const numbers: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (numbers.length === 0) throw complain('it is empty: leave the line out.');
  const values = numbers.map((number, index) =>
    numberOf(number, Array.isArray(value) ? `element ${index + 1}` : 'it', complain),
  );
  return { kind: 'vectors', width: values.length, values: Float32Array.from(values) };
}
