import { describe, expect, it } from 'vitest';
import { keepPassage } from '../../src/page/stage/kept.ts';
import { Stream, wholeWords } from '../../src/page/stage/stream.ts';
import type { Passage } from '../../src/page/state.ts';

const passage = (step: number, text = 'sea shells '): Passage => ({
  step,
  prime: 'The ',
  text,
  temperature: 1,
  loss: null,
});

describe('Passages that are kept', () => {
  it('are two dozen, from the first to the last, thinned where they stand closest', () => {
    let kept: readonly Passage[] = [];
    const steps = [0, 10, 30, 100, 300, ...Array.from({ length: 40 }, (_, i) => 1000 + 50 * i)];
    for (const step of steps) kept = keepPassage(passage(step), kept);
    expect(kept).toHaveLength(24);
    expect(kept[0]?.step).toBe(2950);
    expect(kept.slice(-5).map(({ step }) => step)).toEqual([300, 100, 30, 10, 0]);
  });
});

describe('The stream', () => {
  it('writes at reading speed, and each passage to its end', () => {
    const stream = new Stream();
    stream.add(passage(0));
    expect(stream.advance(1)).toMatchObject({ passage: { step: 0 }, written: 0 });
    expect(stream.advance(0.125)?.written).toBe(5);
    expect(stream.isMoving).toBe(true);
    stream.add(passage(10));
    expect(stream.advance(0.0625)).toMatchObject({ passage: { step: 0 }, written: 12 });
    // It stands a little, until the next begins.
    expect(stream.advance(1)).toMatchObject({ passage: { step: 10 }, written: 0 });
    stream.advance(1);
    expect(stream.isMoving).toBe(false);
  });

  it('leaves what waits for what is wanted at once', () => {
    const stream = new Stream();
    for (const step of [0, 10, 30]) stream.add(passage(step));
    stream.advance(0);
    stream.hurry();
    stream.add(passage(77));
    expect(stream.advance(0)?.passage.step).toBe(77);
  });

  it('ends with a whole word', () => {
    expect(wholeWords('sea shells by the se')).toBe('sea shells by the');
    expect(wholeWords('unbroken')).toBe('unbroken');
  });
});
