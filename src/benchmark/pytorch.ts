import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import program from '../../benchmark/peers/pytorch.py?raw';
import type { Cell } from '../model/cells/cells.ts';
import type { Exercise, System, Training } from './contenders.ts';
import { type Size, stackOf } from './sizes.ts';

/** A way in which PyTorch takes the exercise. */
interface Way {
  /** The word that `benchmark/peers/pytorch.py` has for it. */
  readonly word: string;
  readonly name: string;
  readonly cell: Cell;
  readonly mostLayers?: number;
  /** Whether it is for graphics cards alone. */
  readonly cuda?: boolean;
  readonly otherForm?: boolean;
}

/** What PyTorch has of its own, by the cell that it stands beside. */
const modules: Readonly<Partial<Record<Cell, Pick<Way, 'name' | 'otherForm'>>>> = {
  gru: { name: 'nn.GRU (its own form of the GRU)', otherForm: true },
  'gru-after': { name: 'nn.GRU' },
  lstm: { name: 'nn.LSTM' },
  'rnn-tanh': { name: 'nn.RNN' },
};

const ways: readonly Way[] = [
  { word: 'loop', name: 'loop over timesteps', cell: 'gru', mostLayers: 1 },
  ...Object.entries(modules).flatMap(([cell, { name, ...rest }]) => [
    { word: 'module', name: `${name}, float32`, cell: cell as Cell, ...rest },
    { word: 'module-tf32', name: `${name}, TF32`, cell: cell as Cell, cuda: true, ...rest },
  ]),
];

/** Seconds that may pass before PyTorch says the next word: starting it takes some, a long step on few cores minutes. */
const patience = 300;

/** What starts Python, and what it is given before the way and the device. */
export interface Interpreter {
  readonly command: string;
  readonly program: readonly string[];
  /** Seconds to wait for an answer. */
  readonly patience?: number;
}

/** The Python of this machine, or what `SLUICE_PYTHON` names. */
export const python = (): Interpreter => ({
  command: process.env['SLUICE_PYTHON'] || 'python3',
  program: ['-c', program],
});

/**
 * PyTorch in a process of its own, each way on each device there is: Node has no other way to it.
 *
 * @param only the engine of Sluice beside which it shall stand; what is left out is both
 * @returns what takes part, or in one sentence why PyTorch does not
 */
export async function pytorch(only?: 'webgpu' | 'cpu', interpreter = python()): Promise<readonly System[] | string> {
  const { command, program, patience: seconds = patience } = interpreter;
  const answer = await new Promise<string>((resolve) => {
    execFile(command, [...program, 'devices'], { timeout: seconds * 1000 }, (error, stdout) => {
      resolve(stdout.trim() || `problem ${error?.message.split('\n')[0] ?? 'it said nothing'}`);
    });
  });
  const devices = answer.split('\n').map((line) => /^(cuda|cpu) (.+)$/.exec(line));
  if (!devices.every((device) => device !== null)) {
    return `PyTorch does not take part: ${answer.replace(/^problem /, '').split('\n')[0]}`;
  }
  return devices.flatMap(([, device, runsOn]) =>
    ways
      .filter(({ cuda }) => !cuda || device === 'cuda')
      .filter(() => only === undefined || (only === 'cpu') === (device === 'cpu'))
      .map(({ word, name, cell, mostLayers = Number.POSITIVE_INFINITY, otherForm = false }) => ({
        system: `PyTorch, ${device}: ${name}`,
        device: runsOn!,
        otherForm,
        takes: (size: Size) => stackOf(size).cell === cell && stackOf(size).layers <= mostLayers,
        prepare: (exercise: Exercise) => prepare(interpreter, [word, device!], exercise),
      })),
  );
}

async function prepare(
  { command, program, patience: seconds = patience }: Interpreter,
  task: readonly string[],
  { size, adam, parameters, inputs, targets }: Exercise,
): Promise<Training> {
  const child = spawn(command, [...program, ...task]);
  const close = () => child.kill('SIGKILL');
  const ask = answers(child, seconds);
  try {
    const clipNorm = Number.isFinite(adam.clipNorm) ? adam.clipNorm : null;
    const shapes = Object.entries(parameters).map(([name, { shape }]) => [name, shape]);
    const header = JSON.stringify({
      size: { ...size, ...stackOf(size) },
      adam: { ...adam, clipNorm },
      parameters: shapes,
    });
    const numbers = [...Object.values(parameters).map(({ data }) => data), inputs, targets];
    const bytes = numbers.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
    await ask(Buffer.concat([Buffer.from(`${header}\n`), ...bytes]), /^ready$/);
    const step = async () => Number(await ask('step\n', /^[\d.e+-]+$|^NaN$|^Infinity$/));
    return { step, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Says something to a process, and waits for its next line: it has to look as expected. */
function answers(child: ChildProcessWithoutNullStreams, seconds: number) {
  const lines = createInterface({ input: child.stdout });
  const queue = lines[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = `${complaint}${text}`.slice(-1000);
  });
  const failed = once(child, 'error').then(([error]) => (error as Error).message);
  // What is written to a process that has ended is lost; that it has ended is seen by its silence.
  child.stdin.on('error', () => {});
  return async (words: string | Buffer, expected: RegExp): Promise<string> => {
    child.stdin.write(words);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, seconds * 1000, `it has not answered within ${seconds} seconds`);
    });
    const next = queue.next().then(({ value, done }) => (done ? undefined : (value as string)));
    const answer = (await Promise.race([next, late, failed])) ?? `it ended${complaint && `: ${complaint.trim()}`}`;
    clearTimeout(timer);
    if (expected.test(answer)) return answer;
    throw new Error(
      `PyTorch failed: ${answer
        .replace(/^problem /, '')
        .split('\n')
        .at(-1)}`,
    );
  };
}
