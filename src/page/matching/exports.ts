import { csvOfTrials } from '../../experiment/curves.ts';
import { figureOfCurves } from '../../experiment/plot.ts';
import { type Figure, fileName } from '../../figures/figure.ts';
import { svgOf } from '../../figures/svg.ts';
import { capitalised } from '../../format.ts';
import { pngOf } from '../figures/save.ts';
import { saveFile } from '../save-file.ts';
import { type MatchingRun, nameOf } from './matching.ts';
import { circumstancesOf, plottedOf } from './plotted.ts';

/** What can be saved of the runs on the plot besides the figure, the latest first; of the trials, only the latest run's. */
export const exports: readonly {
  readonly label: string;
  readonly help: string;
  readonly suffix: string;
  readonly contents: (runs: readonly [MatchingRun, ...MatchingRun[]]) => Blob | Promise<Blob>;
}[] = [
  {
    label: 'Picture',
    help: 'The plot as a picture (PNG)',
    suffix: 'curves.png',
    contents: (runs) => pngOf(svgOf(figureOfRuns(runs))),
  },
  {
    label: 'Trials (CSV)',
    help: 'Every trial of the latest run, a line each',
    suffix: 'trials.csv',
    contents: ([latest]) => new Blob([csvOfTrials(latest.result)], { type: 'text/csv' }),
  },
  {
    label: 'All (JSON)',
    help: 'Everything about all runs on the plot',
    suffix: 'runs.json',
    contents: (runs) => new Blob([jsonOf(runs)], { type: 'application/json' }),
  },
];

/** What is on the plot of some runs. */
export function figureOfRuns(runs: readonly [MatchingRun, ...MatchingRun[]]): Figure {
  const [latest] = runs;
  const title = capitalised(`${nameOf(latest)}: ${circumstancesOf(latest)}`);
  return { ...figureOfCurves(plottedOf(runs), title), name: nameFor(latest, 'curves') };
}

/** Hands a file to the browser to be saved. */
export async function save(
  runs: readonly MatchingRun[],
  { suffix, contents }: (typeof exports)[number],
): Promise<void> {
  if (isSome(runs)) saveFile(nameFor(runs[0], suffix), await contents(runs));
}

export const isSome = (runs: readonly MatchingRun[]): runs is readonly [MatchingRun, ...MatchingRun[]] =>
  runs.length > 0;

const nameFor = ({ datasetName, step }: MatchingRun, suffix: string): string =>
  `${fileName('matching', datasetName, 'step', step)}-${suffix}`;

function jsonOf(runs: readonly MatchingRun[]): string {
  return JSON.stringify(
    runs.map(({ datasetName, result, step, cell, layers, hidden }) => ({
      text: datasetName,
      step,
      cell,
      layers,
      hidden,
      ...result,
    })),
    null,
    1,
  );
}
