import { describe, expect, test } from 'vitest';
import { baselines } from '../../../src/data/text/baselines.ts';
import { fieldNotes, fieldNotesGrammar } from '../../../src/data/text/field-notes.ts';
import { expectation, reference } from '../../../src/data/text/grammar.ts';
import { Vocabulary } from '../../../src/model/vocabulary.ts';
import { confusable, parse, textEntropy, texts } from './derivations.ts';

const { text, entropy = Number.NaN } = fieldNotes();
const entries = text.match(/.*\n/g) ?? [];

describe('the grammar', () => {
  test('has a rule for every name, and a name for every rule', () => {
    const named = new Set(['entry']);
    for (const alternative of Object.values(fieldNotesGrammar).flatMap(Object.keys)) {
      for (const [, name = ''] of alternative.matchAll(reference)) named.add(name);
    }
    expect([...named].sort()).toEqual(Object.keys(fieldNotesGrammar).sort());
  });

  test('is unambiguous: no alternative begins with what another can become', () => {
    expect(confusable(fieldNotesGrammar)).toEqual([]);
    expect(confusable({ day: { '1': 1, '14': 1 }, hour: { '1 ': 1, '14 ': 1 } })).toEqual(['day: 1 | 14']);
  });

  test('gives each entry exactly one derivation', () => {
    for (const entry of entries.slice(0, 50)) expect(parse(fieldNotesGrammar, 'entry', entry).derivations).toBe(1);
    expect(parse(fieldNotesGrammar, 'entry', 'At Gull Point, no one.\n').derivations).toBe(0);
  });

  test('has the entropy that summing over every text gives, for rules small enough to sum', () => {
    for (const name of ['winter month', 'morning', 'heron neighbours', 'otters farewell', 'jay food']) {
      expect(expectation(fieldNotesGrammar, name).surprisal).toBeCloseTo(
        textEntropy(texts(fieldNotesGrammar, name)),
        9,
      );
    }
  });
});

describe('the notebook', () => {
  test('realises its entropy', () => {
    const surprisal = entries.reduce((sum, entry) => sum + parse(fieldNotesGrammar, 'entry', entry).surprisal, 0);
    expect(entries.join('')).toBe(text);
    expect(Math.abs(surprisal / text.length - entropy)).toBeLessThan(0.003);
  });

  test('is a few hundred kilobytes in a few dozen characters', () => {
    expect(text.length).toBeGreaterThanOrEqual(350_000);
    expect(text.length).toBeLessThan(351_000);
    expect(new Set(text).size).toBeLessThanOrEqual(60);
    expect(text).toMatch(/^[\n -~]*$/);
  });

  test('is fixed by its seed', () => {
    expect(fieldNotes(1).text).toBe(text);
    expect(fieldNotes(2).text).not.toBe(text);
    expect(fieldNotes(2).entropy).toBe(entropy);
  });

  test('remembers who was met, and how many', () => {
    const alone = /, an? \w+ (\w+) \w+ \w+ the \w+; the \1 .*(?:The|the) \1 /;
    const company =
      /, (two|three|four|five) \w+ (\w+)s \w+ \w+ the \w+; one \2 .*, (one|two|three|four) \w+[.;].*he \2s /;
    const others: Record<string, string> = { two: 'one', three: 'two', four: 'three', five: 'four' };
    for (const entry of entries) {
      const [, count = '', , left] = company.exec(entry) ?? [];
      expect(left ?? alone.exec(entry)?.[0], entry).toBeDefined();
      expect(left).toBe(others[count]);
    }
  });

  test('has more to it than short contexts can tell', () => {
    const vocabulary = Vocabulary.of(text);
    const ids = vocabulary.encode(text);
    const cut = Math.floor(0.9 * ids.length);
    const reached = Array.from(baselines(ids.slice(0, cut), ids.slice(cut), vocabulary.size));
    for (const { bitsPerCharacter } of reached) expect(bitsPerCharacter).toBeGreaterThan(1.5 * entropy);
  });
});
