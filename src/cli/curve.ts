import { figureOf } from '../data/measure.ts';
import { csvOf } from '../figures/csv.ts';
import { svgOf } from '../figures/svg.ts';
import type { Points } from '../files/model-file.ts';
import { lossFigure } from '../training/loss-figure.ts';
import { LossHistory } from '../training/loss-history.ts';
import type { Run } from '../training/run.ts';
import { assertWritable, isSameFile, writeKeeping } from './files.ts';
import { UsageError } from './options.ts';

/** How the curve is written, by the ending of its file. */
const forms = { '.csv': csvOf, '.svg': svgOf } as const;

const formOf = (path: string) => Object.entries(forms).find(([ending]) => path.toLowerCase().endsWith(ending))?.[1];

/** Makes sure that a curve can be written to a file. @param others what the command reads and writes besides */
export async function assertCurveFile(path: string, others: readonly (string | undefined)[]): Promise<void> {
  if (!formOf(path)) throw new UsageError(`--curve is a file that ends in .csv or .svg, not “${path}”.`);
  for (const other of others) {
    if (other !== undefined && (await isSameFile(path, other))) {
      throw new UsageError(`${path} cannot be the file of --curve as well: choose another name.`);
    }
  }
  await assertWritable(path);
}

/** Writes the loss of a run over its steps, as a table or a drawing. @returns what has become of it, in a sentence */
export async function writeCurve(path: string, { course, task, configuration, step }: Run): Promise<string> {
  const told = (points: Points): LossHistory => {
    const history = new LossHistory();
    history.restore({ ...points, losses: points.losses.map((loss) => figureOf(task.measure, loss)) });
    return history;
  };
  const figure = lossFigure({
    datasetName: task.dataset.name,
    configuration,
    step,
    measure: task.measure,
    training: told(course.training),
    heldOut: told(course.heldOut),
  });
  const kept = await writeKeeping(path, new TextEncoder().encode(formOf(path)!(figure)));
  return `${path} is written.${kept === undefined ? '' : ` What was there is kept as ${kept}.`}`;
}
