import { CapacityError } from '../engine.ts';

/** The limits of a device that decide what fits it, by WebGPU's own names. */
export type Limits = Pick<
  GPUSupportedLimits,
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupsPerDimension'
>;

/** What a whole-sequence kernel keeps in its workgroup's memory, in bytes for each hidden unit of a row and besides. */
const workgroupMemory = {
  /** h, q */
  'gru-forward': { perUnit: 2 * 4, besides: 0, mostInvocations: 256 },
  /** da_z, da_r, da_c */
  'gru-backward': { perUnit: 3 * 4, besides: 0, mostInvocations: 256 },
  /** h, h′ */
  'rnn-forward': { perUnit: 2 * 4, besides: 0, mostInvocations: 256 },
  /** ds of two timesteps */
  'rnn-backward': { perUnit: 2 * 4, besides: 0, mostInvocations: 256 },
  /** h, q, z; each invocation's best score and symbol for 4 rows; the 4 symbols that go in */
  generate: { perUnit: 3 * 4, besides: 64 * 32 + 16, mostInvocations: 64 },
} as const;

/**
 * How many rows a workgroup takes through the whole sequence, as many of 4 as its memory holds, and how many invocations
 * share them.
 *
 * @throws CapacityError if not even one row fits.
 */
export function wholeSequenceShape(kernel: keyof typeof workgroupMemory, HIDDEN: number, limits: Limits) {
  const { perUnit, besides, mostInvocations } = workgroupMemory[kernel];
  const available = limits.maxComputeWorkgroupStorageSize;
  const ROWS = [4, 2, 1].find((rows) => rows * HIDDEN * perUnit + besides <= available);
  if (ROWS === undefined) {
    throw new CapacityError(
      `${HIDDEN} hidden units do not fit this device: shaders/${kernel}.wgsl needs ${HIDDEN * perUnit + besides} bytes of workgroup memory, maxComputeWorkgroupStorageSize is ${available}.`,
    );
  }
  const most = Math.min(limits.maxComputeInvocationsPerWorkgroup, mostInvocations);
  return { ROWS, WORKGROUP: Math.min(most, Math.max(32, powerOf2(HIDDEN / 4))) };
}

/** The smallest power of 2 that is not below `value`. */
export const powerOf2 = (value: number): number => 2 ** Math.ceil(Math.log2(value));

/** @throws CapacityError naming the limit, what it allows and what is needed. */
export function assertLimit(what: string, unit: string, needed: number, limit: keyof Limits, limits: Limits): void {
  if (needed <= limits[limit]) return;
  throw new CapacityError(
    `Too much for this device: ${what} would need ${needed} ${unit}, ${limit} is ${limits[limit]}.`,
  );
}
