import type { ModelConfiguration } from '../../model/configuration.ts';
import type { Sampling } from '../engine.ts';
import { scoresOf } from '../output.ts';
import { sample } from '../sampling.ts';
import type { MemoryPlan } from './memory.ts';
import type { Rows } from './rows.ts';

/**
 * Reads primes from a zero state and goes on with the network's own predictions, as many side by side as there is room.
 *
 * @param sequence the number of the first prime, which fixes the noise it is drawn with
 */
export function generate(
  rows: Rows,
  { chunk, model }: MemoryPlan,
  primes: readonly Uint32Array[],
  sequence: number,
  length: number,
  sampling: Sampling,
): Uint32Array<ArrayBuffer>[] {
  const generated = primes.map(() => new Uint32Array(length));
  // A session's rows may be more than a chunk, and a chunk may be more than its rows.
  const room = Math.min(chunk, rows.capacity);
  for (let from = 0; from < primes.length; from += room) {
    const [read, written] = [primes, generated].map((all) => all.slice(from, from + room)) as [
      typeof primes,
      typeof generated,
    ];
    for (const _ of positions(rows, model, read, written, sequence + from, sampling));
  }
  return generated;
}

/**
 * The same position by position, each of which it yields, for who wants to see what is written before all is, or to stop.
 *
 * @param primes no more than there is room for
 * @param generated where what follows each prime is put, all of one length
 */
export function* positions(
  rows: Rows,
  model: ModelConfiguration,
  primes: readonly Uint32Array[],
  generated: readonly Uint32Array[],
  sequence: number,
  sampling: Sampling,
): Generator<number> {
  const { length } = generated[0]!;
  const tokens = rows.size(primes.length, 1).fill(0);
  rows.start();
  const last = Math.max(...primes.map((prime) => prime.length)) + length - 1;
  for (let position = 0; position < last; position++) {
    for (const [row, prime] of primes.entries()) {
      tokens[row] = prime[position] ?? generated[row]![position - prime.length] ?? 0;
    }
    rows.forward();
    rows.logits(0, tokens.length);
    for (const [row, prime] of primes.entries()) {
      const index = position - prime.length + 1;
      if (index < 0 || index >= length) continue;
      const scores = scoresOf(model, rows.logitsOf(row));
      generated[row]![index] = sample(scores, sampling, sequence + row, index);
    }
    rows.goOn();
    yield position;
  }
}
