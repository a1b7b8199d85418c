import type { ParameterPlace } from '../../model/parameters.ts';
import { CapacityError, coldest, type Sampling } from '../engine.ts';
import { assertLimit, invocations, type Limits, limitsOf } from './limits.ts';
import { type Network, placesOf, spanOf, strideOf } from './network.ts';
import { bind, type Compilation, compile, type Kernel } from './shaders.ts';

/** Positions in one dispatch: few enough that the longest text never holds the device for long. */
const stretchLength = 32;
/** As in generate.wgsl: sequences of a workgroup, and planes of a layer's states. */
const rowsPerWorkgroup = 4;
const planesPerLayer = 3;
const mostInvocations = 64;

/** The kernel of a network that can go on from its own predictions. */
export function generator(network: Network, limits: Limits): Compilation {
  const { model, padded, letters, gates, matrices, firstGates, inputless, restless, twoPhases } = network;
  const { inputSize: V, hiddenSize: H } = padded;
  return {
    files: [
      'parts/activations',
      'parts/hash',
      'parts/gates',
      ...(twoPhases ? [] : ['parts/one-phase-forward']),
      `cells/${model.cell}-forward`,
      'generate',
    ],
    letters,
    constants: {
      HIDDEN: H,
      SYMBOLS: model.outputSize,
      LAYERS: model.layers,
      GATES: gates,
      MATRICES: matrices,
      FIRST_GATES: firstGates,
      ...(inputless !== undefined && { INPUTLESS: inputless }),
      INPUT_STRIDE: strideOf(V * H),
      WEIGHT_STRIDE: strideOf(H * H),
      BIAS_STRIDE: strideOf(H),
      OUTPUT_BIAS: strideOf(H * V),
      SIGMOID: Number(model.output === 'sigmoid'),
      WORKGROUP: invocations(H, mostInvocations, limits),
      ...(restless && { UNITS: model.hiddenSize }),
    },
  };
}

/** Runs primes and what follows them. Compiled once; the buffers of a call live as long as the call. */
export class Generator {
  readonly #device: GPUDevice;
  readonly #network: Network;
  readonly #kernel: Kernel;

  private constructor(device: GPUDevice, network: Network, kernel: Kernel) {
    this.#device = device;
    this.#network = network;
    this.#kernel = kernel;
  }

  static async compile(device: GPUDevice, network: Network): Promise<Generator> {
    return new Generator(device, network, await compile(device, generator(network, limitsOf(device))));
  }

  /**
   * @returns a buffer to be mapped, once `isSound` has resolved: the generated symbols, `[primes.length][length]`. That
   *   rejects with a CapacityError if the device has no memory for them
   * @throws CapacityError if there are too many at once
   */
  run(
    parameters: GPUBuffer,
    primes: readonly Uint32Array[],
    length: number,
    { temperature, seed }: Sampling,
  ): { readonly staging: GPUBuffer; readonly isSound: Promise<void> } {
    const limits = limitsOf(this.#device);
    const lengths = Uint32Array.from(primes, (prime) => prime.length);
    const longest = lengths.reduce((a, b) => Math.max(a, b));
    const shortest = lengths.reduce((a, b) => Math.min(a, b));
    const workgroups = Math.ceil(primes.length / rowsPerWorkgroup);
    assertLimit(`${primes.length} primes`, 'workgroups', workgroups, 'maxComputeWorkgroupsPerDimension', limits);
    const { model, padded, gates, layout } = this.#network;
    const statesPerRow = (planesPerLayer * model.layers + gates) * padded.hiddenSize;
    const widest = 4 * primes.length * Math.max(length, longest, statesPerRow);
    assertLimit(`${primes.length} primes`, 'bytes', widest, 'maxStorageBufferBindingSize', limits);
    const flatPrimes = new Uint32Array(primes.length * longest);
    for (const [row, prime] of primes.entries()) flatPrimes.set(prime, row * longest);

    const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
    const made: GPUBuffer[] = [];
    const make = (size: number, usage: GPUBufferUsageFlags) => {
      const buffer = this.#device.createBuffer({ size, usage });
      made.push(buffer);
      return buffer;
    };
    const upload = (data: Uint32Array<ArrayBuffer>) => {
      const buffer = make(data.byteLength, STORAGE | COPY_DST);
      this.#device.queue.writeBuffer(buffer, 0, data);
      return buffer;
    };
    // All that is done with a buffer for which there is no memory is invalid: that is told once, and as what it is.
    this.#device.pushErrorScope('validation');
    this.#device.pushErrorScope('out-of-memory');
    const stretch = make(32, UNIFORM | COPY_DST);
    const states = make(primes.length * statesPerRow * 4, STORAGE);
    const generated = make(primes.length * length * 4, STORAGE | COPY_SRC);
    const staging = make(primes.length * length * 4, MAP_READ | COPY_DST);
    const uploaded = { lengths: upload(lengths), primes: upload(flatPrimes) };
    const noMemory = this.#device.popErrorScope();
    const span = (places: readonly ParameterPlace[]) => ({ buffer: parameters, ...spanOf(layout, places) });
    const top = model.layers - 1;
    const outputs = placesOf(this.#network, top, 'output', 'outputBias');
    const inputs = placesOf(this.#network, 0, 'input');
    const bindings = bind(this.#device, 'generate', this.#kernel, {
      stretch: { buffer: stretch },
      lengths: { buffer: uploaded.lengths },
      primes: { buffer: uploaded.primes },
      input: span(inputs),
      weights: span(layout.places.slice(inputs.length, -outputs.length)),
      output: span(outputs),
      states: { buffer: states },
      generated: { buffer: generated },
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
      pass.setPipeline(this.#kernel.pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(workgroups);
      pass.end();
      if (end === positions) encoder.copyBufferToBuffer(generated, 0, staging, 0, staging.size);
      this.#device.queue.submit([encoder.finish()]);
    }
    const invalid = this.#device.popErrorScope();
    const bytes = made.reduce((sum, { size }) => sum + size, 0);
    for (const buffer of made) if (buffer !== staging) buffer.destroy();
    const isSound = async () => {
      const [cause, fault] = await Promise.all([noMemory, invalid]);
      if (cause === null && fault === null) return;
      staging.destroy();
      if (cause === null) throw new Error(fault!.message);
      throw new CapacityError(
        `The device has no memory left to write ${primes.length} × ${length} symbols: that takes ${Math.ceil(bytes / 2 ** 20)} MiB. Write fewer at once.`,
        { cause },
      );
    };
    return { staging, isSound: isSound() };
  }
}
