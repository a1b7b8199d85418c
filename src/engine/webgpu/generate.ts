import type { ModelConfiguration } from '../../model/configuration.ts';
import { parametersOf, type Role } from '../../model/parameters.ts';
import { coldest, type Sampling } from '../engine.ts';
import { compile } from './kernels.ts';
import { assertLimit, invocations, limitsOf } from './limits.ts';
import { type Plan, roleRange } from './plan.ts';

/** Positions in one dispatch: few enough that the longest text never holds the device for long. */
const stretchLength = 32;
/** As in generate.wgsl: sequences of a workgroup, and planes of states. */
const rowsPerWorkgroup = 4;
const planes = 3;
const mostInvocations = 64;

/** Runs primes and what follows them. Compiled once; the buffers of a call live as long as the call. */
export class Generator {
  readonly #device: GPUDevice;
  readonly #plan: Plan;
  readonly #pipeline: GPUComputePipeline;

  private constructor(device: GPUDevice, planned: Plan, pipeline: GPUComputePipeline) {
    this.#device = device;
    this.#plan = planned;
    this.#pipeline = pipeline;
  }

  static async compile(device: GPUDevice, model: ModelConfiguration, planned: Plan): Promise<Generator> {
    const { outputSize: VOCABULARY, hiddenSize: HIDDEN } = planned.padded;
    const constants = {
      HIDDEN,
      VOCABULARY,
      UNITS: model.hiddenSize,
      SYMBOLS: model.outputSize,
      GATES: parametersOf(model.cell, 'input').length,
      SIGMOID: Number(model.output === 'sigmoid'),
      WORKGROUP: invocations(HIDDEN, mostInvocations, limitsOf(device)),
    };
    return new Generator(device, planned, await compile(device, { kernel: 'generate', constants }));
  }

  /**
   * @returns a buffer to be mapped: the generated symbols, `[primes.length][length]`
   * @throws CapacityError if there are too many at once
   */
  run(
    parameters: GPUBuffer,
    primes: readonly Uint32Array[],
    length: number,
    { temperature, seed }: Sampling,
  ): GPUBuffer {
    const limits = limitsOf(this.#device);
    const lengths = Uint32Array.from(primes, (prime) => prime.length);
    const longest = lengths.reduce((a, b) => Math.max(a, b));
    const shortest = lengths.reduce((a, b) => Math.min(a, b));
    const workgroups = Math.ceil(primes.length / rowsPerWorkgroup);
    assertLimit(`${primes.length} primes`, 'workgroups', workgroups, 'maxComputeWorkgroupsPerDimension', limits);
    const statesPerRow = planes * this.#plan.padded.hiddenSize;
    const widest = 4 * primes.length * Math.max(length, longest, statesPerRow);
    assertLimit(`${primes.length} primes`, 'bytes', widest, 'maxStorageBufferBindingSize', limits);
    const flatPrimes = new Uint32Array(primes.length * longest);
    for (const [row, prime] of primes.entries()) flatPrimes.set(prime, row * longest);

    const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
    const make = (size: number, usage: GPUBufferUsageFlags) => this.#device.createBuffer({ size, usage });
    const upload = (data: Uint32Array<ArrayBuffer>) => {
      const buffer = make(data.byteLength, STORAGE | COPY_DST);
      this.#device.queue.writeBuffer(buffer, 0, data);
      return buffer;
    };
    const stretch = make(32, UNIFORM | COPY_DST);
    const states = make(primes.length * statesPerRow * 4, STORAGE);
    const generated = make(primes.length * length * 4, STORAGE | COPY_SRC);
    const staging = make(primes.length * length * 4, MAP_READ | COPY_DST);
    const uploaded = [upload(lengths), upload(flatPrimes)];
    const parameter = (from: Role, to?: Role) => ({ buffer: parameters, ...roleRange(this.#plan.layout, from, to) });
    const resources: GPUBindingResource[] = [
      { buffer: stretch },
      ...uploaded.map((buffer) => ({ buffer })),
      parameter('input', 'recurrent'),
      parameter('recurrent', 'output'),
      parameter('output'),
      { buffer: states },
      { buffer: generated },
    ];
    const bindings = this.#device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });

    // The last symbol is drawn from the position before its own.
    const positions = longest + length - 1;
    const words = new ArrayBuffer(32);
    for (let first = 0; first < positions; first += stretchLength) {
      const end = Math.min(first + stretchLength, positions);
      new Uint32Array(words).set([primes.length, longest, shortest, length, first, end]);
      new Float32Array(words, 24).set([temperature < coldest ? 0 : temperature]);
      new Uint32Array(words, 28).set([seed]);
      this.#device.queue.writeBuffer(stretch, 0, words);
      const encoder = this.#device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(this.#pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(workgroups);
      pass.end();
      if (end === positions) encoder.copyBufferToBuffer(generated, 0, staging, 0, staging.size);
      this.#device.queue.submit([encoder.finish()]);
    }
    for (const buffer of [stretch, states, generated, ...uploaded]) buffer.destroy();
    return staging;
  }
}
