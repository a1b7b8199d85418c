import { styleText } from 'node:util';
import { curvesOf } from '../experiment/curves.ts';
import type { ExperimentResult, Part, Trial } from '../experiment/experiment.ts';
import { longestTrials } from '../experiment/longest.ts';
import type { ExperimentOptions } from '../experiment/options.ts';
import { networkName } from '../format.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { readable } from './output.ts';

/** What the experiment was made with. */
export interface Subject {
  /** The text's name. */
  readonly dataset: string;
  readonly model: ModelConfiguration;
  /** How far it was trained, where its file tells. */
  readonly step?: number;
}

/** The lengths that the table has a column for, as far as the predictions go. */
const lengths = [1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];
/** How many of the longest matches are shown. */
const shown = 5;
/** Characters of a prediction that are shown after it has left the text. */
const strayed = 24;

/** Text, network and options in a line. */
export function circumstancesOf({ dataset, model, step }: Subject, options: ExperimentOptions): string {
  const { trials, primeLength, temperature } = options;
  return [
    `${visible(dataset)}: ${networkName({ ...model, hidden: model.hiddenSize })}${step === undefined ? '' : ` at step ${count(step)}`}`,
    temperature === 0 ? 'greedy' : `temperature ${temperature}`,
    `${count(trials)} primes of ${primeLength}`,
  ].join(', ');
}

/** The result as a person reads it: how many trials reached which length, and the longest matches. */
export function describeResult(subject: Subject, result: ExperimentResult): string {
  const longest = longestTrials(result, shown).map(({ primesFrom, trial }) => describeMatch(trial, primesFrom));
  return [
    circumstancesOf(subject, result.options),
    '',
    ...tableOf(result),
    '',
    ...(longest.length === 0
      ? ['No prediction of the network matches a single character.']
      : ['The longest matches of the network, as ‹prime›[what matches]what comes after:', ...longest.flat()]),
  ].join('\n');
}

/** A line for each curve. */
function tableOf(result: ExperimentResult): string[] {
  const columns = lengths.filter((length) => length <= result.options.length);
  const head = ['Trials that match at least', ...columns.map(count), 'mean', 'longest'];
  const rows = curvesOf(result).map(({ name, counts }) => {
    const [trials, ...reached] = counts as [number, ...number[]];
    const mean = reached.reduce((sum, each) => sum + each, 0) / trials;
    return [
      name,
      ...columns.map((length) => count(counts[length]!)),
      mean.toFixed(2),
      count(counts.findLastIndex((trials) => trials > 0)),
    ];
  });
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)));
  return [head, ...rows].map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
}

/** What was predicted, and what stands in the text. */
function describeMatch(trial: Trial, primesFrom: Part): string[] {
  const { prime, prediction, length, place, occurrences, before, after } = trial;
  const symbols = Array.from(prediction);
  const common = `‹${visible(prime)}›${styled('bold', `[${visible(symbols.slice(0, length).join(''))}]`)}`;
  const rest = symbols.slice(length, length + strayed).join('');
  const drawn = primesFrom === 'held-out part' ? ', for a prime from the held-out part' : '';
  const places = occurrences === 1 ? 'the only place' : `one of ${count(occurrences)} places`;
  return [
    `${String(length).padStart(5)}  ${common}${styled('dim', visible(rest))}${symbols.length > length + strayed ? '…' : ''}`,
    `       in the text at character ${count(place!)}, ${places}${drawn}:`,
    `       …${styled('dim', visible(before))}${common}${styled('dim', visible(after))}…`,
  ];
}

/** Colours for a terminal that wants them. */
function styled(style: 'bold' | 'dim', text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Line ends as a sign, so that a line stays a line; what else a terminal would obey, as the sign for unknown. */
function visible(text: string): string {
  return readable(text.replaceAll('\n', '↵')).replaceAll('\t', '\uFFFD');
}

const count = (value: number) => value.toLocaleString('en');
