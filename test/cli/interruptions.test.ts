import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { decodeModelFile } from '../../src/files/model-file.ts';
import { Random } from '../../src/model/random.ts';
import { hasTerminals, lineOf, type Process, textOf, useCommandLine } from './command-line.ts';

const { start, shell, terminal, path } = useCommandLine();

/** How often a training is interrupted, all in all; so many trainings go on side by side. */
const rounds = 100;
const lanes = 4;

const tiny = ['--hidden', '4', '--batch', '2', '--sequence', '4', '--engine', 'cpu', '--steps', '100000000'];
const stepIn = (file: string) => decodeModelFile(readFileSync(path(file))).training!.step;

/** A training that is going to be interrupted. */
interface Training {
  readonly line: readonly string[];
  readonly file: string;
  readonly folder: string;
  /** Lets it train for a moment. */
  moment(): Promise<unknown>;
}

/** What became of it: its exit code, and a step that must be saved by then. */
interface End {
  readonly code: number | null;
  readonly least: number;
}

type Interruption = (training: Training) => Promise<End>;

const stepOf = (line: string) => (JSON.parse(line) as { step: number }).step;

/** One that tells of its steps, which is interrupted by whatever `act` does to it. The last step that it told of must be saved. */
const telling =
  (act: (child: Process, training: Training) => Promise<unknown> | unknown): Interruption =>
  async (training) => {
    const child = start([...training.line, '--json']);
    await lineOf(child, /"step"/);
    await training.moment();
    const told = lineOf(child, /"step"/);
    const least = stepOf(await told);
    await act(child, training);
    const { code, stderr } = await child.ended;
    expect(stderr).not.toMatch(/^\s+at |node:/m);
    return { code, least };
  };

const signalled = (signal: NodeJS.Signals) => telling((child) => child.kill(signal));

/** Room for files of so many bytes alone, so that the disk is full as soon as a save has written them; or as much as ever. */
function giveRoom({ pid }: Process, bytes: number | 'unlimited'): void {
  const { status } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
  expect(status).toBe(0);
}

/** On a terminal that is closed, with what else of its outputs a shell's script says. */
const hungUp =
  (elsewhere: string): Interruption =>
  async ({ line, folder, file, moment }) => {
    const [code, lines, least] = [`${folder}.code`, `${folder}.lines`, stepIn(file) + 1];
    for (const name of [code, lines]) rmSync(path(name), { force: true });
    const script = `sluice ${line.join(' ')} ${elsewhere.replace('LINES', lines)}; echo $? >${code}`;
    const shown = terminal(`(trap '' HUP; ${script}); true`);
    if (elsewhere.includes('LINES')) await textOf(path(lines));
    else
      await new Promise<void>((resolve) => shown.stdout!.on('data', (text) => / bits|"step"/.test(text) && resolve()));
    await moment();
    shown.kill('SIGKILL');
    return { code: Number(await textOf(path(code))), least };
  };

const interruptions: Readonly<Record<string, Interruption>> = {
  SIGINT: signalled('SIGINT'),
  SIGTERM: signalled('SIGTERM'),
  SIGHUP: signalled('SIGHUP'),
  'a signal twice, as npm hands it on': telling((child) => {
    child.kill('SIGINT');
    child.kill('SIGINT');
  }),
  'a hang-up that is told twice': telling(async (child) => {
    child.kill('SIGHUP');
    child.kill('SIGHUP');
  }),
  'a reader that ends': telling(async (child, { moment }) => {
    child.stdout!.destroy();
    await moment();
    child.kill('SIGTERM');
  }),
  'a folder that is removed': telling(async (child, { folder, moment }) => {
    rmSync(path(folder), { recursive: true });
    await moment();
    child.kill('SIGINT');
  }),
  'outputs that are full': async ({ line, file, moment }) => {
    const before = stepIn(file);
    const form = before % 2 ? '--json' : '';
    const child = shell(`exec "$NODE" "$CLI" ${line.join(' ')} --save-every 0.05 ${form} >/dev/full 2>&1`);
    await vi.waitUntil(() => stepIn(file) > before, 60_000);
    await moment();
    const least = stepIn(file);
    child.kill('SIGTERM');
    return { code: (await child.ended).code, least };
  },
};

/** What kills it: the file is whole, and what was saved last. */
const killed: Interruption = async ({ line, file, moment }) => {
  const child = start([...line, '--save-every', '0', '--json']);
  await lineOf(child, /"step"/);
  await moment();
  const least = stepIn(file);
  child.kill('SIGKILL');
  await child.ended;
  return { code: null, least };
};

/** A disk that is full, at some byte of the save, and stays so: the file is whole, and what was saved before. */
const full: Interruption = async (training) => {
  const least = stepIn(training.file);
  const size = readFileSync(path(training.file)).length;
  const ended = await telling((child) => {
    giveRoom(child, 100 + (stepIn(training.file) % (size - 100)));
    child.kill('SIGINT');
  })(training);
  return { ...ended, least };
};

const fullForAWhile = telling(async (child, { moment }) => {
  giveRoom(child, 200);
  await moment();
  giveRoom(child, 'unlimited');
  child.kill('SIGINT');
});

const onLinux: typeof interruptions = { 'outputs that are full': interruptions['outputs that are full']! };
const drawn: readonly (readonly [what: string, Interruption])[] = [
  ...Object.entries(interruptions).filter(([what]) => !(what in onLinux) || existsSync('/dev/full')),
  ['SIGKILL', killed],
  ...(spawnSync('prlimit', ['--version']).status === 0
    ? ([
        ['a full disk', full],
        ['a disk that is full for a while', fullForAWhile],
      ] as const)
    : []),
  ...(hasTerminals
    ? ([
        ['a terminal that is closed', hungUp('')],
        ['a terminal that is closed, for machines', hungUp('--json')],
        ['a terminal that is closed, with its lines in a file', hungUp('--json >LINES')],
        ['a terminal that is closed, with its errors elsewhere', hungUp('2>/dev/null')],
      ] as const)
    : []),
];

it(`After ${rounds} interruptions drawn at random the file is whole each time, and as new as the disk allowed`, {
  timeout: 600_000,
}, async () => {
  const random = new Random(17);
  writeFileSync(path('text.txt'), 'How soon a short text is learned! '.repeat(30));
  const chosen = Array.from({ length: rounds }, () => random.integer(drawn.length));
  const times = new Map<string, number>();
  const lane = async (index: number) => {
    const folder = `lane-${index}`;
    const file = `${folder}/m.safetensors`;
    mkdirSync(path(folder));
    const first = start(['train', 'text.txt', ...tiny.slice(0, -1), '3', '--save', file]);
    expect(await first.ended).toMatchObject({ code: 0 });
    for (let round = index; round < rounds; round += lanes) {
      const [what, interrupt] = drawn[chosen[round]!]!;
      // Saved when it is interrupted, and not before.
      const line = ['train', 'text.txt', '--resume', file, '--save', file, '--steps', '100000000'];
      const moment = () => wait(80 * random.uniform());
      const before = stepIn(file);
      const { code, least } = await interrupt({ line, file, folder, moment });
      const told = `round ${round}: ${what}, ended with ${code}`;
      const { step } = decodeModelFile(readFileSync(path(file))).training!;
      expect(step, told).toBeGreaterThanOrEqual(least);
      if (what === 'a full disk') expect(code, told).toBe(1);
      else if (what !== 'SIGKILL') {
        expect(code, told).toBeGreaterThan(128);
        expect(step, told).toBeGreaterThan(before);
      }
      const left = readdirSync(path(folder)).filter((name) => name !== 'm.safetensors');
      if (what !== 'SIGKILL') expect(left, told).toEqual([]);
      times.set(what, (times.get(what) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  console.log(Array.from(times, ([what, count]) => `${count} × ${what}`).join(', '));
});
