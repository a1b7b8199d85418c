/** What runs on wgpu, in Deno. It prints its findings, in some lines of an object in JSON each. */

import { randomCase } from '../../src/check/cases.ts';
import { type CheckRow, check } from '../../src/check/check.ts';
import { describeFailure } from '../../src/check/table.ts';
import type { AdamSettings } from '../../src/engine/engine.ts';
import { WebGPUEngine } from '../../src/engine/webgpu/engine.ts';
import { limitsOf } from '../../src/engine/webgpu/limits.ts';
import { compile } from '../../src/engine/webgpu/shaders.ts';
import { cells, describeCell } from '../../src/model/cells/cells.ts';
import { cover, everyCompilation } from './cover.ts';

/** What the program finds. */
export interface Findings {
  readonly adapter: string;
  /** Whether the adapter has subgroups. They are not asked for, so that this is about devices without. */
  readonly subgroups: boolean;
  /** How many kernels were compiled, and what is wrong with those that are refused. */
  readonly compiled: number;
  readonly refused: readonly string[];
  /** Where sums by subgroups were told: how the session works, and how many of its shaders have subgroups. */
  readonly fallback: { readonly tuning: string; readonly withSubgroups: number };
  /** What a device is put to before the first training. */
  readonly proof: string;
  /** The cells whose networks were checked, and what was wrong. */
  readonly checked: readonly string[];
  readonly failures: readonly string[];
  /** What calls came to in whose midst the session was closed, or the device lost, and calls after that. */
  readonly closed: Readonly<Record<string, string>>;
  readonly lost: Readonly<Record<string, string>>;
}

const tell = (findings: Partial<Findings>) => console.log(JSON.stringify(findings));

/** The shaders that the device's compiler was given. */
const given: string[] = [];
const { createShaderModule } = GPUDevice.prototype;
GPUDevice.prototype.createShaderModule = function (descriptor) {
  given.push(descriptor.code);
  return createShaderModule.call(this, descriptor);
};

/** Every shader, and every way through it. */
async function compileAll({ gpuDevice }: WebGPUEngine): Promise<void> {
  const chosen = cover(everyCompilation(limitsOf(gpuDevice)));
  const refused: string[] = [];
  for (const kernel of chosen) {
    await compile(gpuDevice, kernel).catch((error: Error) => refused.push(error.message));
  }
  tell({ compiled: chosen.length, refused });
}

/** Networks of every cell, against the reference. */
async function checkCells(engine: WebGPUEngine): Promise<void> {
  const forms = ['2 layers, symbols, ragged', 'vectors, linear, ragged'];
  const kinds = cells.flatMap((cell) => forms.map((form) => `${describeCell(cell).title}, ${form}`));
  const rows: CheckRow[] = [];
  for await (const progress of check([engine], 1, kinds)) rows.push(...progress.rows);
  const found = rows.filter(({ engine }) => engine === 'webgpu');
  tell({
    checked: [...new Set(found.map(({ cell }) => cell))],
    failures: found.filter(({ passed }) => !passed).map(describeFailure),
  });
}

const small = () => randomCase([9, 8, 9, 40], 1, 'RNN, 2 layers, symbols, ragged');
const adam: AdamSettings = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

/** A device without subgroups is told to take sums by them. */
async function doWithoutSubgroups(engine: WebGPUEngine): Promise<void> {
  const { model, batch } = small();
  given.length = 0;
  const session = await engine.open(model, batch, 'stepwise rows=4 parts=4 sums=subgroup');
  await session.step(batch, adam);
  session.close();
  tell({ fallback: { tuning: session.tuning, withSubgroups: given.filter((code) => /subgroup/.test(code)).length } });
}

/** What some calls came to: `done`, or the name and the words of what they failed with. */
async function outcomes(calls: Record<string, Promise<unknown>>): Promise<Record<string, string>> {
  const all = Object.entries(calls).map(async ([name, call]) => {
    const outcome = await call.then(
      () => 'done',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    return [name, outcome] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** A session is closed in the midst of its work, then a device is lost in the midst of another's. */
async function goAway(engine: WebGPUEngine): Promise<void> {
  const { model, batch } = small();
  const [first, second] = [await engine.open(model, batch), await engine.open(model, batch)];
  await second.step(batch, adam);
  const closing = { step: first.step(batch, adam), next: first.step(batch, adam) };
  first.close();
  tell({ closed: await outcomes({ ...closing, later: first.read() }) });

  const losing = { step: second.step(batch, adam), read: second.read(), trace: second.trace(batch) };
  engine.gpuDevice.destroy();
  const underWay = await outcomes(losing);
  const later = await outcomes({ later: second.step(batch, adam), open: engine.open(model, batch) });
  tell({ lost: { ...underWay, ...later } });
}

const engine = await WebGPUEngine.create(navigator.gpu, { limits: 'default', subgroups: false });
if (typeof engine === 'string') throw new Error(engine);
tell({ adapter: engine.device, subgroups: engine.adapter.features.has('subgroups') });
await compileAll(engine);
await doWithoutSubgroups(engine);
tell({ proof: await engine.prove() });
await checkCells(engine);
await goAway(engine);
