import type { JsonObject } from '../../json-object.ts';
import { quote } from '../../quote.ts';
import { listed } from '../fault.ts';
import { charactersOf } from './collect.ts';
import { type Complain, lengthOf, numberOf, type Sequence, sequenceOf } from './sequence.ts';

/** A sample as an object of JSON has it. */
export interface JsonSample {
  readonly inputs: JsonPart;
  readonly targets: JsonPart & { readonly at: 'end' | 'timestep' };
}

/** What goes in, or should come out. */
export interface JsonPart {
  /** The key that has it. */
  readonly key: string;
  readonly sequence: Sequence;
  /** What it is, in words: all samples of a dataset have it alike. */
  readonly form: string;
}

const inputKeys = ['text', 'inputs'] as const;
const targetKeys = ['label', 'targets', 'target'] as const;

/** The keys that mean something. */
export const keys: readonly string[] = [...inputKeys, ...targetKeys];

/** Makes the error for what is wrong with an object, or with a key of it. */
export type ComplainOfKey = (complaint: string, key?: string) => Error;

const about =
  (key: string, complain: ComplainOfKey): Complain =>
  (complaint) =>
    complain(complaint, key);

/** The one of some keys that an object has. */
function keyOf(object: JsonObject, choices: readonly string[], complain: ComplainOfKey): string {
  const present = choices.filter((key) => object.has(key));
  if (present.length === 0) throw complain(`there is no ${choices.map(quote).join(' or ')}: add it.`);
  if (present.length > 1) throw complain(`there are both ${listed(present.map(quote))}: leave one of them.`);
  return present[0]!;
}

/** Whether an object says what should come out. */
export const hasTargets = (object: JsonObject): boolean => targetKeys.some((key) => object.has(key));

/** Reads what goes in. */
export function inputsOf(object: JsonObject, complain: ComplainOfKey): JsonPart {
  const key = keyOf(object, inputKeys, complain);
  const sequence = inputsIn(object.get(key), key, about(key, complain));
  return { key, sequence, form: formOf(sequence, 'characters') };
}

/** Reads a sample. */
export function sampleOf(object: JsonObject, complain: ComplainOfKey): JsonSample {
  const inputs = inputsOf(object, complain);
  const to = keyOf(object, targetKeys, complain);
  const [value, complainOf] = [object.get(to), about(to, complain)];
  const target = (at: 'end' | 'timestep', sequence: Sequence, form: string): JsonSample => ({
    inputs,
    targets: { key: to, at, sequence, form },
  });
  if (to === 'label') return target('end', labelIn(value, complainOf), 'a label');
  if (to === 'target') {
    const vector = vectorIn(value, complainOf);
    return target('end', vector, `${formOf(vector)} for the end`);
  }
  const sequence = sequenceOf(value, complainOf);
  const [steps, wanted] = [lengthOf(sequence), lengthOf(inputs.sequence)];
  if (steps !== wanted) {
    throw complainOf(`it has ${steps} for the ${wanted} timesteps of ${quote(inputs.key)}: make them as many.`);
  }
  return target('timestep', sequence, `${formOf(sequence, 'classes')} for timesteps`);
}

const formOf = (sequence: Sequence, words = ''): string => {
  if (sequence.kind === 'words') return words;
  return sequence.width === 1 ? 'numbers' : `vectors of ${sequence.width} numbers`;
};

function inputsIn(value: unknown, key: string, complain: Complain): Sequence {
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

function labelIn(value: unknown, complain: Complain): Sequence {
  if (value === null || value === '') throw complain('it is empty: add the label, or leave the line out.');
  if (!['string', 'number', 'boolean'].includes(typeof value))
    throw complain('it is not a name: write a string or a number.');
  return { kind: 'words', words: [String(value)] };
}

function vectorIn(value: unknown, complain: Complain): Sequence {
  const numbers: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (numbers.length === 0) throw complain('it is empty: leave the line out.');
  const values = numbers.map((number, index) =>
    numberOf(number, Array.isArray(value) ? `element ${index + 1}` : 'it', complain),
  );
  return { kind: 'vectors', width: values.length, values: Float32Array.from(values) };
}
