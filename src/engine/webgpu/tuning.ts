import type { ModelConfiguration } from '../../model/configuration.ts';
import { parametersOf } from '../../model/parameters.ts';
import { type Capacity, type Precision, precisions } from '../engine.ts';
import { paddedLayout, paddedModel } from '../padding.ts';
import { invocations, type Limits, mostRows, powerOf2 } from './limits.ts';

/**
 * How a training step is cut up for a device; it changes the order of some sums, and with it their last bits, but nothing
 * else. Every figure is an upper bound: a kernel takes less of it where the device or the batch has no room for more.
 */
export type Tuning = WholeSequence | Stepwise;

/** Who takes the sum over parts of K: all of a workgroup through its memory, or, where there are any, its subgroups. */
const sumsTaken = ['workgroup', 'subgroup'] as const;

/** What both strategies have. */
interface Common {
  /** Parts of K, each with as many invocations again, so that one workgroup fills more of its core. */
  readonly parts: number;
  /** Who takes the sum over those parts. */
  readonly sums: (typeof sumsTaken)[number];
  /** As f16 they are half the stream, but rounded to 11 bits: that is chosen by a person, never by the tuner alone. */
  readonly weights: Precision;
  /** Parts into which the weight gradients cut K = T·B. */
  readonly splits: number;
}

/** A workgroup takes a few rows through the whole sequence. */
export interface WholeSequence extends Common {
  readonly strategy: 'whole-sequence';
  /** Rows of the batch that a workgroup owns, and of an invocation's tiles: 4, 2 or 1. */
  readonly rows: number;
  /** Invocations side by side that share them. */
  readonly workgroup: number;
  /** Dispatches into which a sequence is cut, so that none holds the device for long. */
  readonly stretches: number;
}

/** All rows take a timestep together, as products tiled over the whole device, with one or two dispatches a timestep. */
export interface Stepwise extends Common {
  readonly strategy: 'stepwise';
  /** Rows of the batch that a workgroup owns, a multiple of 4. */
  readonly rows: number;
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

const common = (model: ModelConfiguration, capacity: Capacity): Common => ({
  parts: 1,
  sums: 'workgroup',
  weights: 'f32',
  splits: defaultSplits(model, capacity),
});

/**
 * Floating-point operations of one stretch where nothing has been measured: a second on the slowest of GPUs, and systems take
 * a device away from whoever holds it for two.
 */
const mostOperations = 5e10;

function defaultStretches({ cell, hiddenSize: H }: ModelConfiguration, { rows, timesteps }: Capacity): number {
  const operations = 2 * parametersOf(cell, 'recurrent').length * H * H * rows * timesteps;
  return Math.min(timesteps, Math.ceil(operations / mostOperations));
}

const wholeSequence = (model: ModelConfiguration, capacity: Capacity): WholeSequence => ({
  strategy: 'whole-sequence',
  rows: 4,
  workgroup: 256,
  stretches: defaultStretches(model, capacity),
  ...common(model, capacity),
});

const stepwise = (model: ModelConfiguration, capacity: Capacity): Stepwise => ({
  strategy: 'stepwise',
  rows: Math.min(32, 4 * powerOf2(Math.ceil(capacity.rows / 4))),
  ...common(model, capacity),
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
  // Subgroups need neither barriers nor memory for their sums.
  const sums = limits.subgroupSize > 1 ? 'subgroup' : 'workgroup';
  const mostParts = sums === 'subgroup' ? limits.subgroupSize : Number.POSITIVE_INFINITY;
  const whole = { ...wholeSequence(model, capacity), sums } as const;
  const steps = { ...stepwise(model, capacity), sums } as const;
  const H = Math.ceil(model.hiddenSize / 4) * 4;
  const most = mostRows(`${model.cell}-backward`, H, limits);
  const tried: Tuning[] = [];
  if (fitsWholeSequence(model, limits)) {
    // A row of few tiles leaves most of a core idle, unless several invocations share each.
    const columns = invocations(H, whole.workgroup, limits);
    const spare = Math.min(mostParts, limits.maxComputeInvocationsPerWorkgroup / columns);
    if (spare >= 2) tried.push({ ...whole, parts: spare });
    if (spare >= 4) tried.push({ ...whole, parts: spare / 2 });
    if (columns >= 128) tried.push({ ...whole, workgroup: 64, parts: Math.min(4, mostParts) });
    // Fewer rows a workgroup stream the weights more often, but keep more of the device busy.
    if (Math.min(most, capacity.rows) >= 2) tried.push({ ...whole, rows: 1, parts: spare });
  }
  tried.push({ ...steps, parts: 1 }, { ...steps, parts: Math.min(4, mostParts) });
  tried.push({ ...steps, rows: Math.min(16, steps.rows), parts: Math.min(8, mostParts) });
  const all = [defaultTuning(model, capacity, limits), ...tried.map(canonical)];
  const written = all.map(writeTuning);
  return all.filter((_, i) => written.indexOf(written[i]!) === i);
}

/** Where nothing is cut into parts there are no sums. */
const canonical = (tuning: Tuning): Tuning => (tuning.parts === 1 ? { ...tuning, sums: 'workgroup' } : tuning);

/**
 * What is worth a try on top of the best of those, one kind after another: how sums are taken, what does not depend on the
 * rest, and, if that is allowed, weights of half the size.
 */
export function refinements(
  model: ModelConfiguration,
  capacity: Capacity,
  limits: Limits,
  weights: Precision,
): readonly ((best: Tuning) => readonly Tuning[])[] {
  const mostSplits = Math.min(
    Math.ceil((capacity.rows * capacity.timesteps) / splitRows),
    Math.floor(limits.maxStorageBufferBindingSize / (4 * paddedLayout(model).length)),
  );
  return [
    (best) => (best.sums === 'subgroup' ? [{ ...best, sums: 'workgroup' }] : []),
    (best) => (weights === best.weights ? [] : [{ ...best, weights }]),
    (best) => {
      const others = [4, 16, 0.25].map((factor) => Math.min(mostSplits, Math.floor(best.splits * factor)));
      const untried = others.filter(
        (splits, i) => splits > 0 && splits !== best.splits && others.indexOf(splits) === i,
      );
      return untried.map((splits) => ({ ...best, splits }));
    },
  ];
}

/** A tuning as a line that a person can read and write: `stepwise rows=32 parts=4 sums=subgroup weights=f32 splits=8`. */
export function writeTuning({ strategy, ...figures }: Tuning): string {
  const told = figures as Readonly<Record<string, number | string>>;
  return [strategy, ...Object.keys(figuresOf[strategy]).map((name) => `${name}=${told[name]}`)].join(' ');
}

/** What a line says of each strategy: figures, or one of some words. */
const figuresOf = {
  'whole-sequence': {
    rows: 'a figure',
    workgroup: 'a figure',
    parts: 'a figure',
    sums: sumsTaken,
    weights: precisions,
    stretches: 'a figure',
    splits: 'a figure',
  },
  stepwise: { rows: 'a figure', parts: 'a figure', sums: sumsTaken, weights: precisions, splits: 'a figure' },
} as const satisfies Record<Tuning['strategy'], Readonly<Record<string, 'a figure' | readonly string[]>>>;

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
  const known: Readonly<Record<string, 'a figure' | readonly string[]>> = figuresOf[strategy];
  const read = figures.map((figure) => {
    const [, name = '', value = ''] = /^([a-z]+)=([a-z\d]+)$/.exec(figure) ?? [];
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === 'a figure' && /^[1-9]\d{0,5}$/.test(value)) return [name, Number(value)] as const;
    if (kind !== 'a figure' && kind?.includes(value)) return [name, value] as const;
    const example = typeof kind === 'object' ? `${name}=${kind.join('|')}` : 'rows=4';
    throw new RangeError(
      `The tuning ${strategy} takes ${Object.keys(known).join(', ')}, as in “${example}”, not “${figure}”.`,
    );
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
