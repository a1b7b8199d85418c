import { absent } from '../../engine/batch.ts';
import { quote } from '../../quote.ts';
import { DataError } from '../dataset.ts';
import { listed } from '../fault.ts';
import type { SampleInputs, SampleTargets } from './samples.ts';

/** A text as the characters that go in, one at each timestep. Half a surrogate pair becomes U+FFFD, as in a corpus. */
export const charactersOf = (text: string): string[] => Array.from(text.replace(/\p{Surrogate}/gu, '\uFFFD'));

/** The inputs that samples of characters are; symbols in the order of their code points. */
export function symbolsIn(samples: readonly (readonly string[])[]): SampleInputs & { readonly kind: 'symbols' } {
  const symbols = distinct(samples).sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  return { kind: 'symbols', symbols, ids: numbered(samples, symbols) };
}

/**
 * The same, to be learned from.
 *
 * @throws DataError if there are not two different characters
 */
export function symbolInputs(file: string, samples: readonly (readonly string[])[]): SampleInputs {
  const inputs = symbolsIn(samples);
  if (inputs.symbols.length >= 2) return inputs;
  throw new DataError(
    `${file} has only one character, ${inputs.symbols.map(quote).join()}: choose texts of at least two different ones.`,
  );
}

/** The targets that samples of classes are, `undefined` where one is absent; classes in the order of their names. */
export function classesIn(
  at: 'end' | 'timestep',
  samples: readonly (readonly (string | undefined)[])[],
): SampleTargets & { readonly kind: 'classes' } {
  const classes = distinct(samples).sort();
  return { kind: 'classes', at, classes, ids: numbered(samples, classes) };
}

/**
 * The same, to be learned.
 *
 * @throws DataError if there are not two different classes
 */
export function classTargets(
  file: string,
  at: 'end' | 'timestep',
  samples: readonly (readonly (string | undefined)[])[],
): SampleTargets {
  const targets = classesIn(at, samples);
  if (targets.classes.length >= 2) return targets;
  throw new DataError(
    `${file} has only one label, ${targets.classes.map(quote).join()}: there is nothing to tell apart; add samples of another.`,
  );
}

/** What has to be said of classes of which there is one sample: that is either learned from or held out. */
export function remarksOn(targets: SampleTargets): string[] {
  if (targets.kind !== 'classes' || targets.at !== 'end') return [];
  const counts = new Uint32Array(targets.classes.length);
  for (const [id] of targets.ids) counts[id!]!++;
  const single = targets.classes.filter((_, id) => counts[id] === 1);
  if (single.length === 0) return [];
  const shown = single.slice(0, 5).map(quote);
  if (single.length > shown.length) shown.push(`${single.length - shown.length} more`);
  return [`Labels of which there is only one sample, too few to learn and to be tested on: ${listed(shown)}.`];
}

const distinct = (samples: readonly (readonly (string | undefined)[])[]): string[] => {
  const words = new Set<string>();
  for (const sample of samples) for (const word of sample) if (word !== undefined) words.add(word);
  return [...words];
};

function numbered(
  samples: readonly (readonly (string | undefined)[])[],
  words: readonly string[],
): Uint32Array<ArrayBuffer>[] {
  const ids = new Map<string | undefined, number>(words.map((word, id) => [word, id]));
  return samples.map((sample) => Uint32Array.from(sample, (word) => ids.get(word) ?? absent));
}
