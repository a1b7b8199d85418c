import { expect, it } from 'vitest';
import { split } from '../../../src/data/text/split.ts';

it('holds out the end of a text, and shares its numbers with the rest', () => {
  const { vocabulary, training, validation } = split('abcabcabca', 0.25);
  expect(vocabulary.decode(training)).toBe('abcabcab');
  expect(vocabulary.decode(validation)).toBe('ca');
});

it('leaves at least two characters to train on', () => {
  expect(split('ab', 0.5).training).toHaveLength(2);
  expect(split('ab', 0.5).validation).toHaveLength(0);
  expect(split('abc', 0.5)).toMatchObject({ training: Uint32Array.of(0, 1), validation: Uint32Array.of(2) });
});
