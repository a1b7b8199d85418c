import { describe, expect, it } from 'vitest';
import { DeviceLostError } from '../../src/engine/engine.ts';
import { type Trial, tune, type Workbench } from '../../src/engine/webgpu/tuner.ts';
import { type Tuning, writeTuning } from '../../src/engine/webgpu/tuning.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { parameterLayout } from '../../src/model/parameters.ts';

/** How a fake device does with a tuning: milliseconds a timestep, and what it does to the gradients. */
interface Nature {
  readonly pace: number;
  readonly spoil?: (gradients: Float32Array) => void;
  readonly loss?: number;
  readonly refuses?: boolean;
}

const layout = parameterLayout(symbolModel('gru', 5, 8));
const common = { parts: 1, sums: 'workgroup', weights: 'f32', splits: 1 } as const;
const whole = (rows: number): Tuning => ({
  strategy: 'whole-sequence',
  rows,
  workgroup: 64,
  stretches: 1,
  ...common,
});
const stepwise: Tuning = { strategy: 'stepwise', rows: 32, ...common, parts: 4 };

/** A device on which time passes only while it works. */
class FakeDevice implements Workbench {
  readonly layout = layout;
  readonly timesteps: number;
  readonly opened: string[] = [];
  trials = 0;
  clock = 0;
  /** The longest that any dispatch has held the device, in milliseconds. */
  longest = 0;
  readonly #natures: Readonly<Record<string, Nature>>;
  readonly #compiling: number;
  readonly #latency: number;

  constructor(natures: Readonly<Record<string, Nature>>, { timesteps = 64, compiling = 10, latency = 0 } = {}) {
    this.#natures = natures;
    this.timesteps = timesteps;
    this.#compiling = compiling;
    this.#latency = latency;
  }

  readonly now = () => this.clock;

  async open(tuning: Tuning): Promise<Trial> {
    this.opened.push(writeTuning(tuning));
    const nature = this.#natures[tuning.strategy === 'stepwise' ? 'stepwise' : `whole ${tuning.rows}`]!;
    this.clock += this.#compiling;
    if (nature.refuses) throw new Error('It does not fit.');
    this.trials++;
    const work = (timesteps: number) => {
      const took = nature.pace * timesteps;
      this.clock += took;
      // Half of a step is its longest dispatch, unless that is cut.
      const parts = tuning.strategy === 'stepwise' ? timesteps : tuning.stretches;
      this.longest = Math.max(this.longest, took / 2 / parts);
      return took;
    };
    return {
      time: async (timesteps, repeats) => {
        let sum = this.#latency;
        this.clock += this.#latency;
        for (let i = 0; i < repeats; i++) sum += work(timesteps);
        return sum / repeats;
      },
      gradients: async () => {
        work(this.timesteps);
        const flat = Float32Array.from({ length: layout.length }, (_, i) => Math.sin(i + 1));
        nature.spoil?.(flat);
        return { loss: nature.loss ?? 1.5, flat };
      },
      close: () => {
        this.trials--;
      },
    };
  }
}

const chosen = async (device: FakeDevice, tunings: readonly Tuning[], budget?: number) => {
  const { tuning } = await tune(tunings, device, budget === undefined ? {} : { budget });
  expect(device.trials).toBe(0);
  return writeTuning(tuning);
};

describe('The tuner', () => {
  it('takes the fastest of those that agree', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 0.3 }, 'whole 2': { pace: 0.4 }, stepwise: { pace: 0.1 } });
    expect(await chosen(device, [whole(4), whole(2), stepwise])).toBe(writeTuning(stepwise));
  });

  it('never takes a slower one, nor one that is no more than noise faster', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 0.1 }, 'whole 2': { pace: 0.12 }, stepwise: { pace: 0.098 } });
    expect(await chosen(device, [whole(4), whole(2), stepwise])).toBe(writeTuning(whole(4)));
  });

  const bias = layout.places.find(({ name }) => name === 'b_y')!;
  it.each<[string, Omit<Nature, 'pace'>]>([
    ['a weight', { spoil: (flat) => flat.fill(0.5, 3, 4) }],
    ['a bias alone', { spoil: (flat) => flat.fill(0.3, bias.offset, bias.offset + 1) }],
    ['a gradient that is no number', { spoil: (flat) => flat.fill(Number.NaN, 7, 8) }],
    ['the loss', { loss: 1.5003 }],
    ['a loss that is no number', { loss: Number.NaN }],
  ])('never takes a wrong one, however fast: %s', async (_, wrong) => {
    const device = new FakeDevice({ 'whole 4': { pace: 1 }, 'whole 2': { pace: 0.01, ...wrong } });
    expect(await chosen(device, [whole(4), whole(2)])).toBe(writeTuning(whole(4)));
  });

  it('allows for rounding', async () => {
    const spoil = (flat: Float32Array) =>
      flat.forEach((value, i) => {
        flat[i] = value * (1 + 1e-6 * Math.cos(i));
      });
    const device = new FakeDevice({ 'whole 4': { pace: 1 }, 'whole 2': { pace: 0.1, spoil, loss: 1.500001 } });
    expect(await chosen(device, [whole(4), whole(2)])).toBe(writeTuning(whole(2)));
  });

  it('is not misled by how long a device takes to answer', async () => {
    const natures = { 'whole 4': { pace: 0.02 }, 'whole 2': { pace: 0.012 } };
    const device = new FakeDevice(natures, { timesteps: 500, latency: 3 });
    const { tuning, tried } = await tune([whole(4), whole(2)], device);
    expect(writeTuning(tuning)).toBe(writeTuning(whole(2)));
    expect(tried.map(({ why }) => why)).toEqual([undefined, undefined]);
  });

  it('goes on where one is refused, and fails where the first is', async () => {
    const natures = { 'whole 4': { pace: 1 }, 'whole 2': { pace: 1, refuses: true }, stepwise: { pace: 0.1 } };
    expect(await chosen(new FakeDevice(natures), [whole(4), whole(2), stepwise])).toBe(writeTuning(stepwise));
    await expect(tune([whole(2), whole(4)], new FakeDevice(natures))).rejects.toThrow('It does not fit.');
  });

  it('begins nothing after its time, and finishes soon', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 1 }, stepwise: { pace: 0.9 } }, { compiling: 100 });
    const many = Array.from({ length: 40 }, (_, i): Tuning => ({ ...stepwise, parts: i + 1 }));
    const { tried, untried } = await tune([whole(4), ...many], device, { budget: 1000 });
    expect(device.opened.length).toBeLessThan(8);
    expect(tried.length + untried).toBe(41);
    expect(device.clock).toBeLessThan(1300);
  });

  it('lets no dispatch hold the device for long: longer sequences are cut', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 1 }, 'whole 2': { pace: 0.8 } }, { timesteps: 300 });
    expect(await chosen(device, [whole(4), whole(2)], 60_000)).toBe(
      writeTuning({ ...whole(2), stretches: 3 } as Tuning),
    );
    expect(device.longest).toBeLessThanOrEqual(50);
  });

  it('cuts them as well where the device is too slow to try anything', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 40 }, stepwise: { pace: 1 } }, { timesteps: 100 });
    const uncut = whole(4);
    const { tuning, tried, untried } = await tune([uncut, stepwise], device, { budget: 1000 });
    expect(writeTuning(tuning)).toBe(writeTuning({ ...uncut, stretches: 40 } as Tuning));
    expect({ tried, untried }).toEqual({ tried: [{ tuning: writeTuning(tuning), why: 'late' }], untried: 1 });
    expect(device.clock).toBeLessThan(1000);
  });

  it('tries refinements on top of the best, one kind on top of another', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 1 }, 'whole 2': { pace: 0.8 }, stepwise: { pace: 0.5 } });
    const refine = [
      (best: Tuning) => (best.strategy === 'stepwise' ? [] : [{ ...best, splits: 7 }, stepwise]),
      (best: Tuning) => [{ ...best, splits: 9 }],
    ];
    expect((await tune([whole(4), whole(2)], device, { refine, budget: 10_000 })).tuning.strategy).toBe('stepwise');
    expect(device.opened).toContain(writeTuning({ ...whole(2), splits: 7 }));
    expect(device.opened.at(-1)).toBe(writeTuning({ ...stepwise, splits: 9 }));
  });

  it('spends no more than a glance on what is hopeless', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 0.1 }, 'whole 2': { pace: 2 } });
    const { tried } = await tune([whole(4), whole(2)], device);
    expect(tried.map(({ why }) => why)).toEqual([undefined, 'slow']);
  });

  it('finds nothing on a device that is lost meanwhile', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 1 }, 'whole 2': { pace: 1 } });
    const open = device.open.bind(device);
    device.open = async (tuning) => {
      if (device.opened.length === 1) throw new DeviceLostError('It was taken away.');
      return open(tuning);
    };
    await expect(tune([whole(4), whole(2)], device)).rejects.toThrow(DeviceLostError);
    expect(device.trials).toBe(0);
  });

  it('stops when it is told to, and leaves nothing open', async () => {
    const device = new FakeDevice({ 'whole 4': { pace: 1 }, 'whole 2': { pace: 1 } });
    const controller = new AbortController();
    const open = device.open.bind(device);
    device.open = async (tuning) => {
      const trial = await open(tuning);
      if (device.opened.length === 2) controller.abort();
      return trial;
    };
    const stopped = tune([whole(4), whole(2), whole(2)], device, { signal: controller.signal });
    await expect(stopped).rejects.toThrow('aborted');
    expect(device.opened).toHaveLength(2);
    expect(device.trials).toBe(0);
  });
});
