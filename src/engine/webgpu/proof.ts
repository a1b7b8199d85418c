import type { ModelConfiguration } from '../../model/configuration.ts';
import type { AdamSettings, Capacity, Sampling } from '../engine.ts';
import { initialState } from '../initial-state.ts';
import { limitsOf } from './limits.ts';
import { openSession } from './session.ts';
import { everyShader } from './shaders.ts';
import { adapterKey, type DescribedAdapter, hashOf, type TuningStore } from './tunings.ts';
import { randomBatch } from './workbench.ts';

/** A small network, and what the reference engine finds for it in float64. */
export interface Trial {
  readonly model: ModelConfiguration;
  /** How its steps are cut up, as `readTuning` reads it. */
  readonly tuning: string;
  /** What each of some steps reports. */
  readonly reports: readonly (readonly [loss: number, gradientNorm: number])[];
  /** The symbols that it then writes after `prime`, where it can. */
  readonly written?: readonly number[];
}

/** More rows than a workgroup takes, and no multiple of that. */
export const capacity: Capacity = { rows: 5, timesteps: 4 };
/** Steps so large that the second report depends on each gradient before. */
export const adam: AdamSettings = { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 0.2 };
export const prime = Uint32Array.of(1, 2);
export const sampling: Sampling = { temperature: 1, seed: 1 };

const gru = { cell: 'gru', layers: 1, inputSize: 7, outputSize: 7, cost: 'cross-entropy' } as const;

/** Together they have every kernel, and workgroups of several subgroups. */
export const trials: readonly Trial[] = [
  {
    model: { ...gru, hiddenSize: 128, inputs: 'symbols', output: 'log-softmax' },
    tuning: 'whole-sequence splits=2',
    reports: [
      [1.9353708, 0.35855964],
      [1.6629427, 0.28751536],
    ],
    written: [0, 5, 5, 5, 1, 5, 4, 6, 4, 5],
  },
  {
    model: { ...gru, hiddenSize: 64, inputs: 'vectors', output: 'sigmoid' },
    tuning: 'stepwise rows=4 parts=4 splits=2',
    reports: [
      [4.8474604, 0.33678896],
      [4.7746635, 0.18256933],
    ],
  },
];

/** How far a figure may be off, relatively: a device computes in float32. */
const rounding = 1e-4;

/** Whether a device finds what is to be found. */
async function passes(device: GPUDevice, trial: Trial, further = ''): Promise<boolean> {
  const { model, tuning, reports, written } = trial;
  const session = await openSession(device, model, capacity, tuning + further);
  try {
    session.write(initialState(model, capacity, 1));
    const batch = randomBatch(model, capacity);
    const found = await Promise.all(reports.map(() => session.step(batch, adam)));
    const [drawn] = written ? await session.generate([prime], written.length, sampling) : [];
    const near = (figure: number, expected: number) => Math.abs(figure - expected) < rounding * expected;
    return (
      reports.every(([loss, norm], i) => near(found[i]!.loss, loss) && near(found[i]!.gradientNorm, norm)) &&
      (written?.every((symbol, i) => drawn![i] === symbol) ?? true)
    );
  } finally {
    session.close();
  }
}

const verdicts = ['right', 'right without subgroups', 'wrong'] as const;
/** What a device computes as it should: everything; all but sums by subgroups; or not even that. */
export type Verdict = (typeof verdicts)[number];

/**
 * Takes some steps on a device of which is known what they find: some browsers give a workgroup's arrays no memory, without an
 * error, and some drivers run subgroups of another size than they tell.
 *
 * @throws ShaderError if the device's compiler refuses a kernel
 * @throws DeviceLostError if the device is lost
 */
export async function prove(device: GPUDevice): Promise<Verdict> {
  const all = async (further?: string) =>
    (await Promise.all(trials.map((trial) => passes(device, trial, further)))).every((passed) => passed);
  if (!(await all())) return 'wrong';
  // As many parts as a subgroup can add up.
  const right = limitsOf(device).subgroupSize === 1 || (await all(' sums=subgroup parts=128').catch(() => false));
  return right ? 'right' : 'right without subgroups';
}

/** As `prove`, unless it is remembered of the same adapter, browser and shaders. What is wrong is tried again each time. */
export async function provenOnce(
  device: GPUDevice,
  adapter: DescribedAdapter,
  store: TuningStore | undefined,
): Promise<Verdict> {
  const key = `proof ${adapterKey(adapter)} ${hashOf(`${globalThis.navigator?.userAgent}${everyShader()}`)}`;
  const remembered = await store?.read(key).catch(() => undefined);
  const known = verdicts.find((verdict) => verdict === remembered);
  if (known !== undefined) return known;
  const verdict = await prove(device);
  if (verdict !== 'wrong') await store?.write(key, verdict).catch(() => {});
  return verdict;
}
