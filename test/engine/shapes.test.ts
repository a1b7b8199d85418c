import { describe, expect, it } from 'vitest';
import { drawCase, type Kind, kinds, randomCase, type Shape } from '../../src/check/cases.ts';
import type { Gradients, Trace } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { toHalves } from '../../src/engine/webgpu/workbench.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { type Cost, costs, outputs } from '../../src/model/configuration.ts';
import { Random } from '../../src/model/random.ts';
import { relativeError, relativeErrors } from '../fixtures.ts';
import { floatEngines, useWebGPUEngine, webgpu } from './each-engine.ts';

/** Sizes on both sides of every tile, vector and workgroup, and primes. */
const chosen: Shape[] = [
  [2, 1, 1, 1],
  [3, 5, 1, 7],
  [5, 4, 5, 1],
  [17, 33, 9, 3],
  [31, 13, 2, 41],
  [64, 32, 4, 8],
  [67, 129, 3, 2],
  [257, 8, 7, 5],
  [300, 30, 1, 2],
  [4001, 64, 2, 3],
  [8192, 3, 2, 3],
  [5, 700, 3, 2],
  [6, 1024, 5, 2],
];

/** Of these, the ones that the other kinds of network meet as well. */
const telling: Shape[] = [
  [2, 1, 1, 1],
  [17, 33, 9, 3],
  [31, 13, 2, 41],
  [67, 129, 3, 2],
  [257, 8, 7, 5],
];

const random = new Random(20260101);
const upTo = (most: number) => 1 + Math.floor(most ** random.uniform());
const drawn = Array.from({ length: 8 }, (): Shape => [1 + upTo(120), upTo(90), upTo(12), upTo(24)]);

type Make = (typeof kinds)[string];
const oneOf = <Choice>(choices: readonly Choice[]): Choice => choices[random.integer(choices.length)]!;
const possible: Readonly<Record<(typeof outputs)[number], readonly Cost[]>> = {
  'log-softmax': ['cross-entropy'],
  sigmoid: costs,
  linear: ['squared-error'],
};

/** Networks drawn from all that there may be: any cell, layers, inputs, output and cost; rows may end early, targets be absent. */
const drawnNetworks = Array.from({ length: 16 }, (): readonly [Kind, Make, Shape] => {
  const [cell, inputs, output, layers] = [
    oneOf(cells),
    oneOf(['symbols', 'vectors'] as const),
    oneOf(outputs),
    upTo(9) - 1,
  ];
  const cost = oneOf(possible[output]);
  const O = upTo(60);
  const make: Make = (V, hiddenSize) => {
    const outputSize = inputs === 'symbols' && output === 'sigmoid' ? V : O;
    return { cell, layers, inputs, output, cost, inputSize: V, hiddenSize, outputSize };
  };
  const raggedness = oneOf(['', ', ragged']);
  const kind = `${cell}, ${layers} layers, ${inputs}, ${O} × ${output}, ${cost}${raggedness}`;
  return [kind, make, [1 + upTo(60), upTo(50), upTo(12), upTo(16)]];
});

/** All kinds that are met here, the drawn ones included. */
const networks: Readonly<Record<Kind, Make>> = {
  ...kinds,
  ...Object.fromEntries(drawnNetworks.map(([kind, make]) => [kind, make])),
};

const expectations = new Map<string, Promise<Gradients & { readonly trace: Trace }>>();

/** What the reference finds, which all engines are held to; it is slow, so it is asked once for each shape. */
function exact(shape: Shape, kind: Kind, halves: boolean): Promise<Gradients & { readonly trace: Trace }> {
  const key = `${shape.join()} ${kind} ${halves}`;
  const known = expectations.get(key);
  if (known) return known;
  const { model, batch, state } = countedFromTheMiddle(shape, kind, halves);
  const found = new ReferenceEngine().open(model, batch).then(async (session) => {
    session.write(state);
    return { ...(await session.gradients(batch)), trace: await session.trace(batch) };
  });
  expectations.set(key, found);
  return found;
}

/**
 * A case in whose longer sequences the first half does not count.
 *
 * @param halves whether its parameters are such that f16 holds them exactly
 */
function countedFromTheMiddle(shape: Shape, kind: Kind, halves: boolean) {
  const [V, H, rows, timesteps] = shape;
  const { model, batch, state } = drawCase(networks[kind]!(V, H), { rows, timesteps }, 7, kind.endsWith('ragged'));
  const parameters = halves ? toHalves(state.parameters) : state.parameters;
  const countFrom = batch.timesteps > 4 ? batch.timesteps >> 1 : 0;
  return { model, batch: { ...batch, countFrom }, state: { ...state, parameters } };
}

/** Of the other kinds of network, those that meet each of the telling shapes. */
const thorough: readonly Kind[] = [
  'GRU, symbols, sigmoid',
  'GRU, vectors',
  'RNN, symbols',
  'RNN, symbols, sigmoid, squared error',
  'RNN, vectors',
  'RNN, vectors, squared error',
];

/**
 * The GRU on symbols meets every shape, or two of three where each case takes seconds to compile; the others, which share most with it, some that tell, or as many of those in turns.
 *
 * @param turns 2; where each case takes seconds to compile, 1, and ten of the drawn networks
 */
const casesIn = (turns: 1 | 2): (readonly [Kind, ...Shape])[] => [
  ...(turns === 1 ? [...chosen.filter((_, i) => i % 3 !== 1), ...drawn.slice(0, 3)] : [...chosen, ...drawn]).map(
    (shape) => ['GRU, symbols', ...shape] as const,
  ),
  ...thorough.flatMap((kind) =>
    (turns === 1 ? telling.slice(1, 2) : telling).map((shape) => [kind, ...shape] as const),
  ),
  ...Object.keys(kinds)
    .filter((kind) => kind !== 'GRU, symbols' && !thorough.includes(kind))
    .flatMap((kind, i) =>
      [i, i + 2].slice(0, turns).map((turn) => [kind, ...telling[turn % telling.length]!] as const),
    ),
  ...drawnNetworks.slice(0, turns === 1 ? 10 : 16).map(([kind, , shape]) => [kind, ...shape] as const),
];

/** Where one or two dispatches a timestep take a sequence through, these as well: shorter, longer and none of its tiles. */
const stepwise: (readonly [Kind, ...Shape])[] = [
  ...telling.map((shape) => ['GRU, symbols', ...shape] as const),
  ...drawn.slice(0, 3).map((shape) => ['GRU, symbols', ...shape] as const),
  ['GRU, vectors', 31, 13, 2, 41],
  ['GRU, symbols, sigmoid', 17, 33, 37, 3],
  ...telling.slice(1, 4).map((shape) => ['RNN, symbols', ...shape] as const),
  ['LSTM, 2 layers, symbols, ragged', 17, 33, 9, 3],
  ['GRU (reset after), 2 layers, symbols, ragged', 31, 13, 2, 41],
  ['GRU, 2 layers, symbols, ragged', 17, 33, 37, 3],
  ['RNN (tanh), vectors, linear, ragged', 67, 129, 3, 2],
  ['RNN, 2 layers, symbols, ragged', 31, 13, 5, 4],
  ['LSTM, 2 layers, vectors', 67, 129, 35, 2],
  ['RNN, vectors', 67, 129, 35, 2],
  // More hidden units than a workgroup's memory has room for.
  ['GRU, symbols', 5, 1300, 2, 3],
];

/** WebGPU, cut up in a way of its own. */
const told = (what: string, tuning: string, cases: typeof stepwise) =>
  [`${webgpu}, ${what}`, () => useWebGPUEngine({ tuning }), cases] as const;
/**
 * Cases that tell what a way of its own does: a long sequence, more layers, and K that no number of parts divides. The
 * tests of dropout go through other cells in these ways.
 */
const few: typeof stepwise = [
  ['GRU, symbols', 31, 13, 2, 41],
  ['GRU, symbols', 5, 257, 3, 4],
  ['LSTM, 2 layers, symbols, ragged', 17, 33, 9, 3],
];

/**
 * Engines that meet every case. The others compute with the kernels of one of these, in another place or with another number of
 * threads: the drawn networks are enough to tell that.
 */
const thoroughly = [webgpu, 'the CPU in Node, 2 threads', 'the CPU in the browser, 2 threads, relaxed SIMD'];
const casesFor = (name: string) => {
  const all = casesIn(name === webgpu ? 1 : 2);
  return thoroughly.includes(name) ? all : all.slice(-drawnNetworks.length);
};

describe.each([
  ...Object.entries(floatEngines).map(([name, use]) => [name, use, casesFor(name)] as const),
  told('stepwise', 'stepwise', stepwise),
  told('whole sequences with K in parts', 'whole-sequence parts=8', few),
  told('whole sequences with K in parts that subgroups sum up', 'whole-sequence parts=8 sums=subgroup', few),
  told('whole sequences, two rows a workgroup', 'whole-sequence rows=2 parts=2 sums=subgroup', few),
  told('whole sequences, a row a workgroup', 'whole-sequence rows=1', few),
  told('whole sequences, weights as f16', 'whole-sequence weights=f16', few),
  told('stepwise, in other tiles', 'stepwise rows=8 parts=1', stepwise.slice(1, 4)),
  told('stepwise, with parts that subgroups sum up', 'stepwise rows=8 parts=4 sums=subgroup', few),
  told('stepwise, weights as f16', 'stepwise parts=2 sums=subgroup weights=f16', few),
])('%s, against float64', (name, use, cases) => {
  const engine = use();
  const halves = name.includes('f16');

  it.each(cases)('%s: V = %i, H = %i, B = %i, T = %i', async (kind, ...shape) => {
    const { model, batch, state } = countedFromTheMiddle(shape, kind, halves);
    // Room for more than the batch, which leaves some of the dispatches nothing to do.
    const session = await engine().open(model, { rows: batch.rows, timesteps: batch.timesteps + 2 });
    session.write(state);
    const [expected, actual] = await Promise.all([exact(shape, kind, halves), session.gradients(batch)]);
    const [traced, trace] = [expected.trace, await session.trace(batch)];
    const loss = await session.evaluate(batch);
    session.close();

    expect(relativeError([actual.loss], [expected.loss])).toBeLessThan(1e-5);
    expect(relativeError(actual.finalState, expected.finalState)).toBeLessThan(1e-5);
    expect(relativeError(actual.stateGradients, expected.stateGradients)).toBeLessThan(1e-5);
    expect(relativeError([loss], [expected.loss])).toBeLessThan(1e-5);
    expect(relativeError(trace.outputs, traced.outputs)).toBeLessThan(1e-5);
    expect(trace.layers.length).toBe(model.layers);
    for (const [index, layer] of trace.layers.entries()) {
      for (const what of ['states', 'gates'] as const) {
        const expected = traced.layers[index]![what];
        expect(Object.keys(layer[what])).toEqual(Object.keys(expected));
        for (const [name, values] of Object.entries(layer[what])) {
          expect(relativeError(values, expected[name]!), `${what} ${name} of layer ${index}`).toBeLessThan(1e-5);
        }
      }
    }
    const part = (offset: number, length: number) => expected.flat.subarray(offset, offset + length);
    const errors = relativeErrors(model, actual.flat, (_, offset, length) => part(offset, length));
    for (const [parameter, error] of Object.entries(errors)) {
      expect(error, `gradient of ${parameter}`).toBeLessThan(1e-5);
    }
  });

  it.runIf(thoroughly.includes(name))(
    'trains the largest network that is promised, 8,192 symbols and 1,024 hidden units',
    async () => {
      const { model, batch } = randomCase([8192, 1024, 1, 1], 3);
      const session = await engine().open(model, batch);
      const { loss, gradientNorm, notFinite } = await session.step(
        { ...batch, initialState: 'zero' },
        { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 },
      );
      session.close();
      expect(notFinite).toBeUndefined();
      expect(loss).toBeCloseTo(Math.log(8192), 0);
      expect(gradientNorm).toBeGreaterThan(0);
    },
  );
});
