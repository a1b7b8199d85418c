import { describe, expect, it } from 'vitest';
import type { Level } from '../../src/data/baselines-worker.ts';
import { bitsPerCharacter } from '../../src/data/measure.ts';
import { placeLabels } from '../../src/figures/axes.ts';
import { briefName, logarithmicTicks, lossRange, prospect, standing, stepRange } from '../../src/page/levels.ts';

const levels: readonly Level[] = [
  { name: 'floor', figure: 1, floor: 'the text’s own entropy' },
  { name: 'guessing among 32 characters', figure: 5 },
  { name: 'character frequencies', figure: 4 },
  { name: 'n-gram, order 1', figure: 3 },
];

describe('labels beside lines', () => {
  it('stay where they are if there is room', () => {
    expect(placeLabels([10, 40, 80], 15, 0, 100)).toEqual([10, 40, 80]);
  });

  it('spread evenly around lines that crowd', () => {
    expect(placeLabels([49, 50, 51], 15, 0, 100)).toEqual([35, 50, 65]);
  });

  it('stay inside and in order', () => {
    const places = placeLabels([96, 97, 98, 99], 15, 5, 100);
    expect(places.at(-1)).toBe(100);
    places.forEach((place, i) => {
      expect(place - (places[i - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(15);
    });
  });

  it('take no lines at all', () => expect(placeLabels([], 15, 0, 100)).toEqual([]));
});

describe('ranges', () => {
  it('frame the levels before there is data', () => {
    const [low, high] = lossRange(levels, []);
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(5);
  });

  it('grow with the data, but not with a leap far above', () => {
    expect(lossRange(levels, [0.5])[0]).toBeLessThan(0.5);
    expect(lossRange(levels, [40])[1]).toBeLessThan(10);
    expect(lossRange([], [])).toEqual([1, 8]);
    expect(lossRange(levels, [0, Number.NaN])).toEqual(lossRange(levels, []));
  });

  it.each([
    [0, 2000, 20],
    [21, 2000, 50],
    [501, 2000, 1000],
    [1001, 1500, 1500],
    [3, 5, 5],
    [1, 1, 1],
    [12, 5, 12],
  ])('show step %i of %i up to %i', (step, goal, end) => expect(stepRange(step, goal)).toBe(end));

  it('put round ticks a readable distance apart', () => {
    const ticks = logarithmicTicks(0.9, 6.5, 300, 28);
    expect(ticks[0]).toBe(1);
    expect(ticks).toContain(2);
    ticks.forEach((tick, i) => {
      const before = ticks[i - 1];
      if (before) expect((Math.log(tick / before) / Math.log(6.5 / 0.9)) * 300).toBeGreaterThanOrEqual(28);
    });
  });
});

describe('where a loss stands', () => {
  it('names the last model beaten, the next one and the floor', () => {
    expect(standing(3.5, levels, bitsPerCharacter)).toBe(
      'That beats character frequencies (4.00), not yet the n-gram of order 1 (3.00). ' +
        'The floor, the text’s own entropy (1.00), is 2.50 below.',
    );
  });

  it('knows the two ends', () => {
    expect(standing(6, levels, bitsPerCharacter)).toContain('does not beat guessing among 32 characters (5.00) yet');
    expect(standing(2, levels, bitsPerCharacter)).toContain('beats every simpler model');
    expect(standing(1.001, levels, bitsPerCharacter)).toContain('That is the floor');
    expect(standing(2, [], bitsPerCharacter)).toBe('');
  });

  it('is labelled in little room, too', () => {
    expect(levels.map(({ name }) => briefName(name))).toEqual(['floor', 'guessing', 'character', 'order 1']);
  });

  it('says beforehand what there is to beat', () => {
    expect(prospect(levels, bitsPerCharacter)).toBe(
      'The simplest model, guessing among 32 characters, costs 5.00 bits per character; ' +
        'the best of the simpler models, the n-gram of order 1, 3.00; the floor that no model can pass is 1.00.',
    );
    expect(prospect([], bitsPerCharacter)).toBe('');
  });
});
