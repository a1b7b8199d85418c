import { expect, test } from 'vitest';
import { cookbook, cookbookGrammar } from '../../../src/data/text/cookbook.ts';
import { confusable, parse } from './derivations.ts';

const { text, entropy = Number.NaN } = cookbook();
const recipes = text.match(/.*\n/g) ?? [];

test('The cookbook’s grammar is unambiguous, and its text realises its entropy', () => {
  expect(confusable(cookbookGrammar)).toEqual([]);
  const parsed = recipes.map((recipe) => parse(cookbookGrammar, 'recipe', recipe));
  expect(parsed.every(({ derivations }) => derivations === 1)).toBe(true);
  const surprisal = parsed.reduce((sum, each) => sum + each.surprisal, 0);
  expect(Math.abs(surprisal / text.length - entropy)).toBeLessThan(0.003);
});

test('It stays below 150 KB, in plain characters, and is fixed by its seed', () => {
  expect(recipes.join('')).toBe(text);
  expect(text.length).toBeGreaterThanOrEqual(140_000);
  expect(text.length).toBeLessThan(150_000);
  expect(text).toMatch(/^[\n -~]*$/);
  expect(cookbook(1).text).toBe(text);
  expect(cookbook(2).text).not.toBe(text);
});

test('Each recipe goes on with what it began with', () => {
  for (const recipe of recipes) {
    expect(recipe).toMatch(
      /^.* (?:soup|pie|fry)\. Take \w+ (\w+), [\w ]+ of (\w+) and [\w ]+ of (\w+)\. \w+ the \1, .* the \2 for .* the \3\. Serve/,
    );
  }
});
