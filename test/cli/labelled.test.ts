import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { answersTo } from '../../src/data/labelled/answers.ts';
import { classify, confusionOf, likeliestOf } from '../../src/data/labelled/classify.ts';
import type { Samples } from '../../src/data/labelled/samples.ts';
import { samplesTask } from '../../src/data/labelled/task.ts';
import { openDataset } from '../../src/data/open.ts';
import type { Capacity } from '../../src/engine/engine.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { decodeModelFile } from '../../src/files/model-file.ts';
import { useCommandLine } from './command-line.ts';

const { run, path } = useCommandLine();
const model = (name: string) => decodeModelFile(readFileSync(path(name)));
const objectsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const read = async (name: string) => (await openDataset(name, readFileSync(path(name)))) as Samples;
const tiny = ['--hidden', '4', '--batch', '16', '--learning-rate', '0.05', '--schedule', 'constant'];
const succeeds = async (...line: string[]) => {
  const ended = await run(...line);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return ended;
};

const syllables = { North: ['ka', 'ik', 'ok'], South: ['la', 'ol', 'lu'] };
/** Names of two peoples, so many that the batches are not full: id, name, people. */
const rows = Array.from({ length: 50 }, (_, i) => {
  const people = i % 2 === 0 ? 'North' : 'South';
  const from = syllables[people];
  return [i, from[i % 3]! + from[(i >> 1) % 3]! + (i % 5 === 0 ? from[0]! : ''), people] as const;
});
const names = ['id,name,people', ...rows.map((row) => row.join(','))].join('\n');

beforeAll(async () => {
  writeFileSync(path('names.csv'), names);
  writeFileSync(path('pairs.csv'), names.replace(/^[^,]*,/gm, ''));
  const sums = Array.from({ length: 30 }, (_, i) => {
    const numbers = [i / 30, ((7 * i) % 11) / 11, ((3 * i) % 5) / 5].slice(0, 2 + (i % 2));
    return JSON.stringify({ inputs: numbers, target: numbers.reduce((a, b) => a + b) });
  });
  writeFileSync(path('sums.jsonl'), sums.join('\n'));
  const line = ['--engine', 'reference', '--steps', '20', '--evaluate-every', '10', '--save'];
  await succeeds('train', 'names.csv', '--predict', 'people', ...tiny, ...line, 'n.safetensors');
  await succeeds('train', 'sums.jsonl', ...tiny, ...line, 's.safetensors');
});

async function open(name: string, capacity: Capacity) {
  const { model: network, parameters } = model(name);
  const session = await new ReferenceEngine().open(network, capacity);
  session.write({ ...initialState(network, capacity, 0), parameters });
  return session;
}

describe('train, of labelled sequences', () => {
  it('tells last how many labels are right, beside simpler models', async () => {
    const line = ['train', 'pairs.csv', ...tiny, '--engine', 'cpu', '--steps', '30', '--evaluate-every', '10'];
    const [json, words] = [await succeeds(...line, '--json', '--save', 'p.safetensors'), await succeeds(...line)];
    const objects = objectsOf(json.stdout);
    expect(objects).toHaveLength(31);
    expect(objects[0]).toMatchObject({
      step: 1,
      bitsPerLabel: expect.any(Number),
      labelsPerSecond: expect.any(Number),
    });
    const { training, ...network } = model('p.safetensors');
    const task = samplesTask(await read('pairs.csv'), training!.configuration);
    const session = await open('p.safetensors', task.capacity);
    const { accuracy } = await confusionOf(session, network, task.dataset, task.validation);
    const { loss } = training!.heldOut!.best;
    const bits = (loss: number) => loss * (1 / Math.LN2);
    expect(objects[30]).toEqual({
      heldOut: { loss, bitsPerLabel: bits(loss), accuracy },
      baselines: Array.from(task.baselines(), ({ loss, ...rest }) => ({ ...rest, loss, bitsPerLabel: bits(loss) })),
    });
    expect(words.stdout).toMatch(
      /\nBits per label on what is held out:\n +[\d.]+ {2}the network \([\d.]+ % right\)\n +[\d.]+ {2}most frequent class \([\d.]+ % right\)\n +[\d.]+ {2}naive Bayes, characters \([\d.]+ % right\)\n/,
    );
  });

  it.each([
    ['a table whose labels are named', 'names.csv', ['--predict', 'people']],
    ['a table that has to be said what it is', 'grades.csv', ['--kind', 'labelled', '--inputs', 'a', '--predict', 'b']],
    ['JSON Lines', 'sums.jsonl', []],
  ])('goes on to the same bits as if it had never stopped: %s', async (_, data, options) => {
    writeFileSync(path('grades.csv'), `a,b\n${rows.map(([i]) => `${100 + 7 * i},${i % 3}`).join('\n')}`);
    const steps = (count: number) => ['--engine', 'cpu', '--steps', String(count), '--evaluate-every', '5', '--save'];
    await succeeds('train', data, ...options, ...tiny, ...steps(20), 'whole.safetensors');
    await succeeds('train', data, ...options, ...tiny, ...steps(10), 'half.safetensors');
    await succeeds('train', data, '--resume', 'half.safetensors', ...steps(20), 'half.safetensors');
    expect(readFileSync(path('half.safetensors')).equals(readFileSync(path('whole.safetensors')))).toBe(true);
  });
});

describe('classify', () => {
  const ask = (data: string, ...options: string[]) =>
    succeeds('classify', 'n.safetensors', data, '--engine', 'reference', ...options);

  it('finds texts and labels in a table, and says which are taken for which', async () => {
    const samples = await read('pairs.csv');
    const session = await open('n.safetensors', { rows: 50, timesteps: 6 });
    const file = model('n.safetensors');
    const { each } = await classify(session, file, samples.inputs);
    const { accuracy, counts } = await confusionOf(session, file, samples, Uint32Array.from(each.keys()));
    const expected = each.map(({ atEnd }, i) => {
      const likeliest = likeliestOf(atEnd!);
      return {
        sample: i + 1,
        text: rows[i]![1],
        label: file.classes![likeliest],
        probability: atEnd![likeliest],
        probabilities: { North: atEnd![0], South: atEnd![1] },
        actual: rows[i]![2],
      };
    });
    const json = objectsOf((await ask('names.csv', '--inputs', 'name', '--json')).stdout);
    expect(json).toEqual([...expected, { accuracy, classes: ['North', 'South'], confusion: counts }]);
    expect(new Set(counts.flat()).size).toBeGreaterThan(1);

    const { stdout } = await ask('pairs.csv', '--out', 'c.csv');
    expect(stdout).toBe(
      `c.csv is written.\n${(100 * accuracy).toFixed(1)} % of the labels are right. Each class, a row, was taken for:\n` +
        `       North  South\n${counts.map((row, i) => `${file.classes![i]}  ${row.map((n) => String(n).padStart(5)).join('  ')}\n`).join('')}`,
    );
    const lines = expected.map(({ sample, text, label, probability, actual }) =>
      [sample, text, label, probability, actual].join(','),
    );
    expect(readFileSync(path('c.csv'), 'utf8')).toBe(`sample,text,label,probability,actual\n${lines.join('\n')}\n`);
  });

  it('takes a text a line, and leaves out what the network does not know', async () => {
    writeFileSync(path('some.txt'), 'kaik\r\n\r\nLalu\r\n"?,"\r\n');
    const { stdout, stderr } = await ask('some.txt');
    expect(stdout).toMatch(/^sample,text,label,probability\n1,kaik,\w+,0\.\d+\n2,Lalu,\w+,0\.\d+\n3,"""\?,""",,\n$/);
    expect(stderr).toBe(
      'Characters that the network does not know, which were left out: “L” (1), “"” (2), “?” (1), “,” (1).\n',
    );
    const [kaik, , strange] = objectsOf((await ask('some.txt', '--json')).stdout);
    expect(kaik).toEqual({
      sample: 1,
      text: 'kaik',
      label: expect.any(String),
      probability: expect.any(Number),
      probabilities: { North: expect.any(Number), South: expect.any(Number) },
    });
    expect(strange).toEqual({ sample: 3, text: '"?,"', label: null, probability: null, probabilities: {} });
  });

  it('takes JSON Lines with labels and without, one alone too', async () => {
    writeFileSync(path('one.jsonl'), '{"text": "kaik"}');
    writeFileSync(path('known.jsonl'), '{"text": "kaik", "label": "North"}');
    const [one] = objectsOf((await ask('one.jsonl', '--json')).stdout);
    const known = objectsOf((await ask('known.jsonl', '--json')).stdout);
    expect(known[0]).toEqual({ ...one, actual: 'North' });
    expect(known[1]).toMatchObject({ accuracy: one.label === 'North' ? 1 : 0 });
  });

  it('answers after each timestep where the network does', async () => {
    const lines = rows.map(([, name]) => JSON.stringify({ inputs: name, targets: name.replace(/[^k]/g, 'o') }));
    writeFileSync(path('each.jsonl'), lines.join('\n'));
    await succeeds('train', 'each.jsonl', ...tiny, '--engine', 'cpu', '--steps', '2', '--save', 'each.safetensors');
    const { stdout } = await succeeds('classify', 'each.safetensors', 'each.jsonl', '--engine', 'cpu');
    const table = stdout.trimEnd().split('\n');
    expect(table[0]).toBe('sample,timestep,text,label,probability,actual');
    expect(table).toHaveLength(1 + rows.reduce((sum, [, name]) => sum + name.length, 0));
    expect(table[2]).toMatch(/^1,2,kakaka,[ko],0\.\d+,o$/);
  });
});

it('predict writes a line for each sample of numbers', async () => {
  const { inputs } = await read('sums.jsonl');
  const file = model('s.safetensors');
  const { each } = await answersTo(await open('s.safetensors', { rows: 30, timesteps: 3 }), file, inputs);
  const expected = each.map(({ outputs }, i) => `${i + 1},${outputs.at(-1)}`);
  // What should come out need not be known.
  writeFileSync(path('asked.jsonl'), readFileSync(path('sums.jsonl'), 'utf8').replaceAll(/,"target":[^}]*/g, ''));
  for (const data of ['sums.jsonl', 'asked.jsonl']) {
    const { stdout } = await succeeds('predict', 's.safetensors', data, '--engine', 'reference');
    expect(stdout).toBe(`sample,target predicted\n${expected.join('\n')}\n`);
  }
  const { stdout } = await succeeds('predict', 's.safetensors', 'sums.jsonl', '--engine', 'reference', '--json');
  expect(objectsOf(stdout)[0]).toEqual({ sample: 1, predicted: { target: each[0]!.outputs.at(-1) } });
});
