import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { useCommandLine } from './command-line.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const gru = fixture('gru-11x7x3x5.model.safetensors');
const rnn = fixture('rnn-3x5x2x2x6-h0.model.safetensors');
const batch = fixture('gru-11x7x3x5.batch.json');
const classes = fixture('../networks/gru-classes-17x11x4x6x9x1-lengths.model.safetensors');

const { run, path } = useCommandLine();

const texts: Readonly<Record<string, string | Uint8Array>> = {
  'empty.txt': '',
  'one.txt': 'a',
  'same.txt': 'aaaaaaaa',
  'latin1.txt': Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x0a]),
  'good.txt': 'It was the best of times, it was the worst of times. '.repeat(20),
  'other.txt': 'A different text with quite different words in it. '.repeat(20),
  'subset.txt': 'It was the worst of times. '.repeat(20),
  'short.txt': 'It was',
  'ragged.json': '{"tokens":[[1,2],[3]],"targets":[[1,2],[3,4]]}',
  'no.json': '{"tokens":',
  'ids.json': '{"tokens":[[11]],"targets":[[0]]}',
  'reals.json': '{"tokens":[[0.5]],"targets":[[0]]}',
  'nulls.json': '{"tokens":[[1,2]],"targets":[[null,null]]}',
  'null-tokens.json': '{"tokens":[[null,2]],"targets":[[1,2]]}',
  'lengths.json': '{"tokens":[[1,2],[3,4]],"targets":[[1,2],[3,4]],"lengths":[3,1]}',
  'few-lengths.json': '{"tokens":[[1,2]],"targets":[[1,2]],"lengths":[1]}',
  'state.json': '{"tokens":[[1]],"targets":[[1]],"initialState":[[[0,0,0,0,0,0,0]],[[0,0,0,0,0,0,0]]]}',
  'class.json': '{"tokens":[[1]],"targets":[[4]]}',
  'twice.json': '{"tokens":[[1]],"targets":[[0]],"tokens":[[2]]}',
};

beforeAll(async () => {
  for (const [name, text] of Object.entries(texts)) writeFileSync(path(name), text);
  mkdirSync(path('folder'));
  const tiny = ['--hidden', '4', '--batch', '2', '--sequence', '4', '--steps', '2', '--engine', 'cpu'];
  const ended = await run('train', 'good.txt', ...tiny, '--save', 'm.safetensors');
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const file = readFileSync(path('m.safetensors'));
  writeFileSync(path('cut.safetensors'), file.subarray(0, file.length - 5));
});

const bad: readonly (readonly [line: readonly string[], sentence: RegExp])[] = [
  [['train', 'good.txt', '--recipe', 'better'], /^--recipe is one of quick, good, best, not “better”\./],
  [['train', 'names', '--recipe', 'best'], /^For Names of four peoples there is no recipe “best”: it has quick\./],
  [
    ['train', '--resume', 'm.safetensors', '--recipe', 'good'],
    /^--recipe is for a new run: one that goes on keeps its own settings\./,
  ],
  [
    ['walk'],
    /no command “walk”, only train, sample, predict, forecast, classify, match, evaluate, import, export, text, gradients, check, reber, bench/,
  ],
  [['constructor'], /no command “constructor”/],
  [['train', '--hiden', '8'], /Unknown option --hiden/],
  [['train', '--hidden'], /--hidden/],
  [['train', '--hidden', '0'], /--hidden: Hidden units is a whole number from 1 to 65536, not “0”/],
  [['train', '--hidden', '-3'], /--hidden: Hidden units is a whole number from 1 to 65536, not “-3”/],
  [['train', '--batch', '2.5'], /--batch: Batch is a whole number/],
  [['train', '--learning-rate', 'fast'], /--learning-rate: Learning rate is a number .* not “fast”/],
  [['train', '--cell', 'mgu'], /--cell: Cell is one of gru, gru-after, lstm, rnn, rnn-tanh, not “mgu”/],
  [['train', '--layers', '0'], /--layers: Layers is a whole number from 1 to 16, not “0”/],
  [['train', '--layers', '17'], /--layers: Layers .* not “17”/],
  [['train', '--output', 'linear'], /--output: Output is one of log-softmax, sigmoid, not “linear”/],
  [['train', '--engine', 'tpu'], /--engine: Engine is one of auto, webgpu, cpu, reference, not “tpu”/],
  [['train', '--seed', '-1'], /--seed: Seed is a whole number from 0/],
  [['train', '--save-every', 'often', '--save', 'new.safetensors'], /--save-every is a number from 0, not “often”/],
  [['train', '--json=yes'], /--json/],
  [['train', '--tuning', 'fast'], /--tuning: .* begins with whole-sequence or stepwise, not “fast”/],
  [['train', '--tuning', 'measure twice'], /--tuning: Tuning takes only weights=f16 after measure, not “twice”/],
  [['train', '--tuning', 'stepwise stretches=3'], /--tuning: .* takes rows, parts, sums, weights, splits/],
  [
    ['train', '--engine', 'reference', '--tuning', 'stepwise'],
    /--tuning is for WebGPU; what computes here is reference/,
  ],
  [['train', '--tuning', 'stepwise', '--resume', 'missing.safetensors'], /--tuning is for a new run/],
  [['train', 'good.txt', 'other.txt'], /“other\.txt” is too much/],
  [['train', 'missing.txt'], /missing\.txt cannot be read: there is no such file/],
  [['train', 'two\nlines.txt'], /two\uFFFDlines\.txt cannot be read/],
  [['train', 'folder'], /folder cannot be read: it is a folder/],
  [['train', 'empty.txt'], /empty\.txt is empty/],
  [['train', 'one.txt'], /one\.txt has only one character/],
  [['train', 'same.txt'], /same\.txt repeats a single character/],
  [['train', 'latin1.txt'], /latin1\.txt is not UTF-8 \(byte 3 is 0xE9\)/],
  [
    ['train', 'good.txt', '--save', 'nowhere/m.safetensors'],
    /nowhere\/m\.safetensors cannot be written: there is no such/,
  ],
  [['train', 'good.txt', '--save', 'folder'], /folder is a folder: name a file/],
  [['train', 'good.txt', '--save', 'good.txt/m.safetensors'], /cannot be written: a part of its path is not a folder/],
  [['train', 'good.txt', '--save', 'good.txt'], /good\.txt is there already and is not a model of Sluice/],
  [['train', 'good.txt', '--resume', 'missing.safetensors'], /missing\.safetensors cannot be read/],
  [['train', 'good.txt', '--resume', 'other.txt'], /other\.txt cannot be used\. This is not a safetensors file/],
  [['train', 'good.txt', '--resume', 'cut.safetensors'], /cut\.safetensors cannot be used\. .* cut off or damaged/],
  [['train', 'good.txt', '--resume', gru], /which the file’s network does not know/],
  [['train', 'other.txt', '--resume', 'm.safetensors'], /trained on “good\.txt” .* not on “other\.txt”/],
  [['train', '--resume', 'm.safetensors'], /trained on “good\.txt” .* not on “Field notes”/],
  [
    ['train', 'good.txt', '--resume', 'm.safetensors', '--hidden', '9'],
    /Hidden units is 4 and cannot become 9; what may change: Engine, Steps,/,
  ],
  [['train', 'good.txt', '--resume', 'm.safetensors', '--layers', '2'], /Layers is 1 and cannot become 2/],
  [['train', 'good.txt', '--resume', 'm.safetensors'], /is at step 2, and --steps is 2: give a higher one/],
  [['train', 'good.txt', '--engine', 'cpu', '--hidden', '65536', '--batch', '65536'], /memory|GiB|MiB/],
  [['text', 'good.txt'], /“good\.txt” is none of the texts that come with Sluice: field-notes, /],
  [['text', 'reber', '--out', 'missing/t.txt'], /cannot be written: there is no such file or folder/],
  [['sample'], /m\.safetensors is missing/],
  [['sample', 'missing.safetensors'], /missing\.safetensors cannot be read/],
  [['sample', 'cut.safetensors'], /cut\.safetensors cannot be used/],
  [['sample', rnn], /network of vectors/],
  [
    ['sample', classes],
    /tells labelled sequences apart, for classify: only one that predicts the symbols it reads can write/,
  ],
  [['sample', 'm.safetensors', '--prime', ''], /--prime is empty/],
  [['sample', 'm.safetensors', '--prime', 'best of ☃'], /--prime: The character “☃” \(U\+2603\) does not occur/],
  [['sample', 'm.safetensors', '--length', '0'], /--length is a whole number from 1 to 1000000, not “0”/],
  [['sample', 'm.safetensors', '--length', '1e12'], /--length is a whole number from 1 to 1000000, not “1e12”/],
  [['sample', 'm.safetensors', '--temperature', '-1'], /--temperature: Temperature is a number from 0/],
  [['sample', 'm.safetensors', '--temperature=-1'], /--temperature: Temperature is a number from 0/],
  [['match', 'm.safetensors'], /text\.txt is missing/],
  [['match', 'missing.safetensors', 'good.txt'], /missing\.safetensors cannot be read/],
  [['match', 'cut.safetensors', 'good.txt'], /cut\.safetensors cannot be used/],
  [['match', rnn, 'good.txt'], /network of vectors/],
  [['match', classes, 'good.txt'], /tells labelled sequences apart, for classify: only one/],
  [['match', 'm.safetensors', 'missing.txt'], /missing\.txt cannot be read/],
  [['match', 'm.safetensors', 'empty.txt'], /empty\.txt is empty/],
  [['match', 'm.safetensors', 'other.txt'], /other\.txt cannot be used\. The character “A” \(U\+0041\) does not occur/],
  [['match', 'm.safetensors', 'short.txt'], /has 6 characters, too few for primes of 10/],
  [['match', 'm.safetensors', 'subset.txt', '--held-out'], /does not say what was held out of subset\.txt/],
  [['match', 'm.safetensors', 'good.txt', '--prime-length', '200', '--held-out'], /held-out part has 106 characters/],
  [['match', 'm.safetensors', 'good.txt', '--trials', '0'], /--trials: Trials is a whole number from 1 .* not “0”/],
  [['match', 'm.safetensors', 'good.txt', '--prime-length', 'ten'], /--prime-length: Prime length .* not “ten”/],
  [['match', 'm.safetensors', 'good.txt', '--length', '1e9'], /--length: Length .* not “1e9”/],
  [['match', 'm.safetensors', 'good.txt', '--temperature=-1'], /--temperature: Temperature is a number from 0/],
  [['match', 'm.safetensors', 'good.txt', '--csv', 'nowhere/c.csv'], /nowhere\/c\.csv cannot be written/],
  [['match', 'm.safetensors', 'good.txt', '--svg', 'folder'], /folder is a folder: name a file/],
  [
    ['match', 'm.safetensors', 'good.txt', '--csv', './good.txt'],
    /good\.txt is the text and cannot be the file of --csv/,
  ],
  [['match', 'm.safetensors', 'good.txt', '--svg', 'm.safetensors'], /is the model and cannot be the file of --svg/],
  [
    ['match', 'm.safetensors', 'good.txt', '--csv', 'c', '--svg', 'c'],
    /c is the file of --csv and cannot be the file of --svg/,
  ],
  [['gradients', gru], /batch\.json is missing/],
  [['gradients', gru, batch, '--out', `${dirname(batch)}/./${basename(batch)}`], /choose another name for --out/],
  [['gradients', gru, 'missing.json'], /missing\.json cannot be read/],
  [['gradients', gru, 'no.json'], /no\.json cannot be used\. The batch is not valid JSON/],
  [['gradients', gru, 'latin1.txt'], /latin1\.txt cannot be used\. It is not UTF-8/],
  [['gradients', gru, 'ragged.json'], /The batch’s tokens are not lists/],
  [['gradients', gru, 'ids.json'], /tokens have 11: symbols are from 0 to 10/],
  [['gradients', gru, 'reals.json'], /tokens have 0\.5/],
  [['gradients', gru, 'twice.json'], /“tokens” twice/],
  [['gradients', rnn, batch], /network of vectors has no “tokens”/],
  [['gradients', gru, 'nulls.json'], /Nothing in the batch counts: every target is absent/],
  [['gradients', gru, 'null-tokens.json'], /The batch’s tokens are not lists/],
  [['gradients', gru, 'lengths.json'], /lengths have 3: lengths are from 0 to 2/],
  [['gradients', gru, 'few-lengths.json'], /The batch’s lengths are not lists/],
  [['gradients', gru, 'state.json'], /The batch’s initialState are not lists/],
  [['gradients', classes, 'class.json'], /targets have 4: symbols are from 0 to 3/],
  [['bench', '--cell', 'mgu'], /--cell: Cell is one of gru,/],
  [['bench', '--layers', 'two'], /--layers: Layers is a whole number/],
  [['reber', '--cells', 'gru,mgu'], /--cells: Cell is one of gru, .* not “mgu”/],
  [['gradients', gru, batch, '--out', 'nowhere/g.safetensors'], /nowhere\/g\.safetensors cannot be written/],
  [['bench', '--threads', 'many'], /--threads is a whole number from 1/],
  [['bench', '--sizes', 'S,XL'], /A size is S, M, L or V×H×B×T, as in 64x128x32x64; not “XL”/],
  [['bench', '--parts', 'peers'], /--parts takes tuning, kernels, steps, curves, contenders, not “peers”/],
  [['bench', '--tuning', 'fast'], /--tuning: .* begins with whole-sequence or stepwise, not “fast”/],
  [['bench', '--tuning', 'stepwise workgroup=64'], /--tuning: .* takes rows, parts, sums, /],
  [['bench', '--tuning', 'stepwise', '--engine', 'cpu'], /Only WebGPU is tuned: --engine is webgpu or auto/],
  [['bench', '--parts', 'tuning,steps', '--engine', 'cpu'], /Only WebGPU is tuned: --engine is webgpu or auto/],
  [['bench', '--parts', 'steps,tuning', '--tuning', 'stepwise'], /give one of the two/],
];

describe('Bad input', () => {
  it.each(bad)('%j is refused in one line', async (line, sentence) => {
    const before = readdirSync(path('.'));
    const { code, stdout, stderr } = await run(...line);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(readdirSync(path('.'))).toEqual(before);
  });

  it.each([
    ['read and found to be', 600_000_000],
    ['seen by its size to be', 1_700_000_000],
  ])('a text is refused in one line when it is %s too long', async (_, size) => {
    writeFileSync(path('long.txt'), '');
    truncateSync(path('long.txt'), size);
    expect(await run('train', 'long.txt')).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'long.txt is too long: this JavaScript engine has texts of up to 536,870,888 characters; cut it into parts.\n',
    });
    rmSync(path('long.txt'));
  });

  it('leaves texts and models as they were', () => {
    expect(readFileSync(path('good.txt'), 'utf8')).toBe(texts['good.txt']);
  });
});

describe('The command line', () => {
  it.each(['train', 'sample', 'predict', 'forecast', 'classify', 'match', 'gradients', 'check', 'reber', 'bench'])(
    'explains %s',
    async (name) => {
      const { code, stdout, stderr } = await run(name, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^npm run ${name} --`));
      expect(stdout).toContain('--help');
    },
  );

  it('lists its commands', async () => {
    expect((await run('--help')).stdout).toMatch(
      /npm run train\n.*npm run sample\n.*npm run predict\n.*npm run forecast\n.*npm run classify\n.*npm run match\n.*npm run gradients\n.*npm run check\n.*npm run reber\n.*npm run bench/s,
    );
  });

  it('needs nothing of what is installed here but WebGPU, and says so', () => {
    copyFileSync(fileURLToPath(new URL('../../dist/cli.js', import.meta.url)), path('alone.mjs'));
    const alone = (...line: string[]) =>
      spawnSync(process.execPath, ['alone.mjs', ...line], { cwd: path('.'), encoding: 'utf8' });
    const tiny = ['train', 'good.txt', '--hidden', '2', '--batch', '1', '--sequence', '2', '--steps', '1'];
    const auto = alone(...tiny);
    expect(auto, auto.stderr).toMatchObject({ status: 0, stderr: '' });
    expect(auto.stdout).toMatch(
      /^Engine: cpu .* no WebGPU without the npm package webgpu.* So the processor itself computes\.\n/,
    );
    const webgpu = alone(...tiny, '--engine', 'webgpu');
    expect(webgpu).toMatchObject({ status: 1, stdout: '' });
    expect(webgpu.stderr).toBe('There is no WebGPU without the npm package webgpu, which is optional.\n');
  });

  it('says beforehand which model is going to make way, and where to', async () => {
    const tiny = ['--hidden', '2', '--batch', '1', '--sequence', '2', '--steps', '1', '--engine', 'reference'];
    const lines = ['train', 'good.txt', ...tiny, '--save', 'again.safetensors'];
    expect((await run(...lines)).stdout).not.toMatch(/kept/);
    expect((await run(...lines)).stdout).toMatch(
      /\nThe model that again\.safetensors holds will be kept beside it as again\.backup\.safetensors\.\nstep 1/,
    );
  });

  it.each(['cpu', 'reference'])('says that gradients are not numbers, and writes none, on %s', async (engine) => {
    const file = decodeModelFile(readFileSync(gru));
    writeFileSync(
      path('steep.safetensors'),
      encodeModelFile({ ...file, parameters: file.parameters.map((x) => Math.sign(x) * 3e38) }),
    );
    const line = ['gradients', 'steep.safetensors', batch, '--engine', engine, '--out', 'steep-gradients.safetensors'];
    for (const form of [[], ['--json']]) {
      const ended = await run(...line, ...form);
      expect(ended).toMatchObject({ code: engine === 'cpu' ? 1 : 0 });
      if (engine === 'cpu') {
        expect(ended.stdout).toBe('');
        expect(ended.stderr).toMatch(/^With this model and this batch .*the gradient of .* not a finite number\.\n$/);
      }
      expect(ended.stdout).not.toMatch(/NaN|null|Infinity/);
    }
    expect(existsSync(path('steep-gradients.safetensors'))).toBe(engine === 'reference');
  });

  it('replaces the file that a link leads to, not the link', async () => {
    symlinkSync('m.safetensors', path('link.safetensors'));
    const more = ['--steps', '4', '--engine', 'cpu'];
    const ended = await run('train', 'good.txt', '--resume', 'm.safetensors', ...more, '--save', 'link.safetensors');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const resumed = await run('train', 'good.txt', '--resume', 'm.safetensors');
    expect(resumed).toMatchObject({ code: 2, stderr: expect.stringContaining('is at step 4') });
  });
});
