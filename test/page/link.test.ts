import { describe, expect, it } from 'vitest';
import { fragmentOf, longest, readFragment } from '../../src/page/sharing/link.ts';
import type { Passage } from '../../src/page/state.ts';

const passage: Passage = {
  step: 1200,
  prime: 'The ',
  text: 'cat & <b>mat</b>\n“100 %” + #ü\u{1F30A}',
  temperature: 0.7,
  loss: 2.1 * Math.LN2,
};

describe('A passage in a link', () => {
  it('comes back as it was, markup as the characters that it is, with its step and figure', () => {
    const { passage: read, text } = readFragment(fragmentOf({ passage }));
    const { loss, circumstances, ...rest } = read;
    expect(rest).toEqual({ step: 1200, prime: 'The ', text: passage.text, temperature: 0.7 });
    expect(loss).toBeCloseTo(passage.loss!, 3);
    expect(circumstances).toBe('Somebody shared this: after 1,200 steps, 2.10 bits, temperature 0.7');
    expect(text).toBeUndefined();
  });

  it('has no figure where there was none, and names a text that is not in it', () => {
    const { passage: read, text } = readFragment(
      fragmentOf({ passage: { ...passage, step: 0, loss: null }, text: 'notes.txt' }),
    );
    expect([read.loss, read.circumstances, text]).toEqual([
      null,
      'Somebody shared this: after 0 steps, temperature 0.7',
      'notes.txt',
    ]);
  });

  it('fits into 2 KB in any language', () => {
    const text = '水'.repeat(1000);
    const fragment = fragmentOf({ passage: { ...passage, text } });
    expect(fragment.length).toBeLessThanOrEqual(longest);
    const read = readFragment(fragment).passage.text;
    expect(read.length).toBeGreaterThan(150);
    expect(text.startsWith(read)).toBe(true);
    expect(() => fragmentOf({ passage: { ...passage, prime: text } })).toThrow(/prime is too long for a link/);
  });

  it.each([
    [`#passage=${'a'.repeat(longest)}&step=1`, /has more than 2,048 characters/],
    ['#passage=%ff%fe&step=1', /is not UTF-8/],
    ['#passage=%&step=1', /is not UTF-8/],
    ['#passage=&step=1', /is empty/],
    ['#passage=a', /its step is “”/],
    ['#passage=a&step=1.5', /its step is “1.5”/],
    ['#passage=a&step=-1', /its step is “-1”/],
    ['#passage=a&step=1e3', /its step is “1e3”/],
    ['#passage=a&step=1&bits=NaN', /its bits is “NaN”/],
    ['#passage=a&step=1&temperature=<img>', /its temperature is “<img>”/],
  ])('is refused in a sentence: %#', (fragment, why) => {
    expect(() => readFragment(fragment)).toThrow(RangeError);
    expect(() => readFragment(fragment)).toThrow(why);
    expect(() => readFragment(fragment)).toThrow(/^The passage in the address was left out: .*\. Ask for the link/);
  });
});
