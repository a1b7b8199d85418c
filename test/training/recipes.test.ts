import { expect, it } from 'vitest';
import { type DatasetName, datasetNames } from '../../src/data/names.ts';
import {
  assertConfiguration,
  type Configuration,
  defaultConfiguration,
  parseSetting,
  type SettingName,
} from '../../src/training/configuration.ts';
import {
  changeOfRecipe,
  changeToRecipe,
  defaultsFor,
  type Learnable,
  recipeFollowed,
  recipesFor,
} from '../../src/training/recipes.ts';

const learnable: readonly Learnable[] = [
  ...datasetNames.map((builtIn) => ({ kind: 'text', builtIn }) as const),
  { kind: 'text' },
  { kind: 'series' },
  { kind: 'labelled' },
];

it('A recipe is of settings as they may be, and that go together', () => {
  for (const data of learnable) {
    for (const recipe of recipesFor(data).values()) {
      for (const [name, value] of Object.entries(recipe)) {
        expect(parseSetting(name as SettingName, String(value)), name).toBe(value);
      }
      assertConfiguration(recipe);
    }
  }
});

it('There is always a quick recipe, and texts have better ones', () => {
  for (const data of learnable) expect(recipesFor(data).has('quick')).toBe(true);
  expect([...recipesFor({ kind: 'text' }).keys()]).toEqual(['quick', 'good', 'best']);
  expect([...recipesFor({ kind: 'series' }).keys()]).toEqual(['quick']);
});

it('A recipe that is chosen is followed, whatever was there before, until one of its settings is changed', () => {
  const recipes = recipesFor({ kind: 'text', builtIn: 'origin-of-species' });
  let configuration: Configuration = { ...defaultConfiguration, dataset: 'origin-of-species', seed: 7 };
  for (const name of ['good', 'best', 'quick', 'best'] as const) {
    configuration = { ...configuration, ...changeToRecipe(recipes, name) };
    expect(recipeFollowed(recipes, configuration)).toBe(name);
    expect(configuration.seed).toBe(7);
  }
  expect(recipeFollowed(recipes, { ...configuration, seed: 8 })).toBe('best');
  expect(recipeFollowed(recipes, { ...configuration, dropout: 0.31 })).toBeUndefined();
});

it('Whoever chooses data gets their recipe, and the first one back with the first data', () => {
  const first = defaultsFor('field-notes');
  for (const name of datasetNames) {
    const [from, to] = [recipesOf('field-notes'), recipesOf(name)];
    const chosen = { ...first, ...changeOfRecipe(first, from, to), dataset: name };
    expect(chosen).toEqual(defaultsFor(name));
    const back = { ...chosen, ...changeOfRecipe(chosen, to, from), dataset: 'field-notes' };
    expect(back).toEqual(first);
  }
});

const recipesOf = (builtIn: DatasetName) => recipesFor({ kind: 'text', builtIn });

it('What a person has set stays', () => {
  const chosen = { ...defaultsFor('field-notes'), hidden: 8 };
  const copying = { ...chosen, ...changeOfRecipe(chosen, recipesOf('field-notes'), recipesOf('copying')) };
  expect(copying).toMatchObject({ hidden: 8, learningRate: 0.02 });
  const slower = { ...copying, learningRate: 0.01 };
  const adding = { ...slower, ...changeOfRecipe(slower, recipesOf('copying'), recipesOf('adding')) };
  expect(adding).toMatchObject({ hidden: 8, learningRate: 0.01, steps: 1000 });
  const own = { ...chosen, ...changeOfRecipe(chosen, recipesOf('field-notes'), recipesFor({ kind: 'text' })) };
  expect(own).toMatchObject({ hidden: 8, leadIn: 0, batches: 'streams', averaging: 0.999 });
});
