import type { Candidate } from '../../training/looks/expectation.ts';
import type { Reading } from '../../training/looks/reading.ts';
import { spokenSymbol } from './words.ts';

/** What surprised the network, and what it expected, in words and figures. */

/** The surprise that has the full colour, in bits. */
export const fullSurprise = 8;

/** How many characters are told that stand before another. */
const context = 4;

/** How strongly a surprise is coloured, from 0 to 1. */
export const strengthOf = (bits: number): number => Math.min(1, Math.max(0, bits / fullSurprise || 0));

/** 9.1 bits */
export const formatBits = (bits: number): string => `${bits.toFixed(1)} bits`;

/** A probability in percent: 62 %, 0.4 %, < 0.1 % */
export function formatProbability(probability: number): string {
  if (probability < 0.0005) return '< 0.1 %';
  return `${(100 * probability).toFixed(probability < 0.0995 ? 1 : 0)} %`;
}

/** Where a text surprised the network most: “q” after “the ” costs 9.1 bits. Empty of one in which nothing did. */
export function mostSurprising(symbols: readonly string[], surprises: ArrayLike<number>): string {
  let most = -1;
  for (let t = 0; t < symbols.length; t++) if (surprises[t]! > (surprises[most] ?? 0)) most = t;
  if (most < 0) return '';
  const before = symbols
    .slice(Math.max(0, most - context), most)
    .join('')
    .replaceAll('\n', '↵');
  const where = before === '' ? 'at the start' : `after “${before}”`;
  return `${spokenSymbol(symbols[most]!)} ${where} costs ${formatBits(surprises[most]!)}`;
}

/** Where the network stumbles in what it reads, and what all that costs it, in a sentence; of what is no text, nothing. */
export function stumbleOf({ read, expectation }: Reading): string {
  if (!expectation || !read.symbols) return '';
  const most = mostSurprising(read.symbols, expectation.surprises);
  if (most === '') return 'One character alone cannot surprise it: it has to be read after others.';
  const known = expectation.surprises.filter((bits) => !Number.isNaN(bits));
  const mean = known.reduce((sum, bits) => sum + bits, 0) / known.length;
  return `It stumbles most here: ${most}; on average a character costs ${formatBits(mean)}.`;
}

/** A character that may come next, or that came. */
export interface Prospect extends Candidate {
  /** What it cost, in bits, if it is what came. */
  readonly cost?: number;
}

/** What may come after a timestep: the likeliest, and what came if it is none of them. */
export function prospectsAt({ read, expectation }: Reading, t: number): readonly Prospect[] {
  const likeliest = expectation?.likeliest[t] ?? [];
  const next = read.symbols?.[t + 1];
  if (!expectation || next === undefined) return likeliest;
  const cost = expectation.surprises[t + 1]!;
  const prospects = likeliest.map((candidate) => (candidate.symbol === next ? { ...candidate, cost } : candidate));
  const isAmong = likeliest.some(({ symbol }) => symbol === next);
  return isAmong ? prospects : [...prospects, { symbol: next, probability: 2 ** -cost, cost }];
}

/** The same in a sentence: It expected “e” 62 %, “a” 20 %; “e” came next, and cost 0.7 bits. */
export function expectedAt(reading: Reading, t: number): string {
  const prospects = prospectsAt(reading, t);
  if (prospects.length === 0) return '';
  const spoken = prospects.map(
    ({ symbol, probability }) => `${spokenSymbol(symbol)} ${formatProbability(probability)}`,
  );
  const came = prospects.find(({ cost }) => cost !== undefined);
  const cost = came ? `; ${spokenSymbol(came.symbol)} came next, and cost ${formatBits(came.cost!)}` : '';
  return `It expected ${spoken.join(', ')}${cost}.`;
}
