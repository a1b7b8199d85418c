/**
 * Names of four peoples that nobody has met, to be told apart. Each people has a hidden Markov model of its names, over much the
 * same letters. What tells them apart is mostly their order: so a count of letters does not go far, and one has to read.
 *
 * The models are known, so it is known how likely each people is, given a name: by Bayes’ rule, from how likely each people's
 * model is to write it, which the forward algorithm says exactly. No network that has not seen the label can do better on average
 * than −log of that probability, nor be right more often than who always says the likeliest.
 */

import { Random } from '../../model/random.ts';
import type { Samples } from '../labelled/samples.ts';
import type { Alternatives } from '../text/grammar.ts';
import { drawWord, type HiddenMarkov, logProbability } from './hidden-markov.ts';

const count = 15_000;

const consonants: Alternatives = { k: 2, l: 3, m: 2, n: 4, r: 3, s: 3, t: 3 };
const bright: Alternatives = { e: 3, i: 2 };
const dark: Alternatives = { a: 3, o: 2, u: 1 };
const vowels: Alternatives = { a: 3, e: 3, i: 2, o: 2, u: 1 };

/** The models, by the names of the peoples. */
export const peoples: Readonly<Record<string, HiddenMarkov>> = {
  // All vowels of a name are bright, or all are dark, as in Finnish or Turkish.
  Kesil: {
    begin: { 'before bright': 1, 'before dark': 1 },
    states: {
      'before bright': { letters: consonants, next: { bright: 1 } },
      bright: { letters: bright, next: { 'before bright': 3, end: 2 } },
      'before dark': { letters: consonants, next: { dark: 1 } },
      dark: { letters: dark, next: { 'before dark': 3, end: 2 } },
    },
  },
  // Bright and dark vowels take turns.
  Tamiro: {
    begin: { 'before bright': 1, 'before dark': 1 },
    states: {
      'before bright': { letters: consonants, next: { bright: 1 } },
      bright: { letters: bright, next: { 'before dark': 3, end: 2 } },
      'before dark': { letters: consonants, next: { dark: 1 } },
      dark: { letters: dark, next: { 'before bright': 3, end: 2 } },
    },
  },
  // Syllables like to be closed, so that consonants meet and names end in them.
  Norlas: {
    begin: { onset: 1 },
    states: {
      onset: { letters: consonants, next: { vowel: 1 } },
      vowel: { letters: vowels, next: { coda: 4, onset: 2, end: 1 } },
      coda: { letters: { l: 2, n: 3, r: 3, s: 2 }, next: { onset: 1, end: 1 } },
    },
  },
  // Names often begin with a vowel, and vowels meet.
  Aileno: {
    begin: { onset: 1, vowel: 2 },
    states: {
      onset: { letters: consonants, next: { vowel: 1 } },
      vowel: { letters: vowels, next: { onset: 4, vowel: 2, end: 4 } },
    },
  },
};

/** Names with their peoples, each people as often as any other. */
export function names(seed = 1): Samples {
  const random = new Random(seed);
  const classes = Object.keys(peoples);
  const models = Object.values(peoples);
  const chances = models.map(logProbability);
  const symbols = [...new Set(models.flatMap(lettersOf))].sort();
  const numbers = new Map(symbols.map((symbol, id) => [symbol, id]));
  const inputs: Uint32Array<ArrayBuffer>[] = [];
  const labels: Uint32Array<ArrayBuffer>[] = [];
  const losses = new Float64Array(count);
  const likeliest = new Uint32Array(count);
  for (let sample = 0; sample < count; sample++) {
    const label = random.integer(models.length);
    const name = drawWord(models[label]!, random);
    inputs.push(Uint32Array.from(name, (letter) => numbers.get(letter)!));
    labels.push(Uint32Array.of(label));
    const posterior = posteriorOf(chances.map((chance) => chance(name)));
    losses[sample] = -Math.log(posterior[label]!);
    likeliest[sample] = posterior.indexOf(Math.max(...posterior));
  }
  return {
    kind: 'labelled',
    name: 'Names of four peoples',
    inputs: { kind: 'symbols', symbols, ids: inputs },
    targets: { kind: 'classes', at: 'end', classes, ids: labels },
    best: { losses, classes: likeliest },
  };
}

/**
 * The probability of each model, given a word, of which each was as likely before: p(model | word) = p(word | model) / Σ p(word | ·).
 *
 * @param chances log p(word | model), of which one at least is finite
 */
export function posteriorOf(chances: readonly number[]): number[] {
  const highest = Math.max(...chances);
  const scaled = chances.map((chance) => Math.exp(chance - highest));
  const sum = scaled.reduce((a, b) => a + b);
  return scaled.map((chance) => chance / sum);
}

const lettersOf = ({ states }: HiddenMarkov): string[] =>
  Object.values(states).flatMap(({ letters }) => Object.keys(letters));
