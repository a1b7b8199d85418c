/**
 * A cookbook, drawn from a small grammar: short recipes, of which a glance tells whether they are right, with an entropy that is
 * known exactly, as that of the field notes is.
 *
 * There is something to remember in each: what the dish is of, what it is cooked in, and which seasoning was taken. All three come
 * back further on.
 */

import { Random } from '../../model/random.ts';
import type { Corpus } from './corpus.ts';
import { draw, evenly, expectation, type Grammar } from './grammar.ts';

/** Dishes that are made alike. */
interface Dishes {
  readonly called: string;
  /** What they can be made of, one of it. */
  readonly of: readonly string[];
  readonly seasonings: readonly string[];
  /** What a dish is cooked in or covered with. */
  readonly with: readonly string[];
  /** The rule for what is done first. */
  readonly preparing: string;
  /** What is done then, to `them`, before a time. */
  readonly cooking: (other: string) => string;
}

const dishes: readonly Dishes[] = [
  {
    called: 'soup',
    of: ['leek', 'carrot', 'onion', 'turnip', 'parsnip', 'beetroot'],
    seasonings: ['salt', 'pepper', 'thyme', 'parsley'],
    with: ['milk', 'broth', 'cider'],
    preparing: 'chop',
    cooking: (liquid) => `boil them in the ${liquid}`,
  },
  {
    called: 'pie',
    of: ['apple', 'plum', 'cherry', 'apricot', 'fig', 'quince'],
    seasonings: ['sugar', 'cinnamon', 'ginger', 'cloves'],
    with: ['pastry', 'crumbs', 'oats'],
    preparing: 'stone',
    cooking: (cover) => `bake them under the ${cover}`,
  },
  {
    called: 'fry',
    of: ['mushroom', 'sausage', 'kipper', 'herring', 'shrimp', 'egg'],
    seasonings: ['mustard', 'garlic', 'chives', 'lemon'],
    with: ['butter', 'oil', 'lard'],
    preparing: 'clean',
    cooking: (fat) => `fry them in the ${fat}`,
  },
];

/** The rules that hold for any dish. */
const always: Grammar = {
  recipe: evenly(...dishes.flatMap((kind) => kind.of.map((one) => `{${one} ${kind.called}}\n`))),
  count: evenly('two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'),
  measure: evenly('a cup', 'a bowl', 'a little', 'a pound', 'half a pint', 'plenty'),
  pinch: evenly('a pinch', 'a spoon', 'a touch', 'some'),
  chop: evenly('Chop', 'Slice', 'Peel', 'Grate'),
  stone: evenly('Halve', 'Wash', 'Core', 'Mash'),
  clean: evenly('Clean', 'Dry', 'Salt', 'Beat'),
  minutes: evenly('5 ', '10 ', '15 ', '20 ', '30 ', '45 '),
  add: evenly('stir in', 'add', 'strew on'),
  serving: evenly('hot', 'cold', 'at once', 'with bread', 'with rice', 'on toast'),
};

const plural = (one: string): string => (one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`);

function dishRules({ called, of, seasonings, with: others, preparing, cooking }: Dishes): Grammar {
  const recipe = (one: string, other: string, seasoning: string) =>
    `${one.charAt(0).toUpperCase()}${one.slice(1)} ${called}. ` +
    `Take {count} ${plural(one)}, {measure} of ${other} and {pinch} of ${seasoning}. ` +
    `{${preparing}} the ${plural(one)}, ${cooking(other)} for {minutes}minutes, {add} the ${seasoning}. Serve {serving}.`;
  return Object.fromEntries(
    of.map((one) => [
      `${one} ${called}`,
      evenly(...others.flatMap((other) => seasonings.map((seasoning) => recipe(one, other, seasoning)))),
    ]),
  );
}

/** Its `recipe` is one recipe, with the line end that closes it. */
export const cookbookGrammar: Grammar = Object.assign({}, always, ...dishes.map(dishRules));

/** In characters. The recipe that reaches it is the last. */
const leastLength = 140_000;

/** The cookbook that a seed gives. */
export function cookbook(seed = 1): Corpus {
  const random = new Random(seed);
  let text = '';
  while (text.length < leastLength) text += draw(cookbookGrammar, 'recipe', random);
  const { surprisal, length } = expectation(cookbookGrammar, 'recipe');
  return { kind: 'text', name: 'Cookbook', text, entropy: surprisal / length };
}
