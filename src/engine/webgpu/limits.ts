import { CapacityError } from '../engine.ts';
import type { Network } from './network.ts';
import type { Stepwise, Tuning, WholeSequence } from './tuning.ts';

const limitNames = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies (keyof GPUSupportedLimits)[];

/** The limits of a device that decide what fits it, by WebGPU's own names. */
export type Limits = Readonly<Record<(typeof limitNames)[number], number>> & {
  /** The invocations of its smallest subgroup; 1 where it has no subgroup operations. */
  readonly subgroupSize: number;
};

/** A device's limits. */
export function limitsOf({ limits, features, adapterInfo }: GPUDevice): Limits {
  const named = Object.fromEntries(limitNames.map((name) => [name, limits[name]])) as Omit<Limits, 'subgroupSize'>;
  return { ...named, subgroupSize: features.has('subgroups') ? (adapterInfo.subgroupMinSize ?? 1) : 1 };
}

/**
 * What a whole-sequence kernel keeps in its workgroup's memory, in bytes for each hidden unit of a row: forward two operands of
 * products, backward da of each gate that has one.
 */
export const unitBytes = ({ matrices }: Pick<Network, 'matrices'>) => ({ forward: 2 * 4, backward: matrices * 4 });

/** Bytes of a sum of 4 × 4 that an invocation keeps in its workgroup's memory where K is cut into parts; else there is one. */
const sumBytes = 64;

/** How many rows a workgroup can take through the whole sequence, as many of 4 as its memory holds; 0 if not even one. */
export const mostRows = (unitBytes: number, HIDDEN: number, limits: Limits): number =>
  [4, 2, 1].find((rows) => rows * HIDDEN * unitBytes + sumBytes <= limits.maxComputeWorkgroupStorageSize) ?? 0;

/**
 * How many rows a workgroup takes through the whole sequence, how many invocations share them, and in how many parts of K.
 *
 * @param kernel its file under `shaders/`, to name it
 * @throws CapacityError if not even one row fits.
 */
export function wholeSequenceShape(
  kernel: string,
  HIDDEN: number,
  unitBytes: number,
  { rows, workgroup, parts, sums }: WholeSequence,
  limits: Limits,
): Shape<'ROWS' | 'WORKGROUP'> {
  const most = mostRows(unitBytes, HIDDEN, limits);
  if (most === 0) {
    throw new CapacityError(
      `${HIDDEN} hidden units do not fit this device: shaders/${kernel}.wgsl needs ${HIDDEN * unitBytes + sumBytes} bytes of workgroup memory, maxComputeWorkgroupStorageSize is ${limits.maxComputeWorkgroupStorageSize}.`,
    );
  }
  const ROWS = [4, 2, 1].find((count) => count <= Math.min(rows, most))!;
  const columns = invocations(HIDDEN, workgroup, limits);
  const room = limits.maxComputeWorkgroupStorageSize - ROWS * HIDDEN * unitBytes;
  const { PARTS, subgroups } = partsWithin(parts, sums, columns, room, limits);
  return { constants: { ROWS, WORKGROUP: columns * PARTS, PARTS }, subgroups };
}

/** The overrides of a kernel that decide how its work is shared out among invocations. */
interface Shape<Override extends string> {
  readonly constants: Readonly<Record<Override | 'PARTS', number>>;
  /** Whether subgroup operations sum up the parts. */
  readonly subgroups: boolean;
}

/** Into how many parts of K a workgroup can be divided, each of as many invocations as there are `slots`. */
function partsWithin(parts: number, sums: Tuning['sums'], slots: number, room: number, limits: Limits) {
  const most = limits.maxComputeInvocationsPerWorkgroup;
  if (sums === 'subgroup' && limits.subgroupSize > 1) {
    const PARTS = powerWithin(parts, Math.min(most / slots, limits.subgroupSize));
    return { PARTS, subgroups: PARTS > 1 };
  }
  // Each invocation keeps a sum of 4 × 4 in the workgroup's memory.
  return { PARTS: powerWithin(parts, Math.min(most, room / sumBytes) / slots), subgroups: false };
}

/** How many invocations share the tiles of a row of `HIDDEN` units, at most `most`. */
export function invocations(HIDDEN: number, most: number, limits: Limits): number {
  const allowed = Math.min(limits.maxComputeInvocationsPerWorkgroup, powerWithin(most, most));
  return Math.min(allowed, Math.max(32, powerOf2(HIDDEN / 4)));
}

/** Columns of tiles that a workgroup of a stepwise kernel owns. */
export const stepColumns = 8;

/** Into how many tiles of 4 rows, and parts of K, a workgroup of a stepwise kernel is divided. */
export function stepwiseShape({ rows, parts, sums }: Stepwise, limits: Limits): Shape<'QUADS'> {
  const room = limits.maxComputeWorkgroupStorageSize;
  const most = Math.min(limits.maxComputeInvocationsPerWorkgroup, room / sumBytes);
  const QUADS = powerWithin(rows / 4, most / stepColumns);
  const { PARTS, subgroups } = partsWithin(parts, sums, stepColumns * QUADS, room, limits);
  return { constants: { QUADS, PARTS }, subgroups };
}

/** The largest power of 2 that is neither above `wanted` nor above `most`, and at least 1. */
const powerWithin = (wanted: number, most: number): number =>
  2 ** Math.floor(Math.log2(Math.max(1, Math.min(wanted, most))));

/** The smallest power of 2 that is not below `value`. */
export const powerOf2 = (value: number): number => 2 ** Math.ceil(Math.log2(value));

/** @throws CapacityError naming the limit, what it allows and what is needed. */
export function assertLimit(what: string, unit: string, needed: number, limit: keyof Limits, limits: Limits): void {
  if (needed <= limits[limit]) return;
  throw new CapacityError(
    `Too much for this device: ${what} would need ${needed} ${unit}, ${limit} is ${limits[limit]}.`,
  );
}
