import type { DatasetName } from '../data/names.ts';
import { type Configuration, defaultConfiguration, settingNames } from './configuration.ts';

/** Settings with which data that come with Sluice are learned, where those by default do not do it as well: see docs/results.md. */
export const recipes: Readonly<Partial<Record<DatasetName, Readonly<Partial<Configuration>>>>> = {
  'noisy-sine': {
    hidden: 32,
    batch: 16,
    sequence: 100,
    leadIn: 100,
    steps: 3000,
    averaging: 0.99,
    weightDecay: 0.1,
  },
  adding: { hidden: 64, steps: 1000 },
  copying: { hidden: 64, learningRate: 0.02, steps: 3000 },
};

/** Every setting as it is for these data unless it is chosen. */
export const defaultsFor = (dataset: DatasetName): Configuration => ({
  ...defaultConfiguration,
  ...recipes[dataset],
  dataset,
});

/**
 * What changes when other data are chosen: to their recipe, from the recipe of those before. Whatever a person has set stays.
 *
 * @param configuration with the data before
 */
export function changeOfRecipe(configuration: Configuration, name: DatasetName): Partial<Configuration> {
  const [before, after] = [defaultsFor(configuration.dataset), defaultsFor(name)];
  const changed = settingNames.filter((each) => before[each] !== after[each] && configuration[each] === before[each]);
  return Object.fromEntries(changed.map((each) => [each, after[each]]));
}
