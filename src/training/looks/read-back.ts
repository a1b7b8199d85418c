import { demandText } from '../../data/text/task.ts';
import type { Run } from '../run.ts';
import { surprisesOf } from './expectation.ts';
import { traceAlone } from './trace.ts';

/** A passage as the network that wrote it reads it. It has N characters without its prime. */
export interface ReadBack {
  /** How improbable each character was when it was written, in bits, `[N]`: see `surprisesOf`. */
  readonly surprises: Float32Array;
  /** Which layer the states are of, from 0. */
  readonly layer: number;
  /** H */
  readonly hidden: number;
  /** h after each character, `[N][H]`. */
  readonly states: Float32Array;
}

/** Has the network read what it wrote after a prime, and watches one of its layers, or if it has not so many, the last. */
export async function readBack(run: Run, prime: string, text: string, layer: number): Promise<ReadBack> {
  const { vocabulary } = demandText(run.task).encoding;
  const before = vocabulary.encode(prime);
  const ids = Uint32Array.of(...before, ...vocabulary.encode(text));
  const { layers, hiddenSize: hidden } = run.model;
  const trace = await traceAlone(run.network, ids);
  const seen = Math.min(layer, layers - 1);
  return {
    surprises: surprisesOf(trace.outputs, ids, vocabulary.size).slice(before.length),
    layer: seen,
    hidden,
    states: trace.layers[seen]!['h']!.slice(before.length * hidden),
  };
}
