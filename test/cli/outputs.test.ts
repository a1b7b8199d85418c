import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeModelFile } from '../../src/files/model-file.ts';
import { hasTerminals, lineOf, textOf, useCommandLine } from './command-line.ts';

const { run, shell, terminal, path } = useCommandLine();
const tiny = ['--hidden', '4', '--batch', '2', '--sequence', '4', '--engine', 'cpu'];
const step = (name: string) => decodeModelFile(readFileSync(path(name))).training?.step;

beforeAll(async () => {
  for (const kind of ['model.safetensors', 'batch.json']) {
    copyFileSync(fileURLToPath(new URL(`../fixtures/gru-11x7x3x5.${kind}`, import.meta.url)), path(kind));
  }
  writeFileSync(path('series.csv'), 'x,y\n1,2\n2,1\n3,2\n4,1\n5,2');
  writeFileSync(path('names.csv'), 'name,people\nab,X\nba,Y\nabb,X\nbaa,Y');
  for (const [name, data] of Object.entries({ m: 'field-notes', series: 'series.csv', names: 'names.csv' })) {
    const sizes = name === 'names' ? tiny.filter((_, i) => i !== 4 && i !== 5) : tiny;
    const ended = await run('train', data, ...sizes, '--steps', '2', '--save', `${name}.safetensors`);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
  }
});

/** Each command, as it has the least to do; whether it has a form for machines, and is quick enough for every case. */
const commands = [
  { line: 'help', json: false, quick: true },
  { line: `train ${tiny.join(' ')} --steps 3 --save SAVED`, json: true, quick: true },
  { line: 'sample m.safetensors --length 5 --engine cpu', json: true, quick: true },
  { line: 'predict series.safetensors series.csv --engine cpu', json: true, quick: true },
  { line: 'forecast series.safetensors series.csv --length 2 --engine cpu', json: true, quick: true },
  { line: 'classify names.safetensors names.csv --engine cpu', json: true, quick: true },
  { line: 'match m.safetensors field-notes --trials 2 --length 5 --engine cpu', json: true, quick: true },
  { line: 'gradients model.safetensors batch.json --engine cpu', json: true, quick: true },
  { line: 'bench --engine cpu --sizes 8x4x2x5 --parts contenders', json: true, quick: false },
  { line: 'reber --cells rnn --runs 1 --steps 1 --hidden 2 --engine cpu', json: false, quick: false },
  { line: 'check --engine reference', json: true, quick: false },
] as const;

const lines = commands.flatMap(({ line, json, quick }) =>
  [line.replace('help', '--help'), ...(json ? [`${line} --json`] : [])].map((line) => ({ line, quick })),
);

/** What can become of an output, as a shell’s script with it: `OUT` stands for the outputs that it becomes of. */
const fates: Readonly<Record<string, (command: string, streams: readonly number[]) => string>> = {
  closed: (command, streams) => `${command} ${streams.map((stream) => `${stream}>&-`).join(' ')}; echo $? >&9`,
  full: (command, streams) => `${command} ${streams.map((stream) => `${stream}>/dev/full`).join(' ')}; echo $? >&9`,
  'a pipe that ends': (command, streams) =>
    `{ ${command} ${streams.map((stream) => `${stream}>&8`).join(' ')}; echo $? >&9; } 8>&1 >&7 | true`,
};
const outputs = { 'standard output': [1], 'standard error': [2], both: [1, 2] };

/** How a command ended, with the outputs that were left to it. */
async function endOf(script: string, name: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const files = [`${name}.out`, `${name}.err`, `${name}.code`].map(path) as [string, string, string];
  await shell(`exec 7>'${files[0]}' 9>'${files[2]}'; { ${script} ; } >&7 2>'${files[1]}'`).ended;
  const [stdout, stderr, code] = files.map((file) => readFileSync(file, 'utf8')) as [string, string, string];
  return { code: Number(code), stdout, stderr };
}

let count = 0;

/** What a command says and does when something becomes of its outputs. */
async function meets(fate: string, line: string, output: keyof typeof outputs): Promise<void> {
  const name = `case-${count++}`;
  const command = `sluice ${line.replace('SAVED', `${name}.safetensors`)}`;
  const { code, stdout, stderr } = await endOf(fates[fate]!(command, outputs[output]), name);
  const trains = line.startsWith('train');
  const isLost = fate === 'full' && output !== 'standard error' && !trains;
  expect({ line, code }).toEqual({ line, code: isLost ? 1 : 0 });
  expect(stderr).not.toMatch(/^\s+at |node:|Error:/m);
  if (trains) expect(step(`${name}.safetensors`)).toBe(3);
  if (output === 'standard error') expect(stdout).not.toBe('');
  if (output === 'standard output' && fate === 'full') {
    expect(stderr).toMatch(/^Standard output cannot be written: the disk is full\.$/m);
  }
}

describe('An output that cannot be written ends no command, and leaves no trace of a stack', () => {
  for (const fate of Object.keys(fates)) {
    it(fate, { timeout: 300_000 }, async () => {
      const cases = lines.flatMap(({ line, quick }) => {
        const which = quick ? (['standard output', 'standard error'] as const) : (['both'] as const);
        return which.map((output) => () => meets(fate, line, output));
      });
      await Promise.all([0, 1].map((half) => oneByOne(cases.filter((_, i) => i % 2 === half))));
    });
  }

  it.runIf(hasTerminals)('a terminal that is gone', { timeout: 300_000 }, async () => {
    const cases = lines.map(({ line }, i) => async () => {
      const [code, saved] = [`gone-${i}.code`, `gone-${i}.safetensors`];
      const command = `sluice ${line.replace('SAVED', saved)}`;
      const waits = `echo . >up-${i}; while [ ! -e gone-${i} ]; do sleep 0.02; done`;
      const shown = terminal(`trap '' HUP; ${waits}; ${command}; echo $? >${code}`);
      await textOf(path(`up-${i}`));
      shown.kill('SIGKILL');
      await shown.ended;
      writeFileSync(path(`gone-${i}`), '');
      const trains = line.startsWith('train');
      expect({ line, code: await textOf(path(code)) }).toEqual({ line, code: trains ? '0\n' : '1\n' });
      if (trains) expect(step(saved)).toBe(3);
    });
    await Promise.all([0, 1].map((half) => oneByOne(cases.filter((_, i) => i % 2 === half))));
  });
});

async function oneByOne(cases: readonly (() => Promise<void>)[]): Promise<void> {
  for (const each of cases) await each();
}

describe('A training', () => {
  it('goes on when its reader has read enough, in both forms', async () => {
    const ends = ['', ' --json'].map(async (form, i) => {
      const saved = `read-${i}.safetensors`;
      const child = shell(`sluice train ${tiny.join(' ')} --steps 600 --save ${saved}${form}; echo $? >read-${i}.code`);
      await lineOf(child, /./);
      child.stdout!.destroy();
      await child.ended;
      expect(await textOf(path(`read-${i}.code`))).toBe('0\n');
      expect(step(saved)).toBe(600);
    });
    await Promise.all(ends);
  });

  const places = { 'all of it': '', 'standard output': '2>errors', 'standard error': '>lines' };
  const forms = Object.entries(places).flatMap(([shown, elsewhere]) =>
    ['', '--json'].map((form) => [shown, form, elsewhere] as const),
  );

  it.runIf(hasTerminals).each(forms)(
    'whose terminal is closed, with %s on it, %s saves and says that it was hung up',
    async (_, form, elsewhere) => {
      const name = `closed-${count++}`;
      const line = `train ${tiny.join(' ')} --steps 1000000 --save ${name}.safetensors --save-every 0.1 ${form}`;
      // What was started last on a terminal is told when the shell that was first on it has ended for the same reason.
      const shown = terminal(`(trap '' HUP; sluice ${line} ${elsewhere}; echo $? >${name}.code); true`);
      await textOf(path(`${name}.safetensors`));
      const before = step(`${name}.safetensors`)!;
      shown.kill('SIGKILL');
      expect(await textOf(path(`${name}.code`))).toBe('129\n');
      expect(step(`${name}.safetensors`)).toBeGreaterThan(before);
      expect(existsSync(path(`${name}.safetensors.lock`))).toBe(false);
    },
  );

  it.runIf(hasTerminals)(
    'that has no terminal of its own goes on when the one that it writes to is closed',
    async () => {
      const line = `train ${tiny.join(' ')} --steps 4000 --save on.safetensors --save-every 0.1`;
      const shown = terminal(`setsid sh -c '"$NODE" "$CLI" ${line}; echo $? >on.code'; sleep 100`);
      await textOf(path('on.safetensors'));
      shown.kill('SIGKILL');
      expect(await textOf(path('on.code'))).toBe('0\n');
      expect(step('on.safetensors')).toBe(4000);
    },
  );
});
