import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeviceLostError } from '../../src/engine/engine.ts';
import { explained } from '../../src/engine/webgpu/lost.ts';
import { ReadBack } from '../../src/engine/webgpu/read-back.ts';
import type { Run } from '../../src/training/run.ts';
import { StepsInFlight } from '../../src/training/steps-in-flight.ts';

/** Milliseconds that the device takes for a step. */
const stepTime = 2;

/** A device of which each step takes its time, and whose answers come at the next tick of a clock. */
class FakeDevice {
  readonly lost = new Promise<GPUDeviceLostInfo>(() => {});
  readonly #tick: number;
  #busyUntil = 0;
  mappings = 0;

  constructor(tick: number) {
    this.#tick = tick;
  }

  createBuffer({ size }: { size: number }) {
    const words = new Float32Array(size / 4);
    let written = 0;
    return {
      size,
      words,
      write: (offset: number, value: number) => {
        this.#busyUntil = Math.max(this.#busyUntil, performance.now()) + stepTime;
        written = this.#busyUntil;
        words[offset / 4] = value;
      },
      mapAsync: () => {
        this.mappings++;
        const answered = Math.ceil((written + 0.01) / this.#tick) * this.#tick;
        return new Promise<void>((resolve) => setTimeout(resolve, answered - performance.now()));
      },
      getMappedRange: () => words.buffer,
      unmap: () => {},
      destroy: () => {},
    };
  }
}

type FakeBuffer = ReturnType<FakeDevice['createBuffer']>;

/** Trains for some milliseconds as a trainer does; each report is the step's number. */
async function train(device: FakeDevice, milliseconds: number) {
  const readBack = new ReadBack(device as unknown as GPUDevice, 4);
  const reports: number[] = [];
  let step = 0;
  let most = 0;
  const encoder = {
    copyBufferToBuffer: (_: unknown, __: number, to: FakeBuffer, offset: number) => to.write(offset, step),
  } as unknown as GPUCommandEncoder;
  const takeStep = async () => {
    expect(readBack.full).toBe(false);
    step++;
    const report = readBack.copy(encoder, {} as GPUBuffer);
    readBack.send();
    return (await report)[0];
  };
  const run = {
    takeStep,
    session: {
      get stepsInFlight() {
        return readBack.most;
      },
    },
  } as unknown as Run;
  const steps = new StepsInFlight(run);
  const training = (async () => {
    while (performance.now() < milliseconds) {
      steps.begin();
      most = Math.max(most, steps.count);
      while (steps.full) reports.push((await steps.take()) as unknown as number);
    }
    while (steps.count > 0) reports.push((await steps.take()) as unknown as number);
  })();
  while (performance.now() < milliseconds + 1000) await vi.advanceTimersByTimeAsync(1);
  await training;
  expect(reports).toEqual(Array.from({ length: step }, (_, i) => i + 1));
  return { steps: step, most };
}

describe('Reports of steps', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    vi.stubGlobal('GPUBufferUsage', { MAP_READ: 1, COPY_DST: 8 });
    vi.stubGlobal('GPUMapMode', { READ: 1 });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('come many at a time where answers are slow, so that the device is kept busy', async () => {
    const device = new FakeDevice(100);
    const { steps } = await train(device, 5000);
    // Of 2500 that the device can take. With 8 under way, and answers every 100 ms, it would be 400.
    expect(steps).toBeGreaterThan(1500);
    expect(device.mappings).toBeLessThan(steps / 2);
  });

  it('come one by one where answers are quick, with no more under way than keep the device busy', async () => {
    const device = new FakeDevice(1);
    const { steps, most } = await train(device, 1000);
    expect(steps).toBeGreaterThan(480);
    expect(most).toBe(8);
    expect(device.mappings).toBe(steps);
  });
});

describe('What a call on a device failed with', () => {
  const failure = new DOMException('Parent device is lost', 'OperationError');
  const losing = (milliseconds: number) =>
    ({
      lost: new Promise((resolve) =>
        setTimeout(resolve, milliseconds, { reason: 'unknown', message: 'The driver was reset.' }),
      ),
    }) as unknown as GPUDevice;

  it.each([
    ['before', 0],
    ['a moment later', 50],
  ])('is the device’s loss, whatever its name, where it is lost %s', async (_, milliseconds) => {
    const found = await explained(losing(milliseconds), failure);
    expect(found).toBeInstanceOf(DeviceLostError);
    expect(found).toMatchObject({ message: 'The driver was reset.', cause: failure });
  });

  it('stays what it is where the device is not lost', async () => {
    const device = { lost: new Promise(() => {}) } as unknown as GPUDevice;
    expect(await explained(device, failure)).toBe(failure);
  });
});
