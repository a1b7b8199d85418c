import type { Session } from '../../engine/engine.ts';

/** What went on within a network while it read one text from a zero state, after each of its symbols. */
export interface TextTrace {
  /** `[T][H]` */
  readonly h: Float32Array;
  /** The gates of a GRU, `[T][H]`. */
  readonly gates?: { readonly z: Float32Array; readonly r: Float32Array };
  /** y as probabilities, `[T][V]`. */
  readonly outputs: Float32Array;
}

/**
 * Has a network read a text. One that is longer than the session takes is read in pieces, each from the state in which the
 * last one ended.
 */
export async function traceText(session: Session, ids: Uint32Array<ArrayBuffer>): Promise<TextTrace> {
  const { hiddenSize: H, outputSize: V, cell } = session.model;
  const h = new Float32Array(ids.length * H);
  const outputs = new Float32Array(ids.length * V);
  const gates = cell === 'gru' ? { z: new Float32Array(h.length), r: new Float32Array(h.length) } : undefined;
  let initialState: 'zero' | Float32Array<ArrayBuffer> = 'zero';
  for (let start = 0; start < ids.length; start += session.capacity.timesteps) {
    const inputs = ids.slice(start, start + session.capacity.timesteps);
    const trace = await session.trace({ rows: 1, timesteps: inputs.length, inputs, targets: inputs, initialState });
    h.set(trace.states.subarray(H), start * H);
    outputs.set(trace.outputs, start * V);
    if (trace.gates.z) gates?.z.set(trace.gates.z, start * H);
    if (trace.gates.r) gates?.r.set(trace.gates.r, start * H);
    initialState = Float32Array.from(trace.states.subarray(inputs.length * H));
  }
  return { h, outputs, ...(gates && { gates }) };
}
