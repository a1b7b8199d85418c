import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { useCommandLine } from './command-line.ts';

const network = (name: string) => fileURLToPath(new URL(`../interop/networks/${name}`, import.meta.url));
const lstm = network('pytorch-lstm-embedding.safetensors');
const expected = JSON.parse(readFileSync(network('pytorch-lstm-embedding.expected.json'), 'utf8'));
const vocabulary: readonly string[] = expected.vocabulary;

const { run, path } = useCommandLine();

beforeAll(() => {
  writeFileSync(path('v.json'), JSON.stringify(vocabulary));
  writeFileSync(path('text.txt'), vocabulary.slice(2).join('').repeat(30));
  writeFileSync(path('stranger.txt'), `${vocabulary.join('').repeat(30)}é`);
});

describe('A network from elsewhere', () => {
  it('is imported, writes, is matched, and learns a text of its symbols', async () => {
    const imported = await run('import', lstm, '--vocabulary', 'v.json', '--out', 'lstm.safetensors');
    expect(imported, imported.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toMatch(
      /^lstm\.safetensors: LSTM of 13 units, reads 19 symbols, puts out 19 \(log-softmax\)\.\n$/,
    );
    const sampled = await run(
      'sample',
      'lstm.safetensors',
      '--length',
      '40',
      '--prime',
      vocabulary[3]!,
      '--engine',
      'cpu',
    );
    expect(sampled.code, sampled.stderr).toBe(0);
    expect([...sampled.stdout.trimEnd()].length).toBeGreaterThan(30);

    const line = [
      '--batch',
      '2',
      '--sequence',
      '6',
      '--engine',
      'cpu',
      '--steps',
      '3',
      '--save',
      'trained.safetensors',
    ];
    const trained = await run('train', 'text.txt', '--resume', 'lstm.safetensors', ...line);
    expect(trained, trained.stderr).toMatchObject({ code: 0 });
    expect(trained.stdout).toMatch(/Begins with the network of lstm\.safetensors\./);
    const [before, after] = ['lstm', 'trained'].map((name) =>
      decodeModelFile(readFileSync(path(`${name}.safetensors`))),
    );
    expect(after!.model).toEqual(before!.model);
    expect(after!.vocabulary).toEqual(before!.vocabulary);
    expect(after!.training).toMatchObject({ step: 3, configuration: { cell: 'lstm', hidden: 13, batch: 2 } });
    const movement = after!.parameters.map((value, i) => Math.abs(value - before!.parameters[i]!));
    expect(Math.max(...movement)).toBeGreaterThan(0);
    expect(Math.max(...movement)).toBeLessThan(0.03);
    // It goes on from its own checkpoint, although its text has not all of its symbols.
    const more = await run(
      'train',
      'text.txt',
      '--resume',
      'trained.safetensors',
      '--steps',
      '5',
      '--save',
      'trained.safetensors',
    );
    expect(more, more.stderr).toMatchObject({ code: 0 });
  });

  it.each([
    ['pytorch', 'out.safetensors', ['out.safetensors']],
    ['onnx', 'out.onnx', ['out.onnx']],
    ['tfjs', 'out-tfjs', ['out-tfjs/model.json', /^out-tfjs\/.*\.bin$/]],
  ])('goes out as %s and comes in again', async (format, out, files) => {
    await run('import', lstm, '--vocabulary', 'v.json', '--out', 'a.safetensors');
    const exported = await run('export', 'a.safetensors', '--to', format, '--out', out);
    expect(exported, exported.stderr).toMatchObject({ code: 0, stderr: '' });
    const lines = exported.stdout.trimEnd().split('\n');
    expect(lines).toEqual(files.map((name) => (typeof name === 'string' ? name : expect.stringMatching(name))));
    for (const line of lines) expect(existsSync(path(line))).toBe(true);
    const back = await run('import', lines[0]!, '--out', `back-${format}.safetensors`);
    expect(back, back.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(path(`back-${format}.safetensors`))).toEqual(readFileSync(path('a.safetensors')));
  });

  it('goes out as a web page, which every command takes as a model', async () => {
    await run('import', lstm, '--vocabulary', 'v.json', '--out', 'a.safetensors');
    const exported = await run('export', 'a.safetensors', '--to', 'page', '--out', 'a.html');
    expect(exported).toMatchObject({ code: 0, stderr: '', stdout: 'a.html\n' });
    expect(readFileSync(path('a.html'), 'utf8')).toMatch(/^<!doctype html>.*<h1>a<\/h1>/s);
    const written = ['--length', '40', '--prime', vocabulary[3]!, '--engine', 'cpu'];
    const [model, page] = [await run('sample', 'a.safetensors', ...written), await run('sample', 'a.html', ...written)];
    expect(page).toMatchObject({ code: 0, stdout: model.stdout });
    await run('import', 'a.html', '--out', 'back.safetensors');
    expect(readFileSync(path('back.safetensors'))).toEqual(readFileSync(path('a.safetensors')));
    writeFileSync(path('other.html'), '<p>Sea shells');
    expect((await run('sample', 'other.html')).stderr).toMatch(
      /^other\.html cannot be used\. .*no network of Sluice’s/,
    );
    const series = network('../../networks/gru-series-3x7x2x4x9x1.model.safetensors');
    const refused = await run('export', series, '--to', 'page', '--out', 'x.html');
    expect(refused.stderr).toMatch(/cannot be written for page\. Only a network that has learned a text/);
    expect([refused.code, existsSync(path('x.html'))]).toEqual([2, false]);
  });

  it('says what a network of a series needs elsewhere', async () => {
    const series = decodeModelFile(readFileSync(network('../../networks/gru-series-3x7x2x4x9x1.model.safetensors')));
    const inputs = Array.from({ length: series.model.inputSize }, (_, i) => ({ name: `v${i}`, mean: i, deviation: 2 }));
    const outputs = inputs.slice(0, series.model.outputSize);
    const file = encodeModelFile({ ...series, inputs, outputs, ahead: 1, answers: 'timestep' });
    writeFileSync(path('series.safetensors'), file);
    const { stdout } = await run('export', 'series.safetensors', '--to', 'onnx', '--out', 'series.onnx');
    expect(stdout).toMatch(/^series\.onnx\nThe file does not say how its numbers are scaled.*“v1” 1 and 2.*\n$/);
    const json = await run('export', 'series.safetensors', '--to', 'onnx', '--out', 'series.onnx', '--json');
    expect(JSON.parse(json.stdout).remark).toContain('“v1” 1 and 2');
  });

  it('takes the place of no other file: that is kept beside', async () => {
    writeFileSync(path('mine.onnx'), 'what somebody else wrote');
    await run('import', lstm, '--vocabulary', 'v.json', '--out', 'b.safetensors');
    const exported = await run('export', 'b.safetensors', '--to', 'onnx', '--out', 'mine.onnx');
    expect(exported.stdout).toMatch(/What was there before is kept as .*mine\.backup\.onnx/);
    expect(readFileSync(path('mine.backup.onnx'), 'utf8')).toBe('what somebody else wrote');
    const again = await run('export', 'b.safetensors', '--to', 'onnx', '--out', 'mine.onnx');
    expect(again.stdout).toBe('mine.onnx\n');
    expect(readdirSync(path('.')).filter((name) => /^mine\./.test(name))).toEqual(['mine.backup.onnx', 'mine.onnx']);
  });
});

describe('Bad input to import, export and train ends with one line:', () => {
  beforeAll(async () => {
    await run('import', lstm, '--vocabulary', 'v.json', '--out', 'good.safetensors');
    writeFileSync(path('pickle.pt'), Uint8Array.of(0x80, 2, 0x7d, 0x71, 0));
    writeFileSync(path('short.json'), '["a", "b"]');
    writeFileSync(path('words.json'), JSON.stringify(vocabulary.map((symbol) => `${symbol}x`)));
    copyFileSync(lstm, path('own.safetensors'));
    writeFileSync(path('model.json'), '{"format": "layers-model"}');
  });

  it.each<[readonly string[], RegExp]>([
    [['import', lstm], /--out is missing/],
    [['import', lstm, '--out', 'x.safetensors'], /reads 19 symbols.*--vocabulary/],
    [
      ['import', lstm, '--out', 'x.safetensors', '--vocabulary', 'short.json'],
      /has 2 symbols, but the network reads 19/,
    ],
    [
      ['import', lstm, '--out', 'x.safetensors', '--vocabulary', 'words.json'],
      /Symbol 0 of the vocabulary is not one character/,
    ],
    [['import', lstm, '--out', 'x.safetensors', '--cell', 'qrnn'], /--cell is qrnn, but has to be one of/],
    [['import', 'nowhere.onnx', '--out', 'x.safetensors'], /nowhere\.onnx cannot be read/],
    [['import', 'pickle.pt', '--out', 'x.safetensors'], /pickle\.pt cannot be used\. This is a PyTorch pickle/],
    [['import', 'model.json', '--out', 'x.safetensors'], /model\.json cannot be used/],
    [
      ['import', 'own.safetensors', '--out', 'own.safetensors', '--vocabulary', 'v.json'],
      /--out is own\.safetensors, which is read/,
    ],
    [['export', 'good.safetensors', '--out', 'x'], /--to has to be one of sluice, pytorch, onnx, tfjs/],
    [['export', 'good.safetensors', '--to', 'caffe', '--out', 'x'], /--to has to be one of/],
    [['export', 'good.safetensors', '--to', 'onnx'], /--out is missing/],
    [['export', lstm, '--to', 'onnx', '--out', 'x.onnx'], /not a model of Sluice/],
    [
      ['train', 'stranger.txt', '--resume', 'good.safetensors'],
      /has the character “é”, which the file’s network does not know/,
    ],
    [
      ['train', 'text.txt', '--resume', 'good.safetensors', '--hidden', '20'],
      /Hidden units is 13 and cannot become 20/,
    ],
  ])('%j', async (line, words) => {
    const { code, stdout, stderr } = await run(...line);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(words);
    expect(code).toBe(2);
  });
});
