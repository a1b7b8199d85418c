import { describe, expect, it } from 'vitest';
import { Curves } from '../../src/page/history.ts';
import { type Action, initialState, type PageState, reduce } from '../../src/page/state.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { LossHistory } from '../../src/training/loss-history.ts';
import type { Event } from '../../src/training/protocol.ts';

const progressOf = (from: number, to: number): Action => ({
  kind: 'event',
  event: {
    kind: 'progress',
    steps: Array.from({ length: to - from + 1 }, (_, i) => ({
      step: from + i,
      loss: Math.LN2,
      gradientNorm: 1,
      learningRate: 1,
    })),
    placesPerSecond: 1,
    secondsTraining: 1,
  },
});

const lookedAt = (step: number, loss: number) => ({ kind: 'validation', step, loss, best: { step, loss } }) as const;

describe('the history of the loss', () => {
  it('keeps every step while there is room', () => {
    const history = new LossHistory(8);
    for (let step = 1; step <= 8; step++) history.push(step, step);
    expect(history.steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(history.losses).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('merges neighbours when it is full, and loses no step', () => {
    const history = new LossHistory(4);
    for (let step = 1; step <= 9; step++) history.push(step, step);
    expect(history.steps).toEqual([4, 8, 9]);
    expect(history.losses).toEqual([2.5, 6.5, 9]);
    for (let step = 10; step <= 1000; step++) history.push(step, step);
    expect(history.steps.length).toBeLessThanOrEqual(4);
    expect(history.steps.at(-1)).toBe(1000);
  });

  it('has the mean of all steps in its points, in proportion', () => {
    const history = new LossHistory(16);
    for (let step = 1; step <= 512; step++) history.push(step, step);
    const sum = history.losses.reduce((total, loss, i) => {
      return total + loss * ((history.steps[i] ?? 0) - (history.steps[i - 1] ?? 0));
    }, 0);
    expect(sum / 512).toBeCloseTo(256.5);
  });

  it('smooths: follows at first, averages later', () => {
    const history = new LossHistory(4096);
    for (let step = 1; step <= 2000; step++) history.push(step, step % 2 === 0 ? 1 : 3);
    expect(history.smoothed[0]).toBe(3);
    expect(history.smoothed.at(-1)).toBeCloseTo(2, 1);
  });

  it('forgets what comes after a step that comes again', () => {
    const history = new LossHistory(64);
    for (let step = 1; step <= 10; step++) history.push(step, step);
    history.push(6, 60);
    expect(history.steps).toEqual([1, 2, 3, 4, 5, 6]);
    expect(history.losses.at(-1)).toBe(60);
  });
});

describe('the curves', () => {
  const follow = (curves: Curves, state: PageState, action: Action): PageState => {
    curves.follow(action, state);
    return reduce(state, action);
  };

  it('are in bits', () => {
    const curves = new Curves();
    follow(curves, initialState({ ...defaultConfiguration }), progressOf(1, 2));
    expect(curves.training.losses).toEqual([1, 1]);
  });

  it('begin with what a run that goes on has gone through', () => {
    const curves = new Curves();
    const before = initialState({ ...defaultConfiguration });
    follow(curves, before, progressOf(1, 2));
    const measure = { key: 'bitsPerCharacter', name: 'bits', unit: 'bits', scale: 1 / Math.LN2 } as const;
    const course = {
      seconds: 1,
      training: { stride: 4, filled: 3, steps: [4, 7], losses: [2 * Math.LN2, Math.LN2] },
      heldOut: { stride: 1, filled: 1, steps: [6], losses: [4 * Math.LN2] },
    };
    curves.follow({ kind: 'event', event: { kind: 'opened', measure, course } as unknown as Event }, before);
    expect([curves.training.steps, curves.training.losses]).toEqual([
      [4, 7],
      [2, 1],
    ]);
    expect([curves.validation.steps, curves.validation.losses]).toEqual([[6], [4]]);
    follow(curves, before, progressOf(8, 9));
    expect(curves.training.steps).toEqual([4, 8, 9]);
  });

  it('are bounded, those of held-out text as well', () => {
    const curves = new Curves();
    const state = initialState({ ...defaultConfiguration });
    for (let step = 1; step <= 30_000; step++) {
      follow(curves, state, { kind: 'event', event: lookedAt(step, Math.LN2 * step) });
    }
    const { steps, losses } = curves.validation;
    expect(steps.length).toBeLessThanOrEqual(4096);
    expect(steps.at(-1)).toBe(30_000);
    expect(losses[0]).toBeCloseTo((1 + steps[0]!) / 2);
    expect(losses).toHaveLength(steps.length);
  });

  it('go back with a run that goes back', () => {
    const curves = new Curves();
    let state = initialState({ ...defaultConfiguration });
    state = follow(curves, state, progressOf(1, 30));
    for (const step of [10, 25]) {
      state = follow(curves, state, { kind: 'event', event: lookedAt(step, Math.LN2) });
    }
    const lost = { kind: 'lost', reason: 'gone', snapshotStep: 20 } as const;
    state = follow(curves, state, { kind: 'event', event: { kind: 'state', state: lost } });
    expect(curves.training.steps).toHaveLength(30);
    follow(curves, state, { kind: 'event', event: { kind: 'state', state: { kind: 'training' } } });
    expect(curves.training.steps.at(-1)).toBe(20);
    expect(curves.validation.steps).toEqual([10]);
  });
});
