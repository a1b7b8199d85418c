import type { ModelConfiguration } from '../../model/configuration.ts';
import { assertPrimes } from '../batch.ts';
import type { Sampling } from '../engine.ts';
import { initialState } from '../initial-state.ts';
import { positions } from './generate.ts';
import { instantiateKernels } from './kernels.ts';
import { type MemoryPlan, pagesFor, planMemory } from './memory.ts';
import { Rows } from './rows.ts';
import { writeState } from './state.ts';

/** One at a time. */
const capacity = { rows: 1, timesteps: 1 };

/** A network that does nothing but write, in the thread that asks: the same bits as `CpuSession.generate` with the same kernels. */
export class Writer {
  readonly #plan: MemoryPlan;
  readonly #rows: Rows;

  private constructor(plan: MemoryPlan, rows: Rows) {
    this.#plan = plan;
    this.#rows = rows;
  }

  /**
   * @param kernels without shared memory
   * @param parameters laid out by `parameterLayout(model)`
   * @throws CapacityError if WebAssembly's memory cannot hold it
   */
  static async open(
    kernels: WebAssembly.Module,
    model: ModelConfiguration,
    parameters: Float32Array<ArrayBuffer>,
  ): Promise<Writer> {
    const plan = planMemory(model, capacity, 1);
    const memory = new WebAssembly.Memory(pagesFor(plan.bytes));
    const rows = new Rows(await instantiateKernels(kernels, memory), plan, 0, memory.buffer);
    writeState(plan, memory.buffer, { ...initialState(model, capacity, 0), parameters });
    rows.pack((count) => [0, count]);
    return new Writer(plan, rows);
  }

  /**
   * Reads a prime from a zero state and goes on with the network's own predictions, symbol by symbol. One passage at a time.
   *
   * @throws RangeError if the prime is empty or has ids that the network does not know
   */
  *write(prime: Uint32Array, length: number, sampling: Sampling): Generator<number, undefined> {
    assertPrimes([prime], this.#plan.model, sampling.temperature);
    const generated = new Uint32Array(length);
    for (const position of positions(this.#rows, this.#plan.model, [prime], [generated], 0, sampling)) {
      const index = position - prime.length + 1;
      if (index >= 0) yield generated[index]!;
    }
  }
}
