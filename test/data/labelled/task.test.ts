import { describe, expect, test } from 'vitest';
import { DataError } from '../../../src/data/dataset.ts';
import type { Samples } from '../../../src/data/labelled/samples.ts';
import { samplesTask } from '../../../src/data/labelled/task.ts';
import { Vocabulary } from '../../../src/model/vocabulary.ts';
import { configured, drawn, words } from './small.ts';

/** One variable in and one out, of one timestep each. */
const numbers = (pairs: readonly (readonly [number, number])[]): Samples => ({
  kind: 'labelled',
  name: 'numbers',
  inputs: { kind: 'vectors', names: ['x'], values: pairs.map(([x]) => Float32Array.of(x)) },
  targets: { kind: 'vectors', at: 'end', names: ['y'], values: pairs.map(([, y]) => Float32Array.of(y)) },
});

describe('The network', () => {
  test('tells classes apart, or predicts numbers', () => {
    const { model, encoding } = samplesTask(words(['ab', 'x'], ['bc', 'y']), configured({ hidden: 7, layers: 2 }));
    expect(model).toEqual({
      cell: 'gru',
      layers: 2,
      inputs: 'symbols',
      inputSize: 3,
      hiddenSize: 7,
      outputSize: 2,
      output: 'log-softmax',
      cost: 'cross-entropy',
    });
    expect(encoding.vocabulary?.symbols).toEqual(['a', 'b', 'c']);
    expect([encoding.classes, encoding.answers]).toEqual([['x', 'y'], 'end']);
    const form = { inputs: 'vectors', targets: 'vectors', at: 'timestep' } as const;
    const other = samplesTask(drawn(form, 5, 3), configured({}));
    expect(other.model).toMatchObject({ inputSize: 2, outputSize: 2, output: 'linear', cost: 'squared-error' });
    expect(other.encoding.answers).toBe('timestep');
  });

  test('reads and predicts variables that the training part alone has standardised', () => {
    const samples = numbers(Array.from({ length: 40 }, (_, i) => [i * i, 7 - i] as const));
    const { training, validation, encoded, encoding } = samplesTask(samples, configured({ validation: 0.25 }));
    const [x, y] = [encoded.inputs, encoded.targets].map((each) => Array.from(training, (i) => each[i]![0]!));
    for (const values of [x!, y!]) {
      expect(values.reduce((a, b) => a + b) / 30).toBeCloseTo(0, 5);
      expect(values.reduce((a, b) => a + b * b, 0) / 30).toBeCloseTo(1, 5);
    }
    expect(validation.length).toBe(10);
    const own = Array.from(training, (i) => i * i);
    expect(encoding.inputs![0]!.mean).toBeCloseTo(own.reduce((a, b) => a + b) / 30, 5);
  });

  test('takes what never varies for a deviation of 1, and targets that are absent for nothing', () => {
    const samples = numbers([
      [0.1, 1],
      [0.1, Number.NaN],
      [0.1, 3],
      [0.1, 5],
    ]);
    const { encoding, encoded, trainingLength } = samplesTask(samples, configured({ validation: 0 }));
    expect(encoding.inputs).toEqual([{ name: 'x', mean: Math.fround(0.1), deviation: 1 }]);
    expect(encoding.outputs![0]!.mean).toBe(3);
    expect(encoding.outputs![0]!.deviation).toBeCloseTo(Math.sqrt(8 / 3), 12);
    expect(trainingLength).toBe(3);
    expect([...encoded.counted]).toEqual([1, 0, 1, 1]);
  });
});

describe('A network that goes on', () => {
  const known = {
    vocabulary: new Vocabulary(['z', 'b', 'a']),
    classes: ['y', 'w', 'x'],
  };

  test('keeps its symbols, its classes and its variables', () => {
    const task = samplesTask(words(['ab', 'x'], ['ba', 'y'], ['b', 'x']), configured({ validation: 0 }), known);
    expect(task.encoded.inputs.map((ids) => [...ids])).toEqual([[2, 1], [1, 2], [1]]);
    expect(task.encoded.targets.map((ids) => [...ids])).toEqual([[2], [0], [2]]);
    expect(task.model).toMatchObject({ inputSize: 3, outputSize: 3 });
    const variables = {
      inputs: [{ name: 'x', mean: 10, deviation: 2 }],
      outputs: [{ name: 'y', mean: 1, deviation: 4 }],
    };
    const { encoded, measure } = samplesTask(numbers([[14, 9]]), configured({}), variables);
    expect([encoded.inputs[0]![0], encoded.targets[0]![0], measure.scale]).toEqual([2, 2, 32]);
  });

  test('refuses what it does not know', () => {
    const refused = (samples: Samples, encoding: object) => () => samplesTask(samples, configured({}), encoding);
    expect(refused(words(['ac', 'x'], ['b', 'y']), known)).toThrow('does not know the character “c”');
    expect(refused(words(['ab', 'x'], ['b', 'v']), known)).toThrow('“v” is none of the 3 classes');
    const [x, y, other] = ['x', 'y', 'other'].map((name) => ({ name, mean: 0, deviation: 1 }));
    const pair = numbers([[1, 2]]);
    expect(refused(pair, { inputs: [other], outputs: [y] })).toThrow('reads other; the samples have x');
    expect(refused(pair, { inputs: [x], outputs: [other] })).toThrow('predicts other; the samples have y');
    expect(refused(pair, known)).toThrow('The network reads characters, but');
    expect(refused(pair, { inputs: [x], classes: ['y', 'z'] })).toThrow(
      'tells classes apart, but the targets are numbers',
    );
    const letters = words(['ab', 'x'], ['b', 'y']);
    expect(refused(letters, { inputs: [x], outputs: [y] })).toThrow('reads numbers, but');
    expect(refused(letters, { ...known, classes: undefined, outputs: [y] })).toThrow(
      'predicts numbers, but the targets',
    );
  });
});

describe('What is measured', () => {
  test('is said in bits, in the variable’s own unit, or in deviations', () => {
    expect(samplesTask(words(['a', 'x'], ['b', 'y']), configured({})).measure).toMatchObject({
      name: 'bits per label',
      scale: 1 / Math.LN2,
    });
    // Deviation 2: half a squared error of 1 is 2 · 2² in the variable's own unit.
    expect(
      samplesTask(
        numbers([
          [0, 1],
          [0, 5],
        ]),
        configured({ validation: 0 }),
      ).measure.scale,
    ).toBeCloseTo(8, 12);
    const form = { inputs: 'symbols', targets: 'vectors', at: 'end' } as const;
    expect(samplesTask(drawn(form, 5, 3), configured({})).measure.scale).toBe(1);
  });

  test('has the floor of the held-out samples, each place counting alike, on the scale of the loss', () => {
    const floorOf = (samples: Samples) => {
      const losses = Float64Array.from(samples.targets.kind === 'classes' ? samples.targets.ids.keys() : [0, 1, 2, 3]);
      return samplesTask({ ...samples, best: { losses } }, configured({ validation: 0.5 }));
    };
    const timestep = floorOf(drawn({ inputs: 'symbols', targets: 'classes', at: 'timestep' }, 40, 9));
    const { validation, encoded, floor } = timestep;
    const places = [...validation].map((sample) => encoded.counted[sample]!);
    const sum = places.reduce((total, count, i) => total + count * validation[i]!, 0);
    expect(floor!.loss).toBeCloseTo(sum / places.reduce((a, b) => a + b), 10);
    const one = floorOf(
      numbers([
        [0, 2],
        [0, 2],
        [0, 6],
        [0, 6],
      ]),
    );
    const [deviation, mean] = [one.encoding.outputs![0]!.deviation, [...one.validation].reduce((a, b) => a + b) / 2];
    expect(one.floor!.loss).toBeCloseTo(mean / deviation ** 2, 12);
    const several = drawn({ inputs: 'symbols', targets: 'vectors', at: 'end' }, 8, 3);
    expect(samplesTask({ ...several, best: { losses: new Float64Array(8) } }, configured({})).floor).toBeUndefined();
  });
});

describe('Samples that cannot be learned', () => {
  const refused = (samples: Samples) => () => samplesTask(samples, configured({}));

  test('are refused with the sample that is wrong', () => {
    const good = words(['ab', 'x'], ['b', 'y']);
    if (good.inputs.kind !== 'symbols' || good.targets.kind !== 'classes') throw new Error('These are words.');
    const { inputs, targets } = good;
    const cases: readonly (readonly [Samples, string])[] = [
      [{ ...good, inputs: { ...inputs, ids: inputs.ids.slice(1) } }, 'inputs of 1 samples, but targets of 2'],
      [{ ...good, inputs: { ...inputs, ids: [inputs.ids[0]!, Uint32Array.of(2)] } }, 'sample 2 has a symbol'],
      [{ ...good, targets: { ...targets, at: 'timestep' } }, 'sample 1 takes 2 target numbers; there are 1'],
      [{ ...good, targets: { ...targets, ids: targets.ids.map(() => Uint32Array.of(2)) } }, 'sample 1 has a label'],
      [
        numbers([
          [1, 2],
          [Number.NaN, 2],
        ]),
        'sample 2 has an input that is no number',
      ],
      [numbers([[1, Number.POSITIVE_INFINITY]]), 'sample 1 has a target that is infinite'],
      [numbers([[1, Number.NaN]]), 'no sample with something to learn'],
      [words(['ab', 'x'], ['b', 'x']), 'only the label “x”'],
    ];
    for (const [samples, message] of cases) {
      expect(refused(samples)).toThrow(message);
      expect(refused(samples)).toThrow(DataError);
    }
  });
});
