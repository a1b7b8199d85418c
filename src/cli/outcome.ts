import type { Baseline } from '../data/dataset.ts';
import { confusionOf } from '../data/labelled/classify.ts';
import type { SamplesTask } from '../data/labelled/task.ts';
import { figureOf, type Measure } from '../data/measure.ts';
import { initialState } from '../engine/initial-state.ts';
import { checkpointOf } from '../training/checkpoint.ts';
import type { Run } from '../training/run.ts';

/** A loss as a person reads it: bits to three places, what has another unit to four digits. */
export const told = (measure: Measure, loss: number): string => {
  const figure = figureOf(measure, loss);
  return measure.unit === 'bits' ? figure.toFixed(3) : String(Number(figure.toPrecision(4)));
};

/** What a model reaches on what is held out. */
export interface Reached extends Baseline {
  /** Of labels: the share that it takes for what they are. */
  readonly accuracy?: number;
}

/** What a trained network reaches on what is held out, and what it is to be held against. */
export interface Outcome {
  readonly network: Reached;
  /** Simpler models, the simplest first. */
  readonly baselines: readonly Reached[];
  /** The least that can be reached, where that is known. */
  readonly floor?: Reached;
}

/**
 * Measures the network that a finished run keeps, and simpler models. Of a text nothing is measured, as its n-grams take long.
 *
 * @param wanted asked again and again: once it says no, the measuring ends
 * @returns nothing if it was ended, or there is nothing held out
 */
export async function outcomeOf(run: Run, wanted: () => boolean): Promise<Outcome | undefined> {
  const { task, heldOut, configuration } = run;
  if (task.dataset.kind === 'text' || task.validationLength === 0 || !wanted()) return undefined;
  const kept = configuration.keep === 'best' ? heldOut?.best.loss : undefined;
  const loss = kept ?? (await run.validate())!;
  const accuracy = task.dataset.kind === 'labelled' ? await accuracyOf(run, task as SamplesTask) : undefined;
  const baselines: Reached[] = [];
  for (const baseline of task.baselines()) {
    baselines.push(baseline);
    // Ctrl-C comes in between two models.
    await new Promise((resolve) => setTimeout(resolve));
    if (!wanted()) return undefined;
  }
  return {
    network: { name: 'the network', loss, ...(accuracy !== undefined && { accuracy }) },
    baselines,
    ...(task.floor && { floor: task.floor }),
  };
}

/** The share of the held-out labels that the network which a run keeps takes for what they are; nothing where there are none. */
async function accuracyOf(run: Run, { dataset, encoding, validation, capacity }: SamplesTask) {
  if (encoding.classes === undefined) return undefined;
  const { parameters } = checkpointOf(run, await run.read());
  const session = await run.engine.open(run.model, capacity);
  try {
    session.write({ ...initialState(run.model, capacity, 0), parameters });
    return (await confusionOf(session, encoding, dataset, validation)).accuracy;
  } finally {
    session.close();
  }
}

/** An outcome in lines, for people. */
export function linesOfOutcome({ network, baselines, floor }: Outcome, measure: Measure): readonly string[] {
  const all = [network, ...baselines, ...(floor ? [floor] : [])];
  const figures = all.map(({ loss }) => told(measure, loss));
  const width = Math.max(...figures.map(({ length }) => length));
  const right = ({ accuracy }: Reached) => (accuracy === undefined ? '' : ` (${(100 * accuracy).toFixed(1)} % right)`);
  return [
    `${measure.name.charAt(0).toUpperCase()}${measure.name.slice(1)} on what is held out:`,
    ...all.map((reached, i) => `  ${figures[i]!.padStart(width)}  ${reached.name}${right(reached)}`),
  ];
}

/** An outcome as one object, for machines: losses as they are, and as the measure tells them. */
export function objectOfOutcome({ network, baselines, floor }: Outcome, measure: Measure) {
  const withFigure = ({ name, loss, accuracy }: Reached) => ({
    name,
    loss,
    [measure.key]: figureOf(measure, loss),
    ...(accuracy !== undefined && { accuracy }),
  });
  const { name: _, ...reached } = withFigure(network);
  return {
    heldOut: reached,
    baselines: baselines.map(withFigure),
    ...(floor && { floor: withFigure(floor) }),
  };
}
