import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { decodeModelFile } from '../../src/files/model-file.ts';
import { Random } from '../../src/model/random.ts';
import { recipesFor } from '../../src/training/recipes.ts';
import { lineOf, useCommandLine } from './command-line.ts';

interface Line {
  readonly step: number;
  readonly loss: number;
  readonly bitsPerCharacter: number;
  readonly charactersPerSecond: number;
  readonly validationBitsPerCharacter?: number;
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Many processes, and a software adapter that compiles its kernels, take their time on a busy machine. */
const patience = 600_000;
const tiny = ['--hidden', '8', '--batch', '4', '--sequence', '8'];
const { run, start, path } = useCommandLine();
const model = (name: string) => decodeModelFile(readFileSync(path(name)));

describe('train', () => {
  it('learns, tells a machine of each step, and saves what sample writes with', async () => {
    const settings = ['--steps', '60', '--hidden', '32', '--engine', 'cpu', '--learning-rate', '0.02'];
    const ended = await run('train', ...settings, '--save', 'm.safetensors', '--json');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const lines = linesOf(ended.stdout);
    expect(lines.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    for (const { loss, bitsPerCharacter, charactersPerSecond } of lines) {
      expect(bitsPerCharacter).toBeCloseTo(loss / Math.LN2, 12);
      expect(charactersPerSecond).toBeGreaterThan(0);
    }
    expect(lines.at(-1)!.loss).toBeLessThan(0.75 * lines[0]!.loss);
    expect(lines.at(-1)!.validationBitsPerCharacter).toBeCloseTo(lines.at(-1)!.bitsPerCharacter, 0);
    expect(model('m.safetensors').training).toMatchObject({ step: 60, dataset: { name: 'Field notes' } });

    const sample = ['sample', 'm.safetensors', '--prime', 'The old ', '--length', '40', '--engine', 'cpu'];
    const [first, again, other] = await Promise.all([run(...sample), run(...sample), run(...sample, '--seed', '2')]);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^The old .{40}\n$/su);
    expect(again.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
    const coldest = ['--temperature', '0', '--engine', 'reference', '--json'];
    const [cold, coldToo] = await Promise.all([run(...sample, ...coldest), run(...sample, ...coldest, '--seed', '9')]);
    expect(JSON.parse(cold.stdout)).toMatchObject({ prime: 'The old ', text: expect.stringMatching(/^.{40}$/su) });
    expect(coldToo.stdout).toBe(cold.stdout);
  });

  it('writes the loss over its steps as a table and as a drawing', async () => {
    const few = ['train', ...tiny, '--steps', '4', '--evaluate-every', '2', '--engine', 'reference'];
    const ended = await run(...few, '--json', '--curve', 'loss.csv');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain('loss.csv is written.');
    const [head, ...rows] = readFileSync(path('loss.csv'), 'utf8').trimEnd().split('\r\n');
    expect(head).toBe(
      'step,"training, running mean (bits per character)",held out (bits per character),training (bits per character)',
    );
    const lines = linesOf(ended.stdout);
    const cells = rows.map((row) => row.split(','));
    expect(cells.map(([step, , , training]) => [Number(step), Number(training)])).toEqual(
      lines.map(({ step, bitsPerCharacter }) => [step, bitsPerCharacter]),
    );
    expect(cells.map(([, , heldOut]) => (heldOut === '' ? undefined : Number(heldOut)))).toEqual(
      lines.map(({ validationBitsPerCharacter }) => validationBitsPerCharacter),
    );
    expect((await run(...few, '--curve', 'loss.svg')).stdout).toContain('loss.svg is written.');
    expect(readFileSync(path('loss.svg'), 'utf8')).toContain(
      '<title>GRU of 8 units learning Field notes, step 4</title>',
    );

    const refused = await Promise.all([
      run(...few, '--curve', 'loss.png'),
      run(...few, '--curve', 'a.csv', '--save', 'a.csv'),
    ]);
    expect(refused.map(({ code }) => code)).toEqual([2, 2]);
    expect(refused[0]!.stderr).toContain('--curve is a file that ends in .csv or .svg, not “loss.png”.');
    expect(refused[1]!.stderr).toContain('a.csv cannot be the file of --curve as well: choose another name.');
  });

  it('follows a recipe in all that is not given', async () => {
    const few = ['--hidden', '8', '--batch', '2', '--steps', '2', '--engine', 'cpu', '--save', 'good.safetensors'];
    const ended = await run('train', 'field-notes', '--recipe', 'good', ...few);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const { configuration } = model('good.safetensors').training!;
    const good = recipesFor({ kind: 'text', builtIn: 'field-notes' }).get('good')!;
    expect(configuration).toEqual({ ...good, hidden: 8, batch: 2, steps: 2, engine: 'cpu' });
  });

  it('takes a text of one’s own, and says in plain lines what it does', async () => {
    writeFileSync(path('mine.txt'), `\uFEFF${'naïve 😀 café\r\n'.repeat(40)}`);
    const ended = await run('train', 'mine.txt', ...tiny, '--steps', '3', '--cell', 'rnn', '--engine', 'reference');
    expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(
      /^Engine: reference on float64.*\nmine\.txt: 468 characters to learn and 52 held out\. Vocabulary: 11 characters\./,
    );
    expect(ended.stdout).toMatch(
      /step 3 of 3: [\d.]+ bits per character, held out [\d.]+, [\d,]+ characters\/s\nBest: /,
    );
    expect(ended.stdout).toMatch(/\nBest: \d\.\d{4} bits per character held out, at step 3\.\n$/);
  });

  it('stops when its patience runs out, and says when it was best', async () => {
    // What learns nothing gets no better.
    const still = [...tiny, '--engine', 'cpu', '--learning-rate', '0', '--evaluate-every', '2', '--patience', '3'];
    const ended = await run('train', ...still, '--save', 'still.safetensors');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(
      /\nStops after 3 looks without a better one\. Best: \d\.\d{4} bits per character held out, at step 2\.\nStep 8 is saved in still\.safetensors\.\n$/,
    );
    expect(model('still.safetensors').training!.heldOut).toMatchObject({
      lookedAt: 8,
      sinceBest: 3,
      best: { step: 2 },
    });
    const more = await run('train', '--resume', 'still.safetensors', '--save', 'still.safetensors');
    expect(more, more.stderr).toMatchObject({ code: 0 });
    expect(model('still.safetensors').training!.step).toBe(14);
  });

  it('refuses settings that do not go together', async () => {
    const ended = await run('train', ...tiny, '--cell', 'rnn', '--recurrent-dropout', '0.1');
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^The RNN.* has no candidates to leave out: .*\n$/),
    });
  });

  it.each([
    ['cpu', 'windows', '400', 'gru', '1'],
    ['cpu', 'streams', '400', 'gru', '1'],
    ['cpu', 'streams', '400', 'lstm', '2'],
    ['webgpu', 'streams', '120', 'gru', '1'],
  ])(
    'on %s, with %s, stopped and taken up gives the same bits as never stopped: %s steps, %s, %s layers',
    async (engine, batches, steps, cell, layers) => {
      const network = ['--cell', cell, '--layers', layers];
      const order = ['--batches', batches, '--steps', steps, '--seed', '3', '--evaluate-every', '7'];
      const settings = [...tiny, ...network, '--engine', engine, ...order];
      const name = `${engine}-${batches}-${cell}.safetensors`;
      const [whole, stopped] = [`whole-${name}`, `stopped-${name}`];
      const uninterrupted = await run('train', ...settings, '--save', whole);
      expect(uninterrupted, uninterrupted.stderr).toMatchObject({ code: 0 });

      const child = start(['train', ...settings, '--save', stopped, '--save-every', '0', '--json']);
      await lineOf(child, /"step":9,/);
      child.kill('SIGINT');
      const interrupted = await child.ended;
      expect(interrupted.code).toBe(130);
      const { step } = model(stopped).training!;
      expect(step).toBeLessThan(Number(steps));
      expect(interrupted.stderr).toContain(`Step ${step} is saved in ${stopped}.`);
      expect(linesOf(interrupted.stdout).at(-1)!.step).toBe(step);

      const resumed = await run('train', '--resume', stopped, '--save', stopped, '--json', '--engine', engine);
      expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
      expect(linesOf(resumed.stdout)[0]!.step).toBe(step + 1);
      expect(model(stopped)).toEqual(model(whole));
      expect(readFileSync(path(stopped)).equals(readFileSync(path(whole)))).toBe(true);
    },
    patience,
  );

  it('cuts up its work as it is told, and as before when it goes on', { timeout: patience }, async () => {
    const settings = [...tiny, '--engine', 'webgpu', '--tuning', 'stepwise parts=1 splits=2', '--steps', '1'];
    const told = await run('train', ...settings, '--save', 'told.safetensors');
    expect(told, told.stderr).toMatchObject({ code: 0 });
    expect(told.stdout).toMatch(/\nCut up as stepwise rows=4 parts=1 sums=workgroup weights=f32 splits=2\.\n/);
    expect(model('told.safetensors').training!.configuration.tuning).toBe('stepwise parts=1 splits=2');
    const resumed = await run('train', '--resume', 'told.safetensors', '--steps', '2');
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(resumed.stdout).toMatch(/\nCut up as stepwise rows=4 parts=1 sums=workgroup weights=f32 splits=2\.\n/);
  });

  it.each([['SIGTERM', 143] as const, ['SIGHUP', 129] as const])('saves at a %s too', async (signal, code) => {
    const child = start([
      'train',
      ...tiny,
      '--steps',
      '1000000',
      '--engine',
      'cpu',
      '--save',
      `${signal}.st`,
      '--json',
    ]);
    await lineOf(child, /"step":3,/);
    child.kill(signal);
    expect(await child.ended).toMatchObject({ code });
    expect(model(`${signal}.st`).training!.step).toBeGreaterThanOrEqual(3);
  });

  it('quits at once at the second Ctrl-C', async () => {
    // A step takes long enough that the second one comes before its end.
    const slow = ['--hidden', '384', '--batch', '64', '--sequence', '256', '--steps', '1000000'];
    const child = start(['train', ...slow, '--engine', 'cpu', '--save', 'never.safetensors', '--json']);
    await lineOf(child, /"step":1,/);
    child.kill('SIGINT');
    await wait(200);
    child.kill('SIGINT');
    const { code, stderr } = await child.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('Finishing the step');
    expect(stderr).not.toContain('is saved');
    expect(existsSync(path('never.safetensors'))).toBe(false);
  });

  it('saves although a terminal that is closed says so twice', async () => {
    const slow = ['--hidden', '384', '--batch', '64', '--sequence', '256', '--steps', '1000000'];
    const child = start(['train', ...slow, '--engine', 'cpu', '--save', 'hung-up.safetensors', '--json']);
    await lineOf(child, /"step":1,/);
    child.kill('SIGHUP');
    await wait(200);
    child.kill('SIGHUP');
    expect(await child.ended).toMatchObject({ code: 129, stderr: expect.stringContaining('is saved in hung-up') });
    expect(model('hung-up.safetensors').training!.step).toBeGreaterThan(1);
  });

  it('stops where numbers run away, and leaves the file as it was', async () => {
    const first = await run('train', ...tiny, '--steps', '5', '--engine', 'cpu', '--save', 'sound.safetensors');
    expect(first.code).toBe(0);
    const before = readFileSync(path('sound.safetensors'));
    const wild = ['--learning-rate', '3e38', '--clip-norm', '0', '--warmup', '0', '--steps', '50', '--save-every', '0'];
    const ended = await run('train', '--resume', 'sound.safetensors', ...wild, '--save', 'sound.safetensors', '--json');
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /At step \d+ .* not a finite number: sound\.safetensors holds step 5; .*--learning-rate/,
      ),
    });
    const after = model('sound.safetensors');
    expect(after.parameters.every(Number.isFinite)).toBe(true);
    expect(readFileSync(path('sound.safetensors')).equals(before)).toBe(true);
  });

  it(
    'killed at any moment leaves a whole file, from which it goes on',
    async () => {
      const random = new Random(30);
      writeFileSync(path('short.txt'), 'How soon a short text is learned! '.repeat(30));
      const often = ['--save', 'k.safetensors', '--save-every', '0'];
      const settings = [...tiny, '--engine', 'cpu', '--steps', '1000000', ...often, '--json'];
      let step = 0;
      for (let kill = 0; kill < 30; kill++) {
        const child = start(['train', 'short.txt', ...settings, ...(kill > 0 ? ['--resume', 'k.safetensors'] : [])]);
        expect((JSON.parse(await lineOf(child, /"step"/)) as Line).step).toBe(step + 1);
        // The first time there must be something to go on from.
        if (kill === 0) await lineOf(child, /"step":3,/);
        await wait(60 * random.uniform());
        child.kill('SIGKILL');
        expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
        const { training } = model('k.safetensors');
        expect(training!.step).toBeGreaterThanOrEqual(step);
        step = training!.step;
      }
      const goal = ['--steps', String(step + 2)];
      const last = await run('train', 'short.txt', '--resume', 'k.safetensors', '--save', 'k.safetensors', ...goal);
      expect(last, last.stderr).toMatchObject({ code: 0 });
      expect(model('k.safetensors').training!.step).toBe(step + 2);
      // What the killed processes had begun to write is gone.
      expect(readdirSync(path('.')).filter((name) => name.startsWith('k.'))).toEqual(['k.safetensors']);
    },
    patience,
  );
});
