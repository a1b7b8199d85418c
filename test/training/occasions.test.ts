import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CheckpointOccasions, PassageOccasions, SnapshotOccasions } from '../../src/training/occasions.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

describe('Snapshots', () => {
  it('are taken by the clock, whatever the loss', () => {
    const occasions = new SnapshotOccasions();
    pass(9);
    expect(occasions.due(3)).toBe(false);
    pass(2);
    expect(occasions.due(3)).toBe(true);
    occasions.taken(3, 0.1);
    expect(occasions.due(3)).toBe(false);
  });

  it('are taken as soon as the loss is notably better than at the last one', () => {
    const occasions = new SnapshotOccasions();
    expect(occasions.due(undefined)).toBe(false);
    expect([3, 2.9, 2.75, 2.6].map((loss) => occasions.due(loss))).toEqual([false, false, false, true]);
    occasions.taken(2.6, 0);
    expect([2.6, 2.4, 2.3].map((loss) => occasions.due(loss))).toEqual([false, false, true]);
  });

  it('take a twentieth of the time, however fast the loss falls', () => {
    const occasions = new SnapshotOccasions();
    occasions.taken(3, 0.1);
    pass(1.9);
    expect(occasions.due(1)).toBe(false);
    pass(0.2);
    expect(occasions.due(1)).toBe(true);
  });
});

describe('Checkpoints', () => {
  it('are made soon after the start, then by the minute', () => {
    const occasions = new CheckpointOccasions();
    const made: number[] = [];
    for (let second = 1; second <= 200; second++) {
      pass(1);
      if (!occasions.due) continue;
      made.push(second);
      occasions.made();
    }
    expect(made).toEqual([5, 15, 60, 120, 180]);
  });

  it('that were missed are not made up for', () => {
    const occasions = new CheckpointOccasions();
    pass(70);
    expect(occasions.due).toBe(true);
    occasions.made();
    expect(occasions.due).toBe(false);
    pass(60);
    expect(occasions.due).toBe(true);
  });
});

/** At which steps passages are written, where a step and a passage take so many seconds. */
function stepsWritten(from: number, to: number, secondsOfStep: number, secondsOfPassage: number): number[] {
  const occasions = new PassageOccasions(from);
  const written: number[] = [];
  for (let step = from; step < to; step++) {
    if (occasions.due(step)) {
      written.push(step);
      pass(secondsOfPassage);
      occasions.written(step, secondsOfPassage);
    }
    pass(secondsOfStep);
  }
  return written;
}

describe('Passages', () => {
  it('are written at steps 0, 10, 30, 100 …, and by the clock in between', () => {
    expect(stepsWritten(0, 400, 0.001, 0)).toEqual([0, 10, 30, 100, 300]);
    expect(stepsWritten(0, 100, 0.5, 0)).toEqual([0, 10, 23, 30, 43, 56, 69, 82, 95]);
    // A run that goes on has been seen at the steps before.
    expect(stepsWritten(30, 400, 0.001, 0)).toEqual([100, 300]);
  });

  it('are written later where writing takes long, so that training has nine tenths of the time', () => {
    expect(stepsWritten(0, 200, 1 / 128, 1 / 16)).toEqual([0, 72, 144]);
  });

  it('are written by the clock even where a passage takes seconds', () => {
    expect(stepsWritten(0, 200, 1 / 8, 3)).toEqual([0, 49, 98, 147, 196]);
  });
});
