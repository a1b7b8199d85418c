import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawCase, kinds } from '../../src/check/cases.ts';
import { fieldNotes } from '../../src/data/text/field-notes.ts';
import type { Batch } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { cells, statesOf } from '../../src/model/cells/cells.ts';
import { type ModelConfiguration, targetsOf, type Values } from '../../src/model/configuration.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { useCommandLine } from '../cli/command-line.ts';
import { tinyAveragingCheckpoint, tinyCheckpoint } from '../files/tiny-model.ts';
import { parseTensors, relativeError } from '../fixtures.ts';
import { folder, python, runPython, startPython, torchrun } from './python.ts';

const train = join(folder, 'train.py');
const accuracy = 1e-5;

/** Runs `train.py` once for each list of arguments, in one process; answers with exit codes and what was said of errors. */
const program = `
import contextlib, io, json, sys
import train
answers = []
for arguments in json.load(sys.stdin):
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            code = train.main(arguments)
        except SystemExit as end:
            code = end.code
    answers.append({"code": code, "said": said.getvalue()})
print(json.dumps(answers))
`;

async function trainInOneProcess(lines: readonly (readonly string[])[]): Promise<{ code: number; said: string }[]> {
  const { code, stdout, stderr } = await runPython(['-c', program], JSON.stringify(lines));
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as { code: number; said: string }[];
}

const vocabularyOf = ({ inputs, inputSize }: ModelConfiguration) =>
  inputs === 'symbols'
    ? { vocabulary: new Vocabulary(Array.from({ length: inputSize }, (_, i) => String.fromCodePoint(0x1f600 + i))) }
    : {};

/** A batch as JSON has it. */
function write({ rows, inputs, targets, initialState, counts, lengths }: Batch, model: ModelConfiguration): string {
  const cut = <Value>(values: ArrayLike<Value>, size: number) =>
    Array.from({ length: values.length / size }, (_, i) => Array.from(values).slice(i * size, (i + 1) * size));
  const places = (values: ArrayLike<number>, kind: Values, size: number): (number | number[])[] =>
    kind === 'symbols' ? Array.from(values) : cut(values, size);
  const wanted = places(targets, targetsOf(model), model.outputSize);
  return JSON.stringify({
    [model.inputs === 'symbols' ? 'tokens' : 'inputs']: cut(places(inputs, model.inputs, model.inputSize), rows),
    targets: cut(
      wanted.map((target, i) => (counts?.[i] === 0 ? null : target)),
      rows,
    ),
    initialState: cut(cut(initialState as Float32Array, model.hiddenSize), rows),
    ...(lengths && { lengths: Array.from(lengths) }),
  });
}

/** A network and a batch in files of their own, and what the reference engine makes of them. */
async function exercise(path: string, model: ModelConfiguration, seed: number, isRagged: boolean) {
  const { batch, state } = drawCase(model, { rows: 3, timesteps: 6 }, seed, isRagged);
  writeFileSync(`${path}.m`, encodeModelFile({ model, ...vocabularyOf(model), parameters: state.parameters }));
  writeFileSync(`${path}.json`, write(batch, model));
  const session = await new ReferenceEngine().open(model, batch);
  session.write(state);
  const expected = await session.gradients(batch);
  const line = [`${path}.m`, '--batch-file', `${path}.json`, '--save', `${path}.g`];
  /** Holds what PyTorch found against it. */
  const hold = (name: string) => {
    const found = parseTensors(readFileSync(`${path}.g`));
    const { places } = parameterLayout(model);
    expect(Object.keys(found).sort()).toEqual(['loss', 'final_state', ...places.map(({ name }) => name)].sort());
    const errors = places.map(({ name, shape, offset, length }) => {
      expect(found[name]!.shape).toEqual(shape);
      return relativeError(found[name]!.data, expected.flat.subarray(offset, offset + length));
    });
    errors.push(relativeError(found['loss']!.data, [expected.loss]));
    expect(found['final_state']!.shape).toEqual([statesOf(model).length, batch.rows, model.hiddenSize]);
    errors.push(relativeError(found['final_state']!.data, expected.finalState));
    expect(Math.max(...errors), name).toBeLessThan(accuracy);
  };
  return { line, hold };
}

describe.skipIf(python === undefined)('interop/pytorch', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'sluice-pytorch-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  const { run, path } = useCommandLine();

  it('finds the loss, the gradients and the states of the reference engine, for every kind of network', async () => {
    const drawn = Object.entries(kinds).map(([kind, of]) => [kind, of(7, 5)] as const);
    // More symbols than the gates of a layer have units altogether.
    const many = cells.map((cell) => [`${cell}, many symbols`, { ...kinds['GRU, symbols']!(30, 2), cell }] as const);
    const exercises = await Promise.all(
      [...drawn, ...many].map(async ([kind, model], i) => {
        const made = await exercise(join(scratch, String(i)), model, i, kind.endsWith('ragged'));
        return { ...made, kind };
      }),
    );
    const ofLoops = exercises.filter(({ kind }) => /^(GRU|RNN),/.test(kind));
    const compiled = await Promise.all(
      ofLoops.map(async ({ kind, line, hold }) => ({ kind: `${kind}, compiled`, line: [...line, '--compile'], hold })),
    );
    for (const each of [exercises, compiled]) {
      const answers = await trainInOneProcess(each.map(({ line }) => line));
      expect(answers.filter(({ code }) => code !== 0)).toEqual([]);
      for (const { kind, hold } of each) hold(kind);
    }
    expect(exercises.length).toBeGreaterThan(35);
    expect(compiled.length).toBeGreaterThan(15);
  });

  it('divides a batch among processes', async () => {
    const model = kinds['LSTM, 2 layers, symbols, ragged']!(9, 6);
    const { line, hold } = await exercise(join(scratch, 'divided'), model, 4, true);
    const ended = await torchrun(2, [train, ...line]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    hold('two processes');
  });

  it('reads and writes the files of every cell, to the last bit', async () => {
    const files = cells.flatMap((cell) =>
      [1, 2].map((layers) => ({ cell, layers, name: join(scratch, cell + layers) })),
    );
    for (const { cell, layers, name } of files) writeFileSync(name, encodeModelFile(tinyCheckpoint(cell, layers)));
    files.push({ cell: 'gru', layers: 1, name: join(scratch, 'averaging') });
    const averaging = tinyAveragingCheckpoint();
    writeFileSync(join(scratch, 'averaging'), encodeModelFile(averaging));
    const { training } = averaging;
    const dropping = { ...training!, configuration: { ...training!.configuration, dropout: 0.1 } };
    writeFileSync(join(scratch, 'dropout'), encodeModelFile({ ...averaging, training: dropping }));
    const program = `
import json, sys
from sluice import Checkpoint, Network, describe, load, save
for name in json.load(sys.stdin):
    save(name + ".again", load(name))
    network = load(name).network
    save(name + ".new", Checkpoint(network, describe(network, ["a", "\\u00e4", "\\U0001f600"])))
`;
    const ended = await runPython(['-c', program], JSON.stringify(files.map(({ name }) => name)));
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    for (const { name } of files) {
      const before = decodeModelFile(readFileSync(name));
      expect(decodeModelFile(readFileSync(`${name}.again`))).toEqual(before);
      const { model, parameters, vocabulary, training } = decodeModelFile(readFileSync(`${name}.new`));
      expect({ model, parameters }).toEqual({ model: before.model, parameters: before.parameters });
      expect(vocabulary?.symbols).toEqual(['a', 'ä', '😀']);
      expect(training).toBeUndefined();
    }
  });

  describe.each([
    ['windows', 'gru', '2', []],
    ['streams', 'lstm', '2', []],
    ['windows', 'gru-after', '1', ['--averaging', '0.9', '--lead-in', '7', '--weight-decay', '0.1']],
    ['windows', 'rnn-tanh', '2', ['--biases', 'off']],
  ])('going on with %s of text, %s', (batches, cell, layers, more) => {
    type Line = { step: number; loss?: number; validationBitsPerCharacter?: number };
    const parse = (lines: string) =>
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);

    it('takes over from Sluice and hands back, with the next loss each time', async () => {
      const text = path('text.txt');
      writeFileSync(text, `\uFEFF${fieldNotes().text.slice(0, 6000).replaceAll('\n', '\r\n')}😀`);
      const goOn = async (from: string, steps: number, to: string) => {
        const ended = await run('train', text, '--resume', from, '--steps', `${steps}`, '--save', to, '--json');
        expect(ended, ended.stderr).toMatchObject({ code: 0 });
        return parse(ended.stdout);
      };
      const [begun, here, there] = ['begun', 'here', 'there'].map((name) =>
        path(`${batches}-${cell}-${name}.safetensors`),
      ) as [string, string, string];
      const settings = ['--cell', cell, '--layers', layers, '--batches', batches, '--engine', 'cpu', '--hidden', '12'];
      const sizes = [
        '--batch',
        '5',
        '--sequence',
        '16',
        '--warmup',
        '40',
        '--clip-norm',
        '0.3',
        '--steps',
        '20',
        ...more,
      ];
      const ended = await run('train', text, '--save', begun, ...settings, ...sizes);
      expect(ended, ended.stderr).toMatchObject({ code: 0 });

      const inSluice = await goOn(begun, 70, here);
      const torched = await torchrun(2, [train, begun, text, '--steps', '70', '--save', there, '--json']);
      expect(torched, torched.stderr).toMatchObject({ code: 0 });
      const inPyTorch = parse(torched.stdout);
      expect(inPyTorch[0]!.step).toBe(21);
      expect(relativeError([inPyTorch[0]!.loss!], [inSluice[0]!.loss!])).toBeLessThan(accuracy);
      // A line is the mean of the steps since the one before.
      const mean = inSluice.slice(-10).reduce((sum, { loss }) => sum + loss! / 10, 0);
      const [last, held] = inPyTorch.slice(-2) as [Line, Line];
      expect([last.step, held.step]).toEqual([70, 70]);
      expect(relativeError([last.loss!], [mean])).toBeLessThan(1e-4);
      const heldOut = inSluice.at(-1)!.validationBitsPerCharacter!;
      expect(relativeError([held.validationBitsPerCharacter!], [heldOut])).toBeLessThan(1e-4);

      const { training, version } = decodeModelFile(readFileSync(there));
      expect(training).toMatchObject({ step: 70, configuration: { steps: 70, batch: 5 } });
      expect(training!.engine!.device).toMatch(/^PyTorch .+, 2 × CPU$/);
      expect(version).toBe(decodeModelFile(readFileSync(begun)).version);
      const [afterSluice, afterPyTorch] = [await goOn(here, 73, here), await goOn(there, 73, there)];
      expect(afterPyTorch.map(({ step }) => step)).toEqual([71, 72, 73]);
      const losses = (lines: readonly Line[]) => lines.map(({ loss }) => loss!);
      expect(relativeError(losses(afterPyTorch), losses(afterSluice))).toBeLessThan(1e-4);
    });
  });

  it('saves when it is stopped', async () => {
    const [text, begun, saved] = ['text.txt', 'windows-gru-begun.safetensors', 'stopped.safetensors'].map(path);
    const child = startPython([train, begun!, text!, '--steps', '1000000', '--save', saved!, '--json']);
    child.stdout!.once('data', () => child.kill('SIGTERM'));
    expect(await child.ended).toMatchObject({ code: 143, stderr: '' });
    expect(decodeModelFile(readFileSync(saved!)).training!.step).toBeGreaterThan(20);
  });

  it('refuses what it cannot use, in one line', async () => {
    const [text, begun] = ['text.txt', 'windows-gru-begun.safetensors'].map(path) as [string, string];
    const file = (name: string, content: string | Uint8Array) => {
      writeFileSync(path(name), content);
      return path(name);
    };
    const bytes = readFileSync(begun);
    let count = 0;
    const batch = (fields: object) => ['--batch-file', file(`${count++}.json`, JSON.stringify(fields))];
    const refused: [RegExp, string[]][] = [
      [/nowhere cannot be read: No such file/, [path('nowhere'), text]],
      [/not a whole safetensors file/, [file('cut', bytes.subarray(0, bytes.length - 1)), text]],
      [/not a whole safetensors file/, [text, text]],
      [/no training: begin one/, [join(scratch, 'gru1.new'), text]],
      [/trained with dropout, which is not computed here/, [join(scratch, 'dropout'), text]],
      [/The text is missing/, [begun]],
      [/not UTF-8 \(byte 1\)/, [begun, file('latin', Uint8Array.of(0x61, 0xff)), '--steps', '30']],
      [/trained on .* not on .*other.txt as it is/, [begun, file('other.txt', 'another text'), '--steps', '30']],
      [/at step 20, and --steps is 20/, [begun, text]],
      [/--steps: it is a whole number from 1, not '0'/, [begun, text, '--steps', '0']],
      [/names? a file in a folder that is there/, [begun, text, '--steps', '30', '--save', path('no/where')]],
      [/is what is read/, [begun, text, '--steps', '30', '--save', text]],
      [/not a batch for this network: it has no targets/, [begun, ...batch({ tokens: [[1]] })]],
      [/there are \[1, 2\] numbers where \[1, 1\]/, [begun, ...batch({ tokens: [[1, 1]], targets: [[1]] })]],
      [/other ids or lengths than/, [begun, ...batch({ tokens: [[0.5]], targets: [[1]] })]],
      [/other ids or lengths than/, [begun, ...batch({ tokens: [[1]], targets: [[100000]] })]],
      [/nothing in it counts/, [begun, ...batch({ tokens: [[1]], targets: [[null]] })]],
    ];
    const answers = await trainInOneProcess(
      refused.map(([, line]) => (line.includes('--save') ? line : [...line, '--save', path('never')])),
    );
    for (const [i, [reason, line]] of refused.entries()) {
      expect(answers[i]!.said, line.join(' ')).toMatch(reason);
      expect(answers[i]!.said).toMatch(/^train\.py: [^\n]{20,400}\n$/);
      expect(answers[i]!.code).toBe(2);
    }
  });

  it('calls a damaged file one, whatever is damaged', async () => {
    const program = `
import random, sys
from sluice import FileError, load
path, draw, refused = sys.argv[1], random.Random(1), 0
whole = open(path, "rb").read()
for i in range(500):
    damaged = bytearray(whole[: draw.randrange(len(whole))] if i % 5 == 0 else whole)
    for _ in range(draw.randrange(1, 4)):
        if damaged:
            damaged[draw.randrange(min(len(damaged), 1500))] = draw.choice(b'\\x00\\xff0{["}]:,-9nS')
    open(path + ".damaged", "wb").write(damaged)
    try:
        load(path + ".damaged")
    except FileError as error:
        refused += 1
        assert "\\n" not in str(error), error
print(refused)
`;
    const ended = await runPython(['-c', program, join(scratch, 'lstm2')]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(Number(ended.stdout)).toBeGreaterThan(300);
  });
});
