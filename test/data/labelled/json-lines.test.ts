import { describe, expect, test } from 'vitest';
import { samplesFromJsonLines } from '../../../src/data/labelled/json-lines.ts';
import { absent } from '../../../src/engine/batch.ts';

const ids = (...all: number[][]) => all.map((own) => Uint32Array.from(own));
const values = (...all: number[][]) => all.map((own) => Float32Array.from(own));
const read = async (...lines: object[]) => {
  const { inputs, targets } = await samplesFromJsonLines(
    'x.jsonl',
    lines.map((line) => JSON.stringify(line)).join('\n'),
  );
  return { inputs, targets };
};
const labels = { kind: 'classes', at: 'end', classes: ['x', 'y'], ids: ids([0], [1]) };
const [x, y] = [{ label: 'x' }, { label: 'y' }];

describe('samplesFromJsonLines reads', () => {
  test('texts, or arrays of characters', async () => {
    const inputs = { kind: 'symbols', symbols: ['a', 'é', '🥚'], ids: ids([2, 0], [1]) };
    expect(await read({ text: '🥚a', ...x }, { text: 'é', ...y })).toEqual({ inputs, targets: labels });
    expect(await read({ inputs: '🥚a', ...x }, { inputs: ['é'], ...y })).toEqual({ inputs, targets: labels });
  });

  test('half a surrogate pair as U+FFFD', async () => {
    const { inputs } = await read({ text: 'a\uD83E', ...x }, { inputs: ['\uDD5A'], ...y });
    expect(inputs).toEqual({ kind: 'symbols', symbols: ['a', '\uFFFD'], ids: ids([0, 1], [1]) });
  });

  test('numbers and vectors that go in', async () => {
    expect((await read({ inputs: [1, 0.5], ...x }, { inputs: [2], ...y })).inputs).toEqual({
      kind: 'vectors',
      names: ['input'],
      values: values([1, 0.5], [2]),
    });
    expect(
      (
        await read(
          { inputs: [[1, 2]], ...x },
          {
            inputs: [
              [3, 4],
              [5, 6],
            ],
            ...y,
          },
        )
      ).inputs,
    ).toEqual({
      kind: 'vectors',
      names: ['input 1', 'input 2'],
      values: values([1, 2], [3, 4, 5, 6]),
    });
  });

  test('labels that are numbers and such', async () => {
    const { targets } = await read({ text: 'a', label: 10 }, { text: 'b', label: 9.5 }, { text: 'c', label: true });
    expect(targets).toEqual({ kind: 'classes', at: 'end', classes: ['10', '9.5', 'true'], ids: ids([0], [1], [2]) });
  });

  test('a class for each timestep', async () => {
    const expected = { kind: 'classes', at: 'timestep', classes: ['x', 'y'] };
    const { targets } = await read({ text: 'ab', targets: 'yx' }, { text: 'c', targets: 'y' });
    expect(targets).toEqual({ ...expected, ids: ids([1, 0], [1]) });
    const named = await read({ inputs: [1, 2], targets: [null, 'V'] }, { inputs: [3], targets: ['Nn'] });
    expect(named.targets).toEqual({ ...expected, classes: ['Nn', 'V'], ids: ids([absent, 1], [0]) });
  });

  test('numbers and vectors for each timestep', async () => {
    const numbers = await read({ text: 'ab', targets: [1, null] }, { text: 'c', targets: [0.5] });
    expect(numbers.targets).toEqual({
      kind: 'vectors',
      at: 'timestep',
      names: ['target'],
      values: values([1, Number.NaN], [0.5]),
    });
    const vectors = await read({ text: 'ab', targets: [null, [1, 2]] }, { text: 'c', targets: [[3, 4]] });
    expect(vectors.targets).toEqual({
      kind: 'vectors',
      at: 'timestep',
      names: ['target 1', 'target 2'],
      values: values([Number.NaN, Number.NaN, 1, 2], [3, 4]),
    });
  });

  test('numbers at the end', async () => {
    const { targets } = await read({ text: 'ab', target: 1 }, { text: 'c', target: [2] });
    expect(targets).toEqual({ kind: 'vectors', at: 'end', names: ['target'], values: values([1], [2]) });
    const vectors = await read({ text: 'ab', target: [1, 2] }, { text: 'c', target: [3, 4] });
    expect(vectors.targets).toMatchObject({ names: ['target 1', 'target 2'], values: values([1, 2], [3, 4]) });
  });
});

test('Keys that mean nothing are left out with a remark', async () => {
  const text =
    '{"text": "a", "label": "x", "id": 1}\n{"text": "b", "label": "x", "__proto__": 2}\n{"text": "b", "label": "y"}';
  expect((await samplesFromJsonLines('x.jsonl', text)).remarks).toEqual([
    'Labels of which there is only one sample, too few to learn and to be tested on: “y”.',
    'Keys that are left out: “id” and “__proto__”.',
  ]);
});

test('It tells how far it is', async () => {
  const shares: number[] = [];
  const text = '{"text": "ab", "label": "x"}\n{"text": "b", "label": "y"}\n'.repeat(80_000);
  const { inputs } = await samplesFromJsonLines('x.jsonl', text, (share) => shares.push(share));
  expect(inputs).toMatchObject({ symbols: ['a', 'b'] });
  expect(shares.length).toBeGreaterThanOrEqual(4);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBe(1);
});
