import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CheckpointOccasions, SnapshotOccasions } from '../../src/training/occasions.ts';

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
