/**
 * The gated recurrent unit, forward and backward, in the notation of `docs/architecture.md`: vectors are rows, ⊙ is
 * element-wise, and a one-hot x times a matrix is one of its rows. One sequence at a time.
 *
 * The reset gate stands before the recurrent product: Cho et al., "Learning Phrase Representations using RNN
 * Encoder–Decoder for Statistical Machine Translation", 2014.
 */

import type { ParameterName } from '../../model/parameters.ts';
import {
  accumulate,
  accumulateOuter,
  elementwise,
  type Matrix,
  row,
  sum,
  times,
  timesTransposed,
  type Vector,
  zeros,
} from './vectors.ts';

/** Parameters, or gradients by them, as flat matrices and vectors. */
export type Parameters = Readonly<Record<ParameterName, Matrix>>;

/** What one timestep computed. All are `[H]`. */
export interface Timestep {
  /** The state it started from. */
  readonly h: Vector;
  /** Update gate: how much of the state is replaced. */
  readonly z: Vector;
  /** Reset gate: how much of the state the candidate sees. */
  readonly r: Vector;
  /** r ⊙ h */
  readonly q: Vector;
  /** Candidate. */
  readonly c: Vector;
  /** h′, the state it ended in. */
  readonly next: Vector;
}

const σ = (a: number) => 1 / (1 + Math.exp(-a));

/** One timestep: the state h `[H]` meets the symbol x. */
export function step({ U_z, U_r, U_h, W_z, W_r, W_h, b_z, b_r, b_h }: Parameters, x: number, h: Vector): Timestep {
  const H = h.length;
  const z = sum(row(U_z, x, H), times(h, W_z), b_z).map(σ);
  const r = sum(row(U_r, x, H), times(h, W_r), b_r).map(σ);
  const q = elementwise((r, h) => r * h, r, h);
  const c = sum(row(U_h, x, H), times(q, W_h), b_h).map(Math.tanh);
  const next = elementwise((z, h, c) => (1 - z) * h + z * c, z, h, c);
  return { h, z, r, q, c, next };
}

/** y `[V]`: the logarithm of each symbol's probability after the state h `[H]`. */
export function output({ V, b_y }: Parameters, h: Vector): Vector {
  const logits = sum(times(h, V), b_y);
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const logSum = largest + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - largest), 0));
  return logits.map((logit) => logit - logSum);
}

/** What a sequence left behind on its way forward. */
export interface Forward {
  /** `[T]` */
  readonly timesteps: readonly Timestep[];
  /** y at each timestep: `[T][V]`. */
  readonly logProbabilities: readonly Vector[];
  /** −Σ_t y[target], in nats. */
  readonly loss: number;
}

/** Runs a sequence of symbols through, from the state h `[H]`. */
export function forward(parameters: Parameters, tokens: readonly number[], targets: readonly number[], h: Vector) {
  const timesteps: Timestep[] = [];
  const logProbabilities: Vector[] = [];
  let loss = 0;
  for (const [t, x] of tokens.entries()) {
    const timestep = step(parameters, x, h);
    const y = output(parameters, timestep.next);
    loss -= y[targets[t]!]!;
    timesteps.push(timestep);
    logProbabilities.push(y);
    h = timestep.next;
  }
  return { timesteps, logProbabilities, loss } satisfies Forward;
}

/**
 * Backpropagation through time. Adds to `gradients` the gradient of `scale` times the loss of one sequence.
 *
 * @returns ∂loss/∂h by the state that the sequence started from, `[H]`
 */
export function backward(
  { W_z, W_r, W_h, V }: Parameters,
  tokens: readonly number[],
  targets: readonly number[],
  { timesteps, logProbabilities }: Forward,
  scale: number,
  gradients: Parameters,
): Vector {
  const H = timesteps[0]!.h.length;
  let fromNext = zeros(H);
  for (let t = timesteps.length - 1; t >= 0; t--) {
    const { h, z, r, q, c, next } = timesteps[t]!;

    // y = log softmax(h′ V + b_y):  ∂loss/∂logits = softmax − one-hot(target)
    const dLogits = logProbabilities[t]!.map((y, symbol) => scale * (Math.exp(y) - (symbol === targets[t] ? 1 : 0)));
    accumulateOuter(gradients.V, next, dLogits);
    accumulate(gradients.b_y, dLogits);

    // h′ = (1 − z) ⊙ h + z ⊙ c
    const g = sum(timesTransposed(dLogits, V), fromNext);
    const da_c = elementwise((g, z, c) => g * z * (1 - c * c), g, z, c);
    const da_z = elementwise((g, c, h, z) => g * (c - h) * z * (1 - z), g, c, h, z);

    // q = r ⊙ h
    const dq = timesTransposed(da_c, W_h);
    const da_r = elementwise((dq, h, r) => dq * h * r * (1 - r), dq, h, r);

    fromNext = sum(
      elementwise((g, z) => g * (1 - z), g, z),
      elementwise((dq, r) => dq * r, dq, r),
      timesTransposed(da_z, W_z),
      timesTransposed(da_r, W_r),
    );

    accumulateOuter(gradients.W_z, h, da_z);
    accumulateOuter(gradients.W_r, h, da_r);
    accumulateOuter(gradients.W_h, q, da_c);
    accumulate(row(gradients.U_z, tokens[t]!, H), da_z);
    accumulate(row(gradients.U_r, tokens[t]!, H), da_r);
    accumulate(row(gradients.U_h, tokens[t]!, H), da_c);
    accumulate(gradients.b_z, da_z);
    accumulate(gradients.b_r, da_r);
    accumulate(gradients.b_h, da_c);
  }
  return fromNext;
}
