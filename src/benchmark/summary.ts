import { choiceLabel, formatCount, networkName } from '../format.ts';
import { same } from './curves.ts';
import type { Ceilings, Dispatch, Results, Step } from './results.ts';
import { boundBy, floorOf, roofOf } from './roofline.ts';
import { stackOf, stepOperations } from './sizes.ts';
import { charactersPerSecond } from './steps.ts';

/** A dispatch that takes less than so many of the device's least ones is hardly more than its launch. */
const launches = 2;

/**
 * In a sentence, what the device reaches in training and what bounds it: of the step that computes most in a second, and of the
 * kernels or phases of that size, as far as they were measured. `undefined` where no training step was.
 */
export function summaryOf(results: Results): string | undefined {
  const speed = ({ size, milliseconds }: Step) => stepOperations(size) / milliseconds.median;
  const [best] = results.steps.filter(({ task }) => task === 'training').toSorted((a, b) => speed(b) - speed(a));
  if (best === undefined) return undefined;
  const { cell, layers } = stackOf(best.size);
  const network = networkName({ cell, layers, hidden: best.size.H });
  const learns = `${choiceLabel(best.engine)} learns ${formatCount(charactersPerSecond(best))} characters a second here with a ${network}`;
  const why = reasonOf(best, results);
  return why === undefined ? `${learns}.` : `${learns}: ${why}.`;
}

/** What bounds a step. */
function reasonOf({ size, engine }: Step, { kernels, ceilings, phases }: Results): string | undefined {
  const dispatches = engine === 'webgpu' ? kernels.find((each) => same(each.size, size))?.dispatches : undefined;
  if (dispatches !== undefined && ceilings !== undefined) return reasonOfKernels(dispatches, ceilings);
  const measured = phases.find((each) => same(each.size, size) && each.engine === engine);
  if (measured === undefined) return undefined;
  const [longest] = measured.phases.toSorted((a, b) => b.milliseconds.median - a.milliseconds.median);
  return (
    longest &&
    `${percent(longest.milliseconds.median / measured.milliseconds.median)} of a step goes into ${longest.name}`
  );
}

function reasonOfKernels(dispatches: readonly Dispatch[], ceilings: Ceilings): string {
  const roof = roofOf(ceilings);
  const total = (of: readonly Dispatch[], figure: (dispatch: Dispatch) => number) =>
    of.reduce((sum, dispatch) => sum + (dispatch.count ?? 1) * figure(dispatch), 0);
  const time = (of: readonly Dispatch[]) => total(of, ({ milliseconds }) => milliseconds.median);
  const boundOf = (dispatch: Dispatch) =>
    dispatch.milliseconds.median < launches * ceilings.least.median ? 'launches' : boundBy(dispatch, roof);
  const groups = (['arithmetic', 'memory', 'launches'] as const).map(
    (bound) => [bound, time(dispatches.filter((dispatch) => boundOf(dispatch) === bound))] as const,
  );
  const [bound, longest] = groups.toSorted(([, a], [, b]) => b - a)[0]!;
  const share = total(dispatches, (dispatch) => floorOf(dispatch, roof)) / time(dispatches);
  return `${percent(share)} of what the device’s own ceilings allow, and ${bounds[bound]} bounds ${percent(longest / time(dispatches))} of the time`;
}

const bounds = { arithmetic: 'arithmetic', memory: 'memory', launches: 'the launch of dispatches' } as const;

const percent = (share: number): string => `${Math.round(100 * share)} %`;
