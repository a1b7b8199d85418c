import { expect, it } from 'vitest';
import { datasetNames } from '../../src/data/names.ts';
import { defaultConfiguration, parseSetting, type SettingName } from '../../src/training/configuration.ts';
import { changeOfRecipe, recipes } from '../../src/training/recipes.ts';

it('A recipe is of settings as they may be', () => {
  for (const recipe of Object.values(recipes)) {
    for (const [name, value] of Object.entries(recipe)) {
      expect(parseSetting(name as SettingName, String(value)), name).toBe(value);
    }
  }
});

it('Whoever chooses data gets their recipe, and the defaults back with others', () => {
  for (const name of datasetNames) {
    const chosen = { ...defaultConfiguration, ...changeOfRecipe(defaultConfiguration, name), dataset: name };
    expect(chosen).toEqual({ ...defaultConfiguration, ...recipes[name], dataset: name });
    const back = { ...chosen, ...changeOfRecipe(chosen, 'field-notes'), dataset: 'field-notes' };
    expect(back).toEqual(defaultConfiguration);
  }
});

it('What a person has set stays', () => {
  const chosen = { ...defaultConfiguration, hidden: 8 };
  const copying = { ...chosen, ...changeOfRecipe(chosen, 'copying'), dataset: 'copying' as const };
  expect(copying).toMatchObject({ hidden: 8, learningRate: 0.02 });
  const slower = { ...copying, learningRate: 0.01 };
  const adding = { ...slower, ...changeOfRecipe(slower, 'adding') };
  expect(adding).toMatchObject({ hidden: 8, learningRate: 0.01, steps: 1000 });
});
