import { describe, expect, it } from 'vitest';
import { backward, forward, output, step } from '../../src/engine/reference/gru.ts';
import { initialParameters, parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { Random } from '../../src/model/random.ts';

describe('The reference GRU', () => {
  const model = { cell: 'gru', vocabularySize: 6, hiddenSize: 5 } as const;
  const layout = parameterLayout(model);
  const flat = Float64Array.from(initialParameters(model, 4));
  const random = new Random(5);
  const [tokens, targets] = [0, 1].map(() => Array.from({ length: 7 }, () => random.integer(6)));
  const h = Float64Array.from({ length: 5 }, () => random.uniform());
  const lossOf = (parameters: Float64Array, start = h) =>
    forward(parameterViews(layout, parameters), tokens!, targets!, start).loss;

  /** The symmetric difference quotient of a function of one shifted element. */
  const slope = (f: (shift: number) => number) => (f(1e-5) - f(-1e-5)) / 2e-5;
  const shifted = (x: Float64Array, i: number, by: number) => x.map((value, j) => (i === j ? value + by : value));

  it('has the gradients of finite differences, by every parameter and by the start state', () => {
    const gradients = new Float64Array(layout.length);
    const parameters = parameterViews(layout, flat);
    const sequence = forward(parameters, tokens!, targets!, h);
    const dh = backward(parameters, tokens!, targets!, sequence, 1, parameterViews(layout, gradients));
    const numeric = gradients.map((_, i) => slope((by) => lossOf(shifted(flat, i, by))));
    const distance = Math.hypot(...gradients.map((g, i) => g - numeric[i]!)) / Math.hypot(...numeric);
    expect(distance).toBeLessThan(1e-6);
    for (const [i, g] of dh.entries())
      expect(g).toBeCloseTo(
        slope((by) => lossOf(flat, shifted(h, i, by))),
        6,
      );
  });

  it('gives probabilities, and a state between its bounds', () => {
    const parameters = parameterViews(
      layout,
      flat.map((x) => 100 * x),
    );
    const { next } = step(parameters, 3, h);
    expect(next.every((x) => Math.abs(x) <= 1)).toBe(true);
    const total = output(parameters, next).reduce((sum, y) => sum + Math.exp(y), 0);
    expect(total).toBeCloseTo(1, 12);
  });
});
