import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SpeedMeter } from '../../src/training/speed-meter.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

/** Counts characters, so many milliseconds after the last count. */
function count(meter: SpeedMeter, characters: number, milliseconds: number): number {
  vi.advanceTimersByTime(milliseconds);
  return meter.count(characters);
}

it('tells the true speed, also where two reports arrive together', () => {
  const meter = new SpeedMeter();
  count(meter, 4000, 1000);
  for (let i = 0; i < 20; i++) {
    // Two steps of 400 characters in 200 ms, the second told 0.03 ms after the first.
    for (const speed of [count(meter, 400, 199.97), count(meter, 400, 0.03)]) {
      expect(speed).toBeGreaterThan(3500);
      expect(speed).toBeLessThan(4500);
    }
  }
});

it('follows what changes within seconds, and leaves out what was not training', () => {
  const meter = new SpeedMeter();
  for (let i = 0; i < 20; i++) count(meter, 100, 100);
  let speed = 0;
  for (let i = 0; i < 40; i++) speed = count(meter, 300, 100);
  expect(speed).toBeGreaterThan(2900);
  vi.advanceTimersByTime(60_000);
  meter.skip();
  expect(count(meter, 300, 100)).toBeCloseTo(3000, -2);
  // A wait that is not left out counts.
  expect(count(meter, 300, 10_000)).toBeLessThan(100);
});
