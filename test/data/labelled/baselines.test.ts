import { expect, test } from 'vitest';
import { labelledBaselines } from '../../../src/data/labelled/baselines.ts';
import type { EncodedSamples } from '../../../src/data/labelled/batches.ts';
import type { Encoding } from '../../../src/model/encoding.ts';
import { Vocabulary } from '../../../src/model/vocabulary.ts';

const encodedWords = (at: 'end' | 'timestep', ...pairs: readonly (readonly [string, string])[]): EncodedSamples => ({
  inputs: pairs.map(([word]) => Uint32Array.from(word, (letter) => 'abc'.indexOf(letter))),
  inputWidth: 1,
  targets: pairs.map(([, labels]) => Uint32Array.from(labels, (label) => 'xy_'.indexOf(label)).map(absentOf)),
  targetWidth: 1,
  at,
  counted: Uint32Array.from(pairs, ([, labels]) => labels.replaceAll('_', '').length),
});

/** `_` stands for no label. */
const absentOf = (id: number) => (id === 2 ? 0xffffffff : id);

const labels: Encoding = { vocabulary: new Vocabulary(['a', 'b', 'c']), classes: ['x', 'y'] };
const numbers = (...from: number[]) => Uint32Array.from(from);

test('of labels at the end are the most frequent class and naive Bayes over characters', () => {
  const samples = encodedWords('end', ['aab', 'x'], ['ab', 'x'], ['bc', 'y'], ['ac', 'x'], ['bb', 'y']);
  const [frequent, bayes, ...others] = labelledBaselines(samples, labels, numbers(0, 1, 2), numbers(3, 4));
  expect(others).toEqual([]);
  // x was seen twice and y once, each and once more: 3/5 and 2/5.
  expect(frequent!.loss).toBeCloseTo(-(Math.log(3 / 5) + Math.log(2 / 5)) / 2, 12);
  expect(frequent!.accuracy).toBe(1 / 2);
  // Of x: a 3, b 2, c 0, each and once more, of 8. Of y: a 0, b 1, c 1, of 5.
  const [x, y] = [3 / 5, 2 / 5];
  const ac = { x: (x * 4 * 1) / 64, y: (y * 1 * 2) / 25 };
  const bb = { x: (x * 3 * 3) / 64, y: (y * 2 * 2) / 25 };
  const loss = -(Math.log(ac.x / (ac.x + ac.y)) + Math.log(bb.y / (bb.x + bb.y))) / 2;
  expect(bayes!.loss).toBeCloseTo(loss, 12);
  expect(bayes!.accuracy).toBe((Number(ac.x > ac.y) + Number(bb.y > bb.x)) / 2);
});

test('of labels at each timestep see the present character alone, and absent ones do not count', () => {
  const samples = encodedWords('timestep', ['aab', 'xxy'], ['ab', '_y'], ['ab', 'x_']);
  const [frequent, bayes] = labelledBaselines(samples, labels, numbers(0, 1), numbers(2));
  expect(frequent!.loss).toBeCloseTo(Math.log(2), 12);
  // Of x: a 2, b 0, c 0, each and once more, of 5; of y: a 0, b 2, c 0, of 5.
  expect(bayes!.loss).toBeCloseTo(-Math.log(3 / 4), 12);
  expect(bayes!.accuracy).toBe(1);
});

test('of variables are naive Bayes over their means', () => {
  // Means of 1, 3 and 8, of which the last is of the other class; the samples held out have 5 and 7.
  const samples: EncodedSamples = {
    inputs: [[0, 2], [3], [7, 9], [5], [6, 7, 8]].map((values) => Float32Array.from(values)),
    inputWidth: 1,
    targets: [0, 0, 1, 0, 1].map((label) => Uint32Array.of(label)),
    targetWidth: 1,
    at: 'end',
    counted: new Uint32Array(5).fill(1),
  };
  const encoding: Encoding = { inputs: [{ name: 'x', mean: 0, deviation: 1 }], classes: ['x', 'y'] };
  const [, bayes] = labelledBaselines(samples, encoding, numbers(0, 1, 2), numbers(3, 4));
  // All: mean 4, variance (9 + 1 + 16) / 3 = 26/3. With one sample more of these:
  // x: mean (1 + 3 + 4) / 3, mean square (1 + 9 + 16 + 26/3) / 3. y: mean (8 + 4) / 2, mean square (64 + 16 + 26/3) / 2.
  const x = { chance: 3 / 5, mean: 8 / 3, variance: (26 + 26 / 3) / 3 - (8 / 3) ** 2 };
  const y = { chance: 2 / 5, mean: 6, variance: (80 + 26 / 3) / 2 - 36 };
  const density = ({ chance, mean, variance }: typeof x, value: number) =>
    (chance / Math.sqrt(2 * Math.PI * variance)) * Math.exp(-((value - mean) ** 2) / (2 * variance));
  const posterior = (value: number) => density(x, value) / (density(x, value) + density(y, value));
  expect(bayes!.loss).toBeCloseTo(-(Math.log(posterior(5)) + Math.log(1 - posterior(7))) / 2, 10);
  expect(bayes!.accuracy).toBe((Number(posterior(5) > 0.5) + Number(posterior(7) < 0.5)) / 2);
});

test('of numbers are the mean of the training targets', () => {
  const samples: EncodedSamples = {
    inputs: [0, 1, 2].map((id) => Uint32Array.of(id, id)),
    inputWidth: 1,
    targets: [
      [1, 2, Number.NaN, 0],
      [3, 6, 2, 1],
      [4, 0, 4, Number.NaN],
    ].map((values) => Float32Array.from(values)),
    targetWidth: 2,
    at: 'timestep',
    counted: Uint32Array.of(1, 2, 1),
  };
  const variable = { mean: 0, deviation: 1 };
  const encoding: Encoding = {
    outputs: [
      { name: 'u', ...variable },
      { name: 'v', ...variable },
    ],
  };
  // The mean of (1, 2), (3, 6), (2, 1) is (2, 3), and (4, 0) alone counts of what is held out.
  expect([...labelledBaselines(samples, encoding, numbers(0, 1), numbers(2))]).toEqual([
    { name: 'mean of the targets', loss: (4 + 9) / 2 },
  ]);
});

test('are none where nothing is held out', () => {
  const samples = encodedWords('end', ['a', 'x'], ['b', 'y']);
  expect([...labelledBaselines(samples, labels, numbers(0, 1), numbers())]).toEqual([]);
});
