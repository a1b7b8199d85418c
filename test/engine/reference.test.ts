import { describe, expect, it } from 'vitest';
import { drawCase, kinds, someDropout } from '../../src/check/cases.ts';
import { dropoutMasks } from '../../src/engine/engine.ts';
import type { States } from '../../src/engine/reference/cells/cell.ts';
import { masksOf } from '../../src/engine/reference/dropout.ts';
import { ReferenceSession } from '../../src/engine/reference/engine.ts';
import { outputs } from '../../src/engine/reference/output.ts';
import { backward, forward, layersOf, step, zeroStates } from '../../src/engine/reference/sequence.ts';
import type { Input } from '../../src/engine/reference/vectors.ts';
import { cells, describeCell } from '../../src/model/cells/cells.ts';
import { symbolModel, targetsOf, type Values } from '../../src/model/configuration.ts';
import { initialParameters, type ParameterName, parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';

/** The symmetric difference quotient of a function of one shifted element. */
const slope = (f: (shift: number) => number) => (f(1e-5) - f(-1e-5)) / 2e-5;
const shifted = (x: Float64Array, i: number, by: number) => x.map((value, j) => (i === j ? value + by : value));
const distance = (actual: Float64Array, expected: Float64Array) =>
  Math.hypot(...actual.map((x, i) => x - expected[i]!)) / Math.hypot(...expected);

const sometimes = [
  ...Object.keys(kinds).map((name) => [name, undefined] as const),
  ...Object.keys(kinds).flatMap((name) => dropoutMasks.map((masks) => [name, masks] as const)),
];

describe.each(sometimes)('The reference: %s, masks: %s', (name, dropout) => {
  const model = kinds[name]!(6, 5);
  const masks = masksOf(model, dropout && someDropout(model, dropout, 7), 3);
  const layout = parameterLayout(model);
  const flat = Float64Array.from(initialParameters(model, 4));
  const random = new Random(5);
  const draw = (values: Values, size: number): Input =>
    values === 'symbols' ? random.integer(size) : Float64Array.from({ length: size }, () => random.uniform());
  // The first two targets are absent, and where rows are ragged every third.
  const isAbsent = (t: number) => t < 2 || (name.endsWith('ragged') && t % 3 === 0);
  const sequence = {
    inputs: Array.from({ length: 7 }, () => draw(model.inputs, model.inputSize)),
    masks,
    targets: Array.from({ length: 7 }, (_, t) => (isAbsent(t) ? undefined : draw(targetsOf(model), model.outputSize))),
  };
  /** All states of all layers, one behind the other. */
  const joined = (states: readonly States[]) =>
    Float64Array.from(states.flatMap((layer) => layer.flatMap((state) => Array.from(state ?? []))));
  const count = describeCell(model.cell).states.length;
  const divided = (all: Float64Array) =>
    Array.from({ length: model.layers }, (_, layer) =>
      Array.from({ length: count }, (_, i) => all.slice((layer * count + i) * 5, (layer * count + i + 1) * 5)),
    ) as unknown as States[];
  const start = joined(zeroStates(model)).map(() => random.uniform());
  const lossOf = (parameters: Float64Array, states = start) =>
    forward(model, parameterViews(layout, parameters), sequence, divided(states)).loss;

  it('has the gradients of finite differences, by every parameter and by the start states', () => {
    const gradients = new Float64Array(layout.length);
    const parameters = parameterViews(layout, flat);
    const passed = forward(model, parameters, sequence, divided(start));
    const { byState } = backward(model, parameters, sequence, passed, 1, parameterViews(layout, gradients));
    const numeric = gradients.map((_, i) => slope((by) => lossOf(shifted(flat, i, by))));
    expect(distance(gradients, numeric)).toBeLessThan(1e-6);
    const slopes = start.map((_, i) => slope((by) => lossOf(flat, shifted(start, i, by))));
    expect(distance(joined(byState[0]!), slopes)).toBeLessThan(1e-6);
  });
});

it.each(cells)(
  'The reference tells the gradients at each timestep of a stack, the shares of the gradients by biases: %s',
  async (cell) => {
    const model = { ...symbolModel(cell, 6, 5), layers: 2 };
    const { batch, state } = drawCase(model, { rows: 3, timesteps: 4 }, 8, true);
    const session = new ReferenceSession(model, batch);
    session.write(state);
    const { flat, stateGradients } = await session.gradients(batch);
    const layout = parameterLayout(model);
    const found = new Map(await session.timestepGradients(batch));
    const views = parameterViews(layout, flat);
    const inner = [...found.keys()].filter((name) => /^(da_|ds|dp)/.test(name));
    expect(inner.length).toBeGreaterThanOrEqual(2);
    for (const name of inner) {
      // What the reset gate of the GRU after the product lets through has a bias of its own.
      const bias = name.replace(/^dp/, 'b_hh').replace(/^ds/, 'b').replace('da_c', 'b_h').replace(/^da_/, 'b_');
      const sums = Float64Array.from({ length: 5 }, (_, j) =>
        found.get(name)!.reduce((sum, value, i) => (i % 5 === j ? sum + value : sum), 0),
      );
      expect(distance(sums, Float64Array.from(views[bias as ParameterName]!)), name).toBeLessThan(1e-12);
    }
    expect(found.get('dh')).toHaveLength(5 * 3 * 5);
    expect(
      Float64Array.from([...found].flatMap(([name, values]) => (/^d[hc](_l1)?$/.test(name) ? [...values] : []))),
    ).toEqual(stateGradients);
  },
);

it('The reference gives probabilities, and a state between its bounds', () => {
  const model = symbolModel('gru', 6, 5);
  const large = Float64Array.from(initialParameters(model, 4), (x) => 100 * x);
  const layers = layersOf(model, parameterViews(parameterLayout(model), large));
  const masks = masksOf(model, undefined, 0);
  const [timestep] = step(model, layers, 3, [[new Float64Array(5).fill(0.5)]], (layer) => masks(0, layer));
  expect(timestep!.after[0].every((x) => Math.abs(x) <= 1)).toBe(true);
  const y = outputs(model, Float64Array.of(3, -700, 2, 800, 1, 0));
  expect(y.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
});
