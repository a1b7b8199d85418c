import { describe, expect, it } from 'vitest';
import { PassageSchedule } from '../../src/training/passage-schedule.ts';

/** At which steps passages are written, where a step and a passage take so many seconds. */
function stepsWritten(from: number, to: number, secondsOfStep: number, secondsOfPassage: number): number[] {
  const schedule = new PassageSchedule(from, 0);
  const written: number[] = [];
  let time = 0;
  for (let step = from; step < to; step++) {
    if (schedule.isDue(step, time)) {
      written.push(step);
      schedule.wrote(step, time, time + secondsOfPassage);
      time += secondsOfPassage;
    }
    time += secondsOfStep;
  }
  return written;
}

describe('Passages are written', () => {
  it('at steps 0, 10, 30, 100 …, and by the clock in between', () => {
    expect(stepsWritten(0, 400, 0.001, 0)).toEqual([0, 10, 30, 100, 300]);
    expect(stepsWritten(0, 100, 0.5, 0)).toEqual([0, 10, 23, 30, 43, 56, 69, 82, 95]);
    // A run that goes on has been seen at the steps before.
    expect(stepsWritten(30, 400, 0.001, 0)).toEqual([100, 300]);
  });

  it('later where writing takes long, so that training has nine tenths of the time', () => {
    expect(stepsWritten(0, 200, 1 / 128, 1 / 16)).toEqual([0, 72, 144]);
  });

  it('by the clock even where a passage takes seconds', () => {
    expect(stepsWritten(0, 200, 1 / 8, 3)).toEqual([0, 49, 98, 147, 196]);
  });
});
