import type { Ceilings, Dispatch } from './results.ts';

/** What a device can do at most: the roof under which its kernels stand (Williams, Waterman and Patterson, 2009). */
export interface Roof {
  /** Floating-point operations a second. */
  readonly operations: number;
  /** Bytes a second. */
  readonly bytes: number;
}

/** The roof that the best of the measurements set. */
export const roofOf = ({ operations, bytes, multiplyAdd, copy }: Ceilings): Roof => ({
  operations: (operations / multiplyAdd.least) * 1000,
  bytes: (bytes / copy.least) * 1000,
});

/** The least time that a dispatch can take under a roof, in milliseconds: its operations or its bytes, whichever takes longer. */
export const floorOf = ({ operations, bytes }: Pick<Dispatch, 'operations' | 'bytes'>, roof: Roof): number =>
  Math.max(operations / roof.operations, bytes / roof.bytes) * 1000;

/** What bounds a dispatch from below. */
export const boundBy = ({ operations, bytes }: Pick<Dispatch, 'operations' | 'bytes'>, roof: Roof) =>
  operations / roof.operations > bytes / roof.bytes ? 'arithmetic' : 'memory';

/** The share of the floor that a dispatch reaches: 1 would be the best there can be. */
export const shareOf = (dispatch: Dispatch, roof: Roof): number =>
  floorOf(dispatch, roof) / dispatch.milliseconds.median;

/** Operations, or bytes, a second at a median time. */
export const rate = (amount: number, { median }: { readonly median: number }): number => (amount / median) * 1000;
