import { expect, it } from 'vitest';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { inFormOf, usablePrime } from '../../src/training/prime.ts';

const composed = 'caf\u00E9';
const decomposed = 'cafe\u0301';

it.each([
  ['composed', composed, decomposed, composed],
  ['decomposed', decomposed, composed, decomposed],
  ['of either form, as it is written', composed + decomposed, decomposed, decomposed],
  ['that has some characters in one form and some in the other', 'o\u0308\u00E9', 'e\u0301\u00F6', '\u00E9o\u0308'],
  ['of several marks on a letter', '\u1EBF', 'e\u0302\u0301', '\u1EBF'],
  ['of syllables that are letters in another form', '\u1112\u1161\u11AB', '\uD55C', '\u1112\u1161\u11AB'],
  ['that has it in no form', 'cafe', composed, composed],
])('A prime is tried in the form of a text %s', (_, text, prime, expected) => {
  expect(inFormOf(Vocabulary.of(text), prime)).toBe(expected);
});

it('A prime of no text’s form gives way to the text’s first character', () => {
  expect(usablePrime(composed, decomposed, Vocabulary.of(decomposed))).toBe(decomposed);
  expect(usablePrime('\u2603', 'cafe', Vocabulary.of('cafe'))).toBe('c');
  expect(usablePrime('', 'cafe', Vocabulary.of('cafe'))).toBe('c');
});
