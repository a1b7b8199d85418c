import { expect, test } from 'vitest';
import { answersTo } from '../../../src/data/labelled/answers.ts';
import { batchOf } from '../../../src/data/labelled/batches.ts';
import { classify, confusionOf, likeliestOf } from '../../../src/data/labelled/classify.ts';
import type { SampleInputs } from '../../../src/data/labelled/samples.ts';
import { samplesTask } from '../../../src/data/labelled/task.ts';
import type { Network } from '../../../src/engine/engine.ts';
import { initialState } from '../../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../../src/engine/reference/engine.ts';
import { relativeError } from '../../fixtures.ts';
import { configured, drawn, forms, words } from './small.ts';

const engine = new ReferenceEngine();

/** A network as it is before its first step, with room for few rows and timesteps, so that it has to read in pieces. */
async function openedFor(samples: Parameters<typeof samplesTask>[0], rows = 4, timesteps = 5) {
  const task = samplesTask(samples, configured({ hidden: 6, validation: 0.3, layers: 2 }));
  const session = await engine.open(task.model, { rows, timesteps });
  session.write(initialState(task.model, { rows, timesteps }, 1));
  const whole = await engine.open(task.model, { rows: 1, timesteps: task.capacity.timesteps });
  whole.write(initialState(task.model, { rows: 1, timesteps: 1 }, 1));
  return { task, session, whole };
}

test.each(forms)('A network answers as it does to each sample alone: $inputs in, $targets out, $at', async (form) => {
  const samples = drawn(form, 11, 17);
  const { task, session, whole } = await openedFor(samples);
  const { each, unknown } = await answersTo(session, task.encoding, samples.inputs);
  expect(unknown.size).toBe(0);
  expect(each).toHaveLength(11);
  for (const [sample, { outputs }] of each.entries()) {
    const { outputs: alone } = await whole.trace(batchOf(task.encoded, Uint32Array.of(sample)));
    const variables = task.encoding.outputs;
    const expected = Array.from(alone, (value, i) => {
      const { mean, deviation } = variables?.[i % variables.length] ?? { mean: 0, deviation: 1 };
      return mean + deviation * value;
    });
    expect(outputs.length).toBe(expected.length);
    expect(relativeError(outputs, expected)).toBeLessThan(1e-6);
  }
});

test('Many short samples take few calls, and each tells how far it is', async () => {
  const samples = drawn({ inputs: 'symbols', targets: 'classes', at: 'end' }, 100, 5);
  const { task, session } = await openedFor(samples, 25);
  let calls = 0;
  const counted: Network = {
    ...session,
    model: session.model,
    capacity: session.capacity,
    trace: (batch) => {
      calls++;
      return session.trace(batch);
    },
  } as Network;
  const heard: number[] = [];
  await classify(counted, task.encoding, samples.inputs, (share) => heard.push(share));
  expect(calls).toBe(4);
  expect(heard).toEqual([0.25, 0.5, 0.75, 1]);
});

test('Characters that the network does not know are left out and counted', async () => {
  const { task, session } = await openedFor(words(['abc', 'x'], ['cab', 'y'], ['bca', 'y']));
  const symbols = ['a', 'q', 'b', 'é'];
  const ids = ['aqb', 'ab', 'éqq', ''].map((word) => Uint32Array.from(word, (letter) => symbols.indexOf(letter)));
  const { each, unknown } = await classify(session, task.encoding, { kind: 'symbols', symbols, ids });
  expect([...unknown]).toEqual([
    ['q', 3],
    ['é', 1],
  ]);
  expect(each[0]).toEqual(each[1]);
  expect(each[0]!.atEnd).toEqual(each[0]!.afterEach.slice(-2));
  expect(each[0]!.afterEach).toHaveLength(4);
  expect(each[2]).toEqual({ atEnd: undefined, afterEach: new Float32Array(0) });
  expect(each[3]).toEqual(each[2]);
});

test.each(['end', 'timestep'] as const)('Who is taken for whom is counted at each %s that has a label', async (at) => {
  const samples = drawn({ inputs: 'vectors', targets: 'classes', at }, 30, 6);
  const { task, session } = await openedFor(samples);
  const { counts, accuracy, classes } = await confusionOf(session, task.encoding, samples, task.validation);
  const expected = classes.map(() => classes.map(() => 0));
  const { each } = await classify(session, task.encoding, samples.inputs);
  let [right, places] = [0, 0];
  for (const sample of task.validation) {
    for (const [place, label] of task.encoded.targets[sample]!.entries()) {
      if (at === 'timestep' && place % 3 === 2) continue;
      const { atEnd, afterEach } = each[sample]!;
      const taken = likeliestOf(at === 'end' ? atEnd! : afterEach.slice(3 * place, 3 * place + 3));
      expected[label]![taken]! += 1;
      right += Number(taken === label);
      places++;
    }
  }
  expect(counts).toEqual(expected);
  expect(accuracy).toBe(right / places);
  expect(counts.flat().reduce((a, b) => a + b)).toBe(places);
});

test('What does not go together is refused', async () => {
  const { task, session } = await openedFor(words(['abc', 'x'], ['cab', 'y'], ['bca', 'y']));
  const vectors: SampleInputs = { kind: 'vectors', names: ['x'], values: [Float32Array.of(1)] };
  await expect(classify(session, task.encoding, vectors)).rejects.toThrow('The network reads characters');
  const numbers = drawn({ inputs: 'vectors', targets: 'vectors', at: 'end' }, 5, 3);
  const other = await openedFor(numbers);
  await expect(classify(other.session, other.task.encoding, numbers.inputs)).rejects.toThrow('tells no classes apart');
  await expect(confusionOf(other.session, other.task.encoding, numbers, Uint32Array.of(0))).rejects.toThrow(
    'Only labels',
  );
  const strangers = words(['abd', 'x'], ['cab', 'y']);
  await expect(confusionOf(session, task.encoding, strangers, Uint32Array.of(0, 1))).rejects.toThrow('character “d”');
});
