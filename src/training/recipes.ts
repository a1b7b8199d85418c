import type { Kind } from '../data/dataset.ts';
import type { DatasetName } from '../data/names.ts';
import { type Configuration, defaultConfiguration, type SettingName, settingNames } from './configuration.ts';

/** How thoroughly data are learned, the quickest first. */
export const recipeNames = ['quick', 'good', 'best'] as const;

export type RecipeName = (typeof recipeNames)[number];

/** Settings that go together; all others are as they are by default. */
type Recipe = Readonly<Partial<Configuration>>;

/** What is known of data that somebody brings, and of those that come with Sluice besides their name. */
export interface Learnable {
  readonly kind: Kind;
  /** If they come with Sluice. */
  readonly builtIn?: DatasetName;
}

/** A large network with all that keeps it from learning the training part by heart: docs/results.md says what each is worth. */
const regularised: Recipe = {
  hidden: 384,
  sequence: 96,
  batches: 'streams',
  learningRate: 0.003,
  schedule: 'linear',
  recurrentDropout: 0.15,
  weightDecay: 0.01,
  averaging: 0.999,
};

/** What every text is better learned with. */
const quick: Recipe = { schedule: 'linear', decay: 0.5, averaging: 0.999 };

/** How texts are learned that have no recipes of their own. */
const ofTexts: Readonly<Partial<Record<RecipeName, Recipe>>> = {
  quick: { ...quick, batches: 'streams' },
  good: { ...regularised, dropout: 0.1, decay: 0.5, steps: 6000 },
  // What goes through the text more often needs more of what keeps it from learning by heart.
  best: { ...regularised, dropout: 0.3, decay: 0.3, steps: 14_000 },
};

/** The texts of a grammar, whose sentences go on from what stands some forty characters before. */
const ofGrammars: Recipe = { ...quick, leadIn: 48 };

/** Texts of some ten kilobytes, of which a network that leaves nothing out soon knows much by heart. */
const ofLittleTexts: Recipe = { ...quick, averaging: 0.99, dropout: 0.3, recurrentDropout: 0.2 };

/** The recipes of data that come with Sluice: `quick` where the settings' own defaults do not learn them as well. */
const ofBuiltIns: Readonly<Partial<Record<DatasetName, Readonly<Partial<Record<RecipeName, Recipe>>>>>> = {
  'field-notes': {
    quick: ofGrammars,
    good: { ...ofGrammars, leadIn: 32, hidden: 256, dropout: 0.1, recurrentDropout: 0.1, weightDecay: 0.01 },
  },
  cookbook: { quick: ofGrammars },
  'nursery-rhymes': {
    // They are to be known by heart: what is held out says nothing of that.
    quick: { ...quick, averaging: 0.99, batch: 16, leadIn: 16, keep: 'last' },
    good: { ...ofLittleTexts, batch: 16, dropout: 0.4, weightDecay: 0.1, steps: 1500 },
  },
  'british-places': {
    quick: { ...ofLittleTexts, hidden: 96, sequence: 32, steps: 1500 },
    good: { ...quick, sequence: 32, dropout: 0.4, recurrentDropout: 0.3, weightDecay: 0.05 },
  },
  'as-you-like-it': {
    quick: { ...ofLittleTexts, batches: 'streams' },
    good: { ...regularised, hidden: 256, sequence: 64, dropout: 0.4, recurrentDropout: 0.3, decay: 0.4, steps: 2500 },
  },
  'origin-of-species': ofTexts,
  'noisy-sine': {
    quick: {
      hidden: 32,
      batch: 16,
      sequence: 100,
      leadIn: 100,
      steps: 3000,
      averaging: 0.99,
      weightDecay: 0.1,
    },
  },
  adding: { quick: { hidden: 64, steps: 1000 } },
  copying: { quick: { hidden: 64, learningRate: 0.02, steps: 3000 } },
};

/** The recipes that there are for data, each with a value for every setting. `quick` is there always. */
export function recipesFor({ kind, builtIn }: Learnable): ReadonlyMap<RecipeName, Configuration> {
  const own = builtIn === undefined ? (kind === 'text' ? ofTexts : {}) : (ofBuiltIns[builtIn] ?? {});
  const names = recipeNames.filter((name) => name === 'quick' || own[name] !== undefined);
  return new Map(
    names.map((name) => [name, { ...defaultConfiguration, ...own[name], ...(builtIn && { dataset: builtIn }) }]),
  );
}

/** Every setting as it is for these data unless it is chosen. */
export const defaultsFor = (builtIn: DatasetName): Configuration => recipesFor({ kind: 'text', builtIn }).get('quick')!;

/** The settings that one of the recipes names, but for the data. */
export const settingsOf = (recipes: ReadonlyMap<RecipeName, Configuration>): readonly SettingName[] =>
  settingNames.filter(
    (name) => name !== 'dataset' && [...recipes.values()].some((recipe) => recipe[name] !== defaultConfiguration[name]),
  );

/** What changes when a recipe is followed: every setting that one of the recipes names. */
export function changeToRecipe(
  recipes: ReadonlyMap<RecipeName, Configuration>,
  name: RecipeName,
): Partial<Configuration> {
  const recipe = recipes.get(name)!;
  return Object.fromEntries(settingsOf(recipes).map((setting) => [setting, recipe[setting]]));
}

/** Which of the recipes a configuration follows, if it does, whatever else it says. */
export function recipeFollowed(
  recipes: ReadonlyMap<RecipeName, Configuration>,
  configuration: Configuration,
): RecipeName | undefined {
  const names = settingsOf(recipes);
  return recipeNames.find((name) => {
    const recipe = recipes.get(name);
    return recipe !== undefined && names.every((setting) => recipe[setting] === configuration[setting]);
  });
}

/**
 * What changes when other data are chosen: to their quick recipe, from that of those before. Whatever a person has set stays.
 *
 * @param configuration with the data before
 * @param from the recipes that there are for those
 * @param to the recipes that there are for the other data
 */
export function changeOfRecipe(
  configuration: Configuration,
  from: ReadonlyMap<RecipeName, Configuration>,
  to: ReadonlyMap<RecipeName, Configuration>,
): Partial<Configuration> {
  const [before, after] = [from.get('quick')!, to.get('quick')!];
  const changed = settingNames.filter(
    (name) => name !== 'dataset' && before[name] !== after[name] && configuration[name] === before[name],
  );
  return Object.fromEntries(changed.map((each) => [each, after[each]]));
}
