import { type Curve, curvesOf } from '../../experiment/curves.ts';
import type { Trial } from '../../experiment/experiment.ts';
import { formatCount, networkName } from '../../format.ts';
import { type MatchingRun, nameOf } from './matching.ts';

/** A curve that is on the plot. */
export interface Plotted extends Curve {
  readonly run: MatchingRun;
  readonly trials: readonly Trial[];
}

/** What is plotted of some runs, the latest first: all of the latest; of the others what the network reached. */
export function plottedOf(runs: readonly MatchingRun[]): Plotted[] {
  const names = namesOf(runs);
  return runs.flatMap((run, age) => {
    const curves = curvesOf(run.result).map((curve, i) => {
      const name = curve.kind === 'n-gram' ? curve.name : curve.name.replace('network', names[age] ?? '');
      return { ...curve, name, age, run, trials: run.result.series[i]!.trials };
    });
    return curves.filter(({ kind }) => age === 0 || kind !== 'n-gram');
  });
}

/** What tells the runs apart: step and temperature, and whatever else is not the same in all. */
export function namesOf(runs: readonly MatchingRun[]): string[] {
  const aspects: ((run: MatchingRun) => string)[] = [
    ({ datasetName }) => datasetName,
    networkName,
    ({ result }) => `primes of ${result.options.primeLength}`,
    ({ result }) => `${formatCount(result.options.trials)} trials`,
  ];
  const telling = aspects.filter((aspect) => new Set(runs.map(aspect)).size > 1);
  const names = runs.map((run) => [nameOf(run), ...telling.map((aspect) => aspect(run))].join(', '));
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name}, run ${runs[i]!.id}`,
  );
}

/** What a run was made with. */
export function circumstancesOf(run: MatchingRun): string {
  const { trials, primeLength } = run.result.options;
  return `${run.datasetName}, ${networkName(run)}, ${formatCount(trials)} primes of ${primeLength}`;
}

/** The mean length of the matches, as a person reads it. */
export function meanOf(trials: readonly Trial[]): string {
  const mean = trials.reduce((sum, { length }) => sum + length, 0) / Math.max(1, trials.length);
  return mean.toFixed(mean < 10 ? 2 : 1);
}

export function longestLength(trials: readonly Trial[]): number {
  return trials.reduce((longest, { length }) => Math.max(longest, length), 0);
}

/** The latest run in words. */
export function summaryOf(run: MatchingRun): string {
  const [network, ...others] = curvesOf(run.result).map((curve, i) => ({
    ...curve,
    trials: run.result.series[i]!.trials,
  }));
  if (!network) return '';
  const sentences = [
    `At ${nameOf(run)}, a prediction matches ${meanOf(network.trials)} characters on average, ${longestLength(network.trials)} at most.`,
  ];
  const heldOut = others.find(({ kind }) => kind === 'held out');
  if (heldOut) {
    const known = heldOut.trials.filter(({ occurrences }) => occurrences > 0);
    sentences.push(
      `Of the primes from the held-out part ${formatCount(known.length)} of ${formatCount(heldOut.trials.length)} occur in the training text; from these it matches ${meanOf(known)}.`,
    );
  }
  const nGrams = others.filter(({ kind }) => kind === 'n-gram');
  if (nGrams.length > 0) {
    const means = nGrams.map(({ name, trials }) => `${meanOf(trials)} (${name.split(', ')[1]})`);
    sentences.push(`N-grams match ${means.join(', ')}.`);
  }
  return sentences.join(' ');
}
