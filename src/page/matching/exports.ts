import { csvOfCurves, csvOfTrials } from '../../experiment/curves.ts';
import { svgOfCurves } from '../../experiment/plot.ts';
import { saveFile } from '../save-file.ts';
import { circumstancesOf, plottedOf } from './plotted.ts';
import { type MatchingRun, nameOf } from './matching.ts';

/** What can be saved of the runs on the plot, the latest first; of the trials one by one, only the latest run's. */
export const exports: readonly {
  readonly label: string;
  readonly help: string;
  readonly suffix: string;
  readonly contents: (runs: readonly MatchingRun[]) => Blob | Promise<Blob>;
}[] = [
  {
    label: 'Save curves (CSV)',
    help: 'How many trials reach each length, a column for each curve',
    suffix: 'curves.csv',
    contents: (runs) => new Blob([csvOfCurves(plottedOf(runs))], { type: 'text/csv' }),
  },
  {
    label: 'Save trials (CSV)',
    help: 'Every trial of the latest run, a line each',
    suffix: 'trials.csv',
    contents: ([latest]) => new Blob([latest ? csvOfTrials(latest.result) : ''], { type: 'text/csv' }),
  },
  {
    label: 'Save all (JSON)',
    help: 'Everything about all runs on the plot',
    suffix: 'runs.json',
    contents: (runs) => new Blob([jsonOf(runs)], { type: 'application/json' }),
  },
  {
    label: 'Save plot (SVG)',
    help: 'The plot as a drawing',
    suffix: 'plot.svg',
    contents: (runs) => new Blob([svgOf(runs)], { type: 'image/svg+xml' }),
  },
  {
    label: 'Save plot (PNG)',
    help: 'The plot as a picture',
    suffix: 'plot.png',
    contents: (runs) => pngOf(svgOf(runs)),
  },
];

/** Hands a file to the browser to be saved. */
export async function save(
  runs: readonly MatchingRun[],
  { suffix, contents }: (typeof exports)[number],
): Promise<void> {
  const [latest] = runs;
  if (!latest) return;
  const text = latest.datasetName.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  saveFile(`matching-${text}-step-${latest.step}-${suffix}`, await contents(runs));
}

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

function svgOf(runs: readonly MatchingRun[]): string {
  const caption = runs[0] ? `${nameOf(runs[0])}: ${circumstancesOf(runs[0])}` : '';
  return svgOfCurves(plottedOf(runs), caption.charAt(0).toUpperCase() + caption.slice(1));
}

/** A drawing as a picture, at twice its size. */
async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(2 * image.naturalWidth, 2 * image.naturalHeight);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}
