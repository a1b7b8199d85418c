import { type CheckRow, check as checkEngines } from '../check/check.ts';
import { formatCheck } from '../check/table.ts';
import { CpuEngine } from '../engine/cpu/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { defaultConfiguration } from '../training/configuration.ts';
import type { Command } from './command.ts';
import { allowRelaxedSimd, chooseInNode } from './engine.ts';
import type { Given } from './options.ts';
import { errors, output } from './output.ts';
import { findGpu } from './probe.ts';

/** Checks the engines that this machine has. */
export const check: Command = {
  summary:
    'Checks every engine that this machine has, or the one that --engine names: each gradient by each parameter against ' +
    'float64, against finite differences and against the sums of docs/bptt.md. The exit code is 1 if one is wrong.',
  operands: [],
  settings: ['engine', 'seed'],
  options: { json: { help: 'Prints one object a line for each comparison.' } },
  run,
};

async function run({ settings, has }: Given): Promise<number> {
  const { engine: wanted = 'auto', seed = defaultConfiguration.seed } = settings;
  const engines = wanted === 'auto' ? await everyEngine() : [(await chooseInNode(wanted)).engine];
  const rows: CheckRow[] = [];
  for await (const { done, total, rows: found } of checkEngines(engines, seed)) {
    rows.push(...found);
    if (errors.isTerminal) errors.write(`\rChecking: ${done} of ${total}${done === total ? '\n' : ''}`);
  }
  for (const engine of engines) engine.close();
  if (has('json')) for (const row of rows) output.printJson(row);
  else output.print(formatCheck(rows));
  return rows.every(({ passed }) => passed) ? 0 : 1;
}

/** All engines but the reference, which is always checked. Of one that is missing it is told why. */
async function everyEngine(): Promise<Engine[]> {
  allowRelaxedSimd();
  const found = [await CpuEngine.create(), await WebGPUEngine.create(await findGpu('webgpu'))];
  return found.flatMap((engine) => {
    if (typeof engine !== 'string') return [engine];
    errors.tell(engine);
    return [];
  });
}
