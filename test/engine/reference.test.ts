import { describe, expect, it } from 'vitest';
import { kinds } from '../../src/check/cases.ts';
import { probabilities } from '../../src/engine/reference/output.ts';
import { backward, forward, step } from '../../src/engine/reference/sequence.ts';
import type { Input } from '../../src/engine/reference/vectors.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { initialParameters, parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';

/** The symmetric difference quotient of a function of one shifted element. */
const slope = (f: (shift: number) => number) => (f(1e-5) - f(-1e-5)) / 2e-5;
const shifted = (x: Float64Array, i: number, by: number) => x.map((value, j) => (i === j ? value + by : value));
const distance = (actual: Float64Array, expected: Float64Array) =>
  Math.hypot(...actual.map((x, i) => x - expected[i]!)) / Math.hypot(...expected);

describe.each(Object.entries(kinds))('The reference: %s', (_, kind) => {
  const model = kind(6, 5);
  const layout = parameterLayout(model);
  const flat = Float64Array.from(initialParameters(model, 4));
  const random = new Random(5);
  const draw = (size: number): Input =>
    model.inputs === 'symbols' ? random.integer(size) : Float64Array.from({ length: size }, () => random.uniform());
  const sequence = {
    inputs: Array.from({ length: 7 }, () => draw(model.inputSize)),
    targets: Array.from({ length: 7 }, () => draw(model.outputSize)),
    countFrom: 2,
  };
  const h = Float64Array.from({ length: 5 }, () => random.uniform());
  const lossOf = (parameters: Float64Array, start = h) =>
    forward(model, parameterViews(layout, parameters), sequence, start).loss;

  it('has the gradients of finite differences, by every parameter and by the start state', () => {
    const gradients = new Float64Array(layout.length);
    const parameters = parameterViews(layout, flat);
    const passed = forward(model, parameters, sequence, h);
    const [dh] = backward(model, parameters, sequence, passed, 1, parameterViews(layout, gradients));
    const numeric = gradients.map((_, i) => slope((by) => lossOf(shifted(flat, i, by))));
    expect(distance(gradients, numeric)).toBeLessThan(1e-6);
    const byStart = h.map((_, i) => slope((by) => lossOf(flat, shifted(h, i, by))));
    expect(distance(dh!, byStart)).toBeLessThan(1e-6);
  });
});

it('The reference gives probabilities, and a state between its bounds', () => {
  const model = symbolModel('gru', 6, 5);
  const large = Float64Array.from(initialParameters(model, 4), (x) => 100 * x);
  const { next } = step(model, parameterViews(parameterLayout(model), large), 3, new Float64Array(5).fill(0.5));
  expect(next.every((x) => Math.abs(x) <= 1)).toBe(true);
  const y = probabilities(model, Float64Array.of(3, -700, 2, 800, 1, 0));
  expect(y.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
});
