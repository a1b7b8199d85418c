import { holdAgainst } from '../check/against.ts';
import { formatAgainst, objectOf, verdictOf } from '../check/against-words.ts';
import { type CheckRow, check as checkEngines } from '../check/check.ts';
import { expectedOf } from '../check/expected.ts';
import { formatCheck } from '../check/table.ts';
import { CpuEngine } from '../engine/cpu/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { WebGPUEngine } from '../engine/webgpu/engine.ts';
import { decodeTensors } from '../files/safetensors.ts';
import { defaultConfiguration } from '../training/configuration.ts';
import type { Command } from './command.ts';
import { allowRelaxedSimd, chooseInNode } from './engine.ts';
import { readBatchFile, readBytes, readModelFile } from './files.ts';
import { type Given, UsageError } from './options.ts';
import { errors, output } from './output.ts';
import { findGpu } from './probe.ts';

/** Checks the engines that this machine has. */
export const check: Command = {
  summary:
    'Checks every engine that this machine has, or the one that --engine names: each gradient by each parameter against ' +
    'float64, against finite differences and against the sums of docs/bptt.md. With a model, a batch and --against: checks ' +
    'gradients that somebody else has computed, and says which gate is wrong. The exit code is 1 if one is wrong.',
  operands: [
    { name: 'm.safetensors', optional: true },
    { name: 'batch.json', optional: true },
  ],
  settings: ['engine', 'seed'],
  options: {
    against: {
      value: 'student.safetensors',
      help: 'Gradients to check, under the names of gradients --out: by all parameters, and at each timestep if they are there.',
    },
    json: { help: 'Prints one object a line for each comparison.' },
  },
  run,
};

async function run(given: Given): Promise<number> {
  const { operands, settings, value, has } = given;
  const against = value('against');
  if (against !== undefined) return checkStudent(given, against);
  if (operands.length > 0) {
    throw new UsageError(`What is to be checked on ${operands[0]} is missing: name the gradients with --against.`);
  }
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

/** Holds gradients of a file against the reference's. */
async function checkStudent({ operands, settings, has }: Given, against: string): Promise<number> {
  const [modelPath, batchPath] = operands;
  if (modelPath === undefined || batchPath === undefined) {
    throw new UsageError('--against wants the model and the batch that the gradients are of: see --help.');
  }
  if (settings.engine !== undefined || settings.seed !== undefined) {
    throw new UsageError('--against takes the reference engine, and draws nothing: leave --engine and --seed away.');
  }
  const { model, parameters } = await readModelFile(modelPath);
  const batch = await readBatchFile(batchPath, model);
  const expected = await expectedOf(model, parameters, batch);
  const found = holdAgainst(expected, await readTensors(against));
  const isRight = found.findings.every(({ isRight }) => isRight);
  if (has('json')) {
    for (const finding of found.findings) output.printJson(objectOf(finding));
    output.printJson({ right: isRight, verdict: verdictOf(expected, found) });
  } else output.print(formatAgainst(expected, found));
  return isRight ? 0 : 1;
}

async function readTensors(path: string) {
  const bytes = await readBytes(path);
  try {
    return decodeTensors(bytes).tensors;
  } catch (error) {
    throw new UsageError(`${path} cannot be used. ${(error as Error).message}`);
  }
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
