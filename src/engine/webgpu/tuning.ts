import type { ModelConfiguration } from '../../model/configuration.ts';
import { parametersOf } from '../../model/parameters.ts';
import type { Capacity } from '../engine.ts';
import { paddedLayout, paddedModel } from '../padding.ts';
import { invocations, type Limits, mostRows, powerOf2 } from './limits.ts';

/**
 * How a training step is cut up for a device; it changes the order of some sums, and with it their last bits, but nothing
 * else. Every figure is an upper bound: a kernel takes less of it where the device or the batch has no room for more.
 */
export type Tuning = WholeSequence | Stepwise;

/** A workgroup takes a few rows through the whole sequence. */
export interface WholeSequence {
  readonly strategy: 'whole-sequence';
  /** Rows of the batch that a workgroup owns: 4, 2 or 1. */
  readonly rows: number;
  /** Invocations side by side that share them. */
  readonly workgroup: number;
  /** Parts of K, each with as many invocations again, so that one workgroup fills more of its core. */
  readonly parts: number;
  /** Dispatches into which a sequence is cut, so that none holds the device for long. */
  readonly stretches: number;
  /** Parts into which the weight gradients cut K = T·B. */
  readonly splits: number;
}

/** All rows take a timestep together, as products tiled over the whole device, with one or two dispatches a timestep. */
export interface Stepwise {
  readonly strategy: 'stepwise';
  /** Rows of the batch that a workgroup owns, a multiple of 4. */
  readonly rows: number;
  /** Parts of K within a workgroup, so that small products still fill a device. */
  readonly parts: number;
  /** Parts into which the weight gradients cut K = T·B. */
  readonly splits: number;
}

/** Rows of K that are worth a part of their own in a weight gradient. */
const splitRows = 256;
/** Tiles of 4 × 4 weights that fill a device; with more, K is not cut. */
const enoughTiles = 16384;

/** Into how many parts K is cut by default, so that there is work for a whole device. */
function defaultSplits(model: ModelConfiguration, { rows, timesteps }: Capacity): number {
  const { inputSize: I, hiddenSize: H, outputSize: O } = paddedModel(model);
  const gates = parametersOf(model.cell, 'input').length;
  const tiles = (gates * H * H + H * O + (model.inputs === 'vectors' ? gates * I * H : 0)) / 16;
  return Math.max(1, Math.min(Math.ceil((rows * timesteps) / splitRows), Math.floor(enoughTiles / tiles)));
}

const wholeSequence = (model: ModelConfiguration, capacity: Capacity): WholeSequence => ({
  strategy: 'whole-sequence',
  rows: 4,
  workgroup: 256,
  parts: 1,
  stretches: 1,
  splits: defaultSplits(model, capacity),
});

const stepwise = (model: ModelConfiguration, capacity: Capacity): Stepwise => ({
  strategy: 'stepwise',
  rows: Math.min(32, 4 * powerOf2(Math.ceil(capacity.rows / 4))),
  parts: 1,
  splits: defaultSplits(model, capacity),
});

/** What is used where nothing has been measured: whole sequences, as long as the device's workgroups have room for a row. */
export function defaultTuning(model: ModelConfiguration, capacity: Capacity, limits: Limits): Tuning {
  return fitsWholeSequence(model, limits) ? wholeSequence(model, capacity) : stepwise(model, capacity);
}

function fitsWholeSequence({ cell, hiddenSize }: ModelConfiguration, limits: Limits): boolean {
  const H = Math.ceil(hiddenSize / 4) * 4;
  return Math.min(mostRows(`${cell}-forward`, H, limits), mostRows(`${cell}-backward`, H, limits)) > 0;
}

/** A few tunings that fit and are worth a try, the default first. */
export function candidates(model: ModelConfiguration, capacity: Capacity, limits: Limits): readonly Tuning[] {
  const whole = wholeSequence(model, capacity);
  const steps = stepwise(model, capacity);
  const H = Math.ceil(model.hiddenSize / 4) * 4;
  const most = mostRows(`${model.cell}-backward`, H, limits);
  const tried: Tuning[] = [defaultTuning(model, capacity, limits)];
  if (fitsWholeSequence(model, limits)) {
    // A row of few tiles leaves most of a core idle, unless several invocations share each.
    const columns = invocations(H, whole.workgroup, limits);
    const spare = limits.maxComputeInvocationsPerWorkgroup / columns;
    if (spare >= 2) tried.push({ ...whole, parts: spare });
    if (spare >= 4) tried.push({ ...whole, parts: spare / 2 });
    if (columns >= 128) tried.push({ ...whole, workgroup: 64, parts: 4 });
    // Fewer rows a workgroup stream the weights more often, but spread what is done for each element.
    if (Math.min(most, capacity.rows) >= 2) tried.push({ ...whole, rows: 1, parts: spare });
  }
  tried.push(steps, { ...steps, parts: 4 }, { ...steps, rows: Math.min(16, steps.rows), parts: 8 });
  const written = tried.map(writeTuning);
  return tried.filter((_, i) => written.indexOf(written[i]!) === i);
}

/** What is worth a try on top of the best of those: the weight gradients are the same whatever goes before them. */
export function refinements(best: Tuning, model: ModelConfiguration, capacity: Capacity, limits: Limits): Tuning[] {
  const most = Math.min(
    Math.ceil((capacity.rows * capacity.timesteps) / splitRows),
    Math.floor(limits.maxStorageBufferBindingSize / (4 * paddedLayout(model).length)),
  );
  const others = [4, 16, 0.25].map((factor) => Math.min(most, Math.floor(best.splits * factor)));
  const untried = others.filter((splits, i) => splits > 0 && splits !== best.splits && others.indexOf(splits) === i);
  return untried.map((splits) => ({ ...best, splits }));
}

/** A tuning as a line that a person can read and write: `stepwise rows=32 parts=4 splits=8`. */
export function writeTuning({ strategy, ...figures }: Tuning): string {
  return [strategy, ...Object.entries(figures).map(([name, value]) => `${name}=${value}`)].join(' ');
}

const figuresOf = {
  'whole-sequence': ['rows', 'workgroup', 'parts', 'stretches', 'splits'],
  stepwise: ['rows', 'parts', 'splits'],
} as const satisfies Record<Tuning['strategy'], readonly string[]>;

/**
 * Reads such a line, which may leave out figures.
 *
 * @throws RangeError saying what is wrong with it
 */
export function parseTuning(written: string): Pick<Tuning, 'strategy'> & Partial<Tuning> {
  const [strategy, ...figures] = written.trim().split(/\s+/);
  if (strategy !== 'whole-sequence' && strategy !== 'stepwise') {
    throw new RangeError(`A tuning begins with whole-sequence or stepwise, not “${strategy}”.`);
  }
  const known: readonly string[] = figuresOf[strategy];
  const read = figures.map((figure) => {
    const [, name = '', value = ''] = /^([a-z]+)=([1-9]\d{0,5})$/.exec(figure) ?? [];
    if (known.includes(name)) return [name, Number(value)] as const;
    throw new RangeError(`The tuning ${strategy} takes ${known.join(', ')}, as in “rows=4”, not “${figure}”.`);
  });
  return { strategy, ...Object.fromEntries(read) };
}

/**
 * Reads such a line; what it leaves out is as by default.
 *
 * @throws as `parseTuning` does
 */
export function readTuning(written: string, model: ModelConfiguration, capacity: Capacity): Tuning {
  const told = parseTuning(written);
  const usual = told.strategy === 'stepwise' ? stepwise(model, capacity) : wholeSequence(model, capacity);
  return { ...usual, ...told } as Tuning;
}
