import { describe, expect, it } from 'vitest';
import { symbolModel } from '../../src/model/configuration.ts';
import { initialParameters, parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { hash, Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';

describe('Parameters', () => {
  const model = symbolModel('gru', 5, 3);

  it('lie in one flat buffer under their names, without gaps or overlaps', () => {
    const layout = parameterLayout(model);
    const flat = new Float32Array(layout.length);
    for (const view of Object.values(parameterViews(layout, flat))) for (let i = 0; i < view.length; i++) view[i]! += 1;
    expect(layout.length).toBe(3 * (5 * 3 + 3 * 3 + 3) + 3 * 5 + 5);
    expect(flat.every((count) => count === 1)).toBe(true);
    expect(layout.places.map(({ name, shape }) => `${name} ${shape.join('×')}`)).toContain('V 3×5');
  });

  it('start uniform in ±1/√fan_in, fixed by the seed', () => {
    const wide = symbolModel('gru', 400, 25);
    const views = parameterViews(parameterLayout(wide), initialParameters(wide, 1));
    for (const [name, values] of Object.entries(views)) {
      const bound = 1 / Math.sqrt(name.startsWith('U_') ? 400 : 25);
      expect(values.every((x) => Math.abs(x) <= bound)).toBe(true);
      if (values.length < 500) continue;
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((total, x) => total + x * x, 0) / values.length;
      expect(Math.abs(mean)).toBeLessThan((5 * bound) / Math.sqrt(3 * values.length));
      expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 0);
    }
    expect(initialParameters(wide, 1)).toEqual(initialParameters(wide, 1));
    expect(initialParameters(wide, 1)).not.toEqual(initialParameters(wide, 2));
  });

  it.each([
    [symbolModel('gru', 1, 3), /at least 2 symbols, not 1/],
    [symbolModel('gru', 5, 0), /at least 1 hidden unit, not 0/],
    [symbolModel('gru', 5, 2.5), /not 2.5/],
    [symbolModel('gru', 5, 2, { layers: 0 }), /1 to 16 layers, not 0/],
    [symbolModel('gru', 5, 2, { layers: 17 }), /1 to 16 layers, not 17/],
    [{ ...symbolModel('lstm', 5, 2), output: 'linear' }, /squared error/],
    [{ ...symbolModel('lstm', 5, 2), cost: 'squared-error' }, /log-softmax/],
    [{ ...symbolModel('gru', 5, 2, { output: 'sigmoid' }), outputSize: 4 }, /predicts the 5 symbols/],
  ] as const)('refuse sizes that no network has', (wrong, message) => {
    expect(() => parameterLayout(wrong)).toThrow(message);
  });
});

describe('A vocabulary', () => {
  it('numbers the code points of a text in their order', () => {
    const vocabulary = Vocabulary.of('zebra 🦓 à la zèbre');
    expect(vocabulary.symbols.join('')).toBe(' abelrzàè🦓');
    expect(vocabulary.decode(vocabulary.encode('la 🦓'))).toBe('la 🦓');
  });

  it('names the character that it does not have', () => {
    const vocabulary = Vocabulary.of('abc');
    expect(() => vocabulary.encode('a🦓')).toThrow(/“🦓” \(U\+1F993\)/);
    expect(() => vocabulary.encode('a\n')).toThrow(/U\+000A/);
    expect(() => vocabulary.decode([3])).toThrow(/no symbol 3: the vocabulary has 3/);
  });
});

describe('A random generator', () => {
  it('is uniform, and goes on from any place of its sequence', () => {
    const random = new Random(7);
    const numbers = Array.from({ length: 20_000 }, () => random.uniform());
    const mean = numbers.reduce((a, b) => a + b) / numbers.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(new Random(7, 12_345).uniform()).toBe(numbers[12_345]);
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) counts[random.integer(3)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('is normal where that is asked for', () => {
    const random = new Random(7);
    const numbers = Array.from({ length: 20_000 }, () => random.normal());
    expect(random.position).toBe(40_000);
    const moment = (power: number) => numbers.reduce((sum, x) => sum + x ** power, 0) / numbers.length;
    for (const [power, expected] of [0, 1, 0, 3].entries()) {
      expect(Math.abs(moment(1 + power) - expected)).toBeLessThan(0.15);
    }
    const next = numbers.slice(1).reduce((sum, x, i) => sum + x * numbers[i]!, 0) / numbers.length;
    expect(Math.abs(next)).toBeLessThan(0.03);
  });

  it('hashes as PCG does', () => {
    // From the recurrence written out with exact integers.
    const exact = (value: bigint) => {
      const state = BigInt.asUintN(32, value * 747796405n + 2891336453n);
      const word = BigInt.asUintN(32, ((state >> ((state >> 28n) + 4n)) ^ state) * 277803737n);
      return (word >> 22n) ^ word;
    };
    for (const value of [0, 1, 42, 0x7fffffff, 0x80000000, 0xffffffff]) {
      expect(hash(value)).toBe(Number(exact(BigInt(value))));
    }
  });
});
