import { CapacityError } from '../engine.ts';
import type { Stepwise, WholeSequence } from './tuning.ts';

/** The limits of a device that decide what fits it, by WebGPU's own names. */
export type Limits = Pick<
  GPUSupportedLimits,
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupsPerDimension'
>;

/** What a whole-sequence kernel keeps in its workgroup's memory, in bytes for each hidden unit of a row. */
const workgroupMemory = {
  /** h, q */
  'gru-forward': 2 * 4,
  /** da_z, da_r, da_c */
  'gru-backward': 3 * 4,
  /** h, h′ */
  'rnn-forward': 2 * 4,
  /** ds of two timesteps */
  'rnn-backward': 2 * 4,
} as const;

type WholeSequenceKernel = keyof typeof workgroupMemory;

/** Bytes of a sum of 4 × 4 that an invocation keeps in its workgroup's memory where K is cut into parts; else there is one. */
const sumBytes = 64;

/** How many rows a workgroup can take through the whole sequence, as many of 4 as its memory holds; 0 if not even one. */
export const mostRows = (kernel: WholeSequenceKernel, HIDDEN: number, limits: Limits): number =>
  [4, 2, 1].find((rows) => rowBytes(kernel, HIDDEN, rows) + sumBytes <= limits.maxComputeWorkgroupStorageSize) ?? 0;

const rowBytes = (kernel: WholeSequenceKernel, HIDDEN: number, rows: number): number =>
  rows * HIDDEN * workgroupMemory[kernel];

/**
 * How many rows a workgroup takes through the whole sequence, how many invocations share them, and in how many parts of K.
 *
 * @throws CapacityError if not even one row fits.
 */
export function wholeSequenceShape(
  kernel: WholeSequenceKernel,
  HIDDEN: number,
  { rows, workgroup, parts }: WholeSequence,
  limits: Limits,
) {
  const most = mostRows(kernel, HIDDEN, limits);
  if (most === 0) {
    throw new CapacityError(
      `${HIDDEN} hidden units do not fit this device: shaders/${kernel}.wgsl needs ${rowBytes(kernel, HIDDEN, 1) + sumBytes} bytes of workgroup memory, maxComputeWorkgroupStorageSize is ${limits.maxComputeWorkgroupStorageSize}.`,
    );
  }
  const ROWS = [4, 2, 1].find((count) => count <= Math.min(rows, most))!;
  const columns = invocations(HIDDEN, workgroup, limits);
  // Where K is cut, each invocation keeps a sum of 4 × 4 besides.
  const room = limits.maxComputeWorkgroupStorageSize - rowBytes(kernel, HIDDEN, ROWS);
  const invocationsLeft = Math.min(limits.maxComputeInvocationsPerWorkgroup, room / sumBytes);
  const PARTS = powerWithin(parts, invocationsLeft / columns);
  return { ROWS, WORKGROUP: columns * PARTS, PARTS };
}

/** How many invocations share the tiles of a row of `HIDDEN` units, at most `most`. */
export function invocations(HIDDEN: number, most: number, limits: Limits): number {
  const allowed = Math.min(limits.maxComputeInvocationsPerWorkgroup, powerWithin(most, most));
  return Math.min(allowed, Math.max(32, powerOf2(HIDDEN / 4)));
}

/** Columns of tiles that a workgroup of a stepwise kernel owns. */
export const stepColumns = 8;

/** Into how many tiles of 4 rows, and parts of K, a workgroup of a stepwise kernel is divided. */
export function stepwiseShape({ rows, parts }: Stepwise, limits: Limits) {
  const most = Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupStorageSize / sumBytes);
  const QUADS = powerWithin(rows / 4, most / stepColumns);
  // WebGPU allows a workgroup no more than 64 in its third dimension.
  return { QUADS, PARTS: powerWithin(parts, Math.min(64, most / stepColumns / QUADS)) };
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
