import { describeCell, statesOf } from '../../model/cells/cells.ts';
import { parameterLayout } from '../../model/parameters.ts';
import type { TrainingState } from '../engine.ts';
import { relayout, resizeRows } from '../padding.ts';
import type { MemoryPlan } from './memory.ts';

/** A flat buffer at an address of a session's memory, as a view: padding included. */
export const flatAt = (plan: MemoryPlan, memory: ArrayBufferLike, address: number): Float32Array =>
  new Float32Array(memory, address, plan.layout.length);

/** A flat buffer at an address of a session's memory, as a copy without padding. */
export function readFlat(plan: MemoryPlan, memory: ArrayBufferLike, address: number): Float32Array<ArrayBuffer> {
  const layout = parameterLayout(plan.model);
  return relayout(plan.layout, flatAt(plan, memory, address), layout, new Float32Array(layout.length));
}

/** The states that are carried from one step to the next, as a view: `[S][B][H]`, padding included. */
export function carriedIn({ common, model, capacity, padded }: MemoryPlan, memory: ArrayBufferLike): Float32Array {
  return new Float32Array(memory, common.carried, statesOf(model).length * capacity.rows * padded.hiddenSize);
}

/** A copy of what a session has learned. */
export function readState(plan: MemoryPlan, memory: ArrayBufferLike): Omit<TrainingState, 'step'> {
  const { parameters, m, v, averaged } = plan.common;
  const read = (address: number) => readFlat(plan, memory, address);
  return {
    parameters: read(parameters),
    m: read(m),
    v: read(v),
    ...(averaged !== undefined && { averaged: read(averaged) }),
    carriedState: resizeRows(carriedIn(plan, memory), plan.padded.hiddenSize, plan.model.hiddenSize),
  };
}

/** Puts a state in the place of what a session has learned. */
export function writeState(plan: MemoryPlan, memory: ArrayBufferLike, state: TrainingState): void {
  const { parameters, m, v, averaged = parameters, carriedState } = state;
  const { common, layout, padded, model } = plan;
  const given = parameterLayout(model);
  const write = (address: number, flat: Float32Array) =>
    relayout(given, flat, layout, flatAt(plan, memory, address).fill(0));
  write(common.parameters, parameters);
  write(common.m, m);
  write(common.v, v);
  if (common.averaged !== undefined) write(common.averaged, averaged);
  // What keeps a padding output out of the softmax and the cost, and a padding unit's state at 0.
  const paddingBias = {
    outputBias: model.output === 'linear' ? 0 : -3e38,
    bias: describeCell(model.cell).restless ? -3e38 : 0,
  };
  for (const [i, { role, offset, length }] of layout.places.entries()) {
    if (role !== 'bias' && role !== 'outputBias') continue;
    const start = offset + given.places[i]!.length;
    for (const address of [common.parameters, common.averaged]) {
      if (address !== undefined) flatAt(plan, memory, address).fill(paddingBias[role], start, offset + length);
    }
  }
  carriedIn(plan, memory).set(resizeRows(carriedState, model.hiddenSize, padded.hiddenSize));
}
