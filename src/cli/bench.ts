import { bench as measure, partsInNode } from '../benchmark/node.ts';
import { parseSize } from '../benchmark/sizes.ts';
import { parseTuning } from '../engine/webgpu/tuning.ts';
import type { Command } from './command.ts';
import { allowRelaxedSimd } from './engine.ts';
import { Interruption } from './interruption.ts';
import { type Given, readNumber, UsageError } from './options.ts';
import { errors, output } from './output.ts';
import { findGpu } from './probe.ts';

/** The benchmark page's suite without the page. */
export const bench: Command = {
  summary:
    'Measures this machine’s engines: which way of cutting up the work is the fastest on its GPU, each kernel of a training ' +
    'step beside the device’s ceilings, whole steps, how they grow, and what PyTorch takes, where python3 (or SLUICE_PYTHON) ' +
    'has it. What other frameworks take is measured in a browser: npm start, then /benchmark/.',
  operands: [],
  settings: ['cell', 'layers'],
  options: {
    sizes: { value: 'S,M,96x1024x64x100', help: 'Sizes S, M, L, or V×H×B×T; the curves start from the first. (S)' },
    parts: {
      value: partsInNode.join(','),
      help: 'Which parts of the suite. (all of these; tuning and contenders only on a real GPU)',
    },
    tuning: {
      value: '"stepwise rows=16"',
      help: 'How WebGPU cuts up all of it (docs/performance.md), instead of trying.',
    },
    engine: { value: 'auto|webgpu|cpu', help: 'Only this engine; auto is all there are. (auto)' },
    threads: { value: 'n', help: 'How many threads the CPU engine has, at most.' },
    plain: { help: 'The CPU engine without relaxed SIMD.' },
    json: { help: 'Prints the JSON that the benchmark page opens.' },
  },
  run,
};

async function run({ settings, value, has }: Given): Promise<number> {
  const sizes = (value('sizes') ?? 'S').split(',').map((written) => ({ ...parseSize(written), ...settings }));
  const parts = value('parts')?.split(',').map(readPart);
  const tuning = readTuningLine(value('tuning'));
  const [only, threads, plain] = [readEngine(value('engine')), value('threads'), has('plain')];
  if (tuning !== undefined && parts?.includes('tuning')) {
    throw new UsageError('--tuning says what to use, and the part tuning finds it out: give one of the two.');
  }
  if (only === 'cpu' && (tuning !== undefined || parts?.includes('tuning'))) {
    throw new UsageError('Only WebGPU is tuned: --engine is webgpu or auto then, not “cpu”.');
  }
  const cpu = {
    ...(threads !== undefined && { threads: readNumber('threads', threads, { minimum: 1, whole: true }) }),
    ...(plain && { relaxed: false }),
  };
  if (!plain) allowRelaxedSimd();
  const interruption = new Interruption();
  const assignment = { sizes, ...(parts && { parts }), ...(tuning !== undefined && { tuning }) };
  const options = { assignment, gpu: await findGpu('webgpu'), equipment: { ...(only && { only }), cpu } };
  await measure(
    { ...options, json: has('json'), signal: interruption.signal },
    { print: (text) => output.print(text), tell: (text) => errors.print(text) },
  );
  interruption.close();
  return interruption.exitCode ?? 0;
}

function readTuningLine(written: string | undefined): string | undefined {
  try {
    if (written !== undefined) parseTuning(written);
    return written;
  } catch (error) {
    throw new UsageError(`--tuning: ${(error as Error).message}`);
  }
}

function readPart(written: string): (typeof partsInNode)[number] {
  const part = partsInNode.find((part) => part === written.trim());
  if (part) return part;
  throw new UsageError(`--parts takes ${partsInNode.join(', ')}, not “${written}”.`);
}

function readEngine(written: string | undefined): 'webgpu' | 'cpu' | undefined {
  if (written === undefined || written === 'auto') return undefined;
  if (written === 'webgpu' || written === 'cpu') return written;
  throw new UsageError(`--engine is auto, webgpu or cpu, not “${written}”.`);
}
