import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Capacity, Precision } from '../engine.ts';
import { paddedLayout } from '../padding.ts';
import { invocations, type Limits, mostRows, powerOf2, unitBytes } from './limits.ts';
import { networkOf } from './network.ts';
import { type Common, parseTuning, type Stepwise, type Tuning, type WholeSequence, writeTuning } from './tuning.ts';

/** Rows of K that are worth a part of their own in a weight gradient. */
const splitRows = 256;
/** Tiles of 4 × 4 weights that fill a device; with more, K is not cut. */
const enoughTiles = 16384;

/** Into how many parts K is cut by default, so that there is work for a whole device. */
function defaultSplits(model: ModelConfiguration, { rows, timesteps }: Capacity): number {
  const { padded, matrices, inputMatrices } = networkOf(model);
  const { inputSize: I, hiddenSize: H, outputSize: O } = padded;
  const inputs = model.inputs === 'vectors' ? inputMatrices * I * H : 0;
  const further = (model.layers - 1) * (matrices + inputMatrices) * H * H;
  const tiles = (matrices * H * H + H * O + inputs + further) / 16;
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

function defaultStretches(model: ModelConfiguration, { rows, timesteps }: Capacity): number {
  const operations = 2 * networkOf(model).matrices * model.hiddenSize ** 2 * rows * timesteps;
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

function fitsWholeSequence(model: ModelConfiguration, limits: Limits): boolean {
  const network = networkOf(model);
  const { forward, backward } = unitBytes(network);
  return mostRows(Math.max(forward, backward), network.padded.hiddenSize, limits) > 0;
}

/** A few tunings that fit and are worth a try, the default first. */
export function candidates(model: ModelConfiguration, capacity: Capacity, limits: Limits): readonly Tuning[] {
  // Subgroups need neither barriers nor memory for their sums.
  const sums = limits.subgroupSize > 1 ? 'subgroup' : 'workgroup';
  const mostParts = sums === 'subgroup' ? limits.subgroupSize : Number.POSITIVE_INFINITY;
  const whole = { ...wholeSequence(model, capacity), sums } as const;
  const steps = { ...stepwise(model, capacity), sums } as const;
  const network = networkOf(model);
  const H = network.padded.hiddenSize;
  const most = mostRows(unitBytes(network).backward, H, limits);
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
