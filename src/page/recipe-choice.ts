import { capitalised, formatDuration } from '../format.ts';
import type { Configuration } from '../training/configuration.ts';
import { changeToRecipe, type RecipeName, recipeFollowed, recipeNames } from '../training/recipes.ts';
import { byId, make, write } from './dom.ts';
import { type PageState, recipesOf } from './state.ts';

/** Seconds that nobody wants anything of the page before it measures how long the recipes take. */
const untouchedBefore = 1.5;

/** What each recipe is for. */
const purposes: Readonly<Record<RecipeName, string>> = {
  quick: 'A first network: words, not yet sentences.',
  good: 'A larger network, kept from learning by heart.',
  best: 'The same for longer: the best that is known here.',
};

export interface RecipeListener {
  /** A recipe is to be followed. */
  chosen(name: RecipeName): void;
  /** It is not known how long these take, and there is time to find out. */
  unknown(recipes: ReadonlyMap<RecipeName, Configuration>): void;
}

/** The choice among the recipes that there are for the data, each with how long it takes on this machine. */
export class RecipeChoice {
  readonly #listener: RecipeListener;
  readonly #root = byId('recipes', HTMLElement);
  readonly #options = new Map<RecipeName, { radio: HTMLInputElement; option: HTMLElement; time: HTMLElement }>();

  #waiting: ReturnType<typeof setTimeout> | undefined;
  #shown: PageState | undefined;
  /** The network at whose standing still it was last asked. */
  #asked: PageState['network'] = null;

  constructor(listener: RecipeListener) {
    this.#listener = listener;
    for (const name of recipeNames) {
      const radio = make('input', { type: 'radio', name: 'recipe', id: `recipe-${name}`, value: name });
      const time = make('span', { class: 'unit time' }, '');
      const words = make('span', {}, `${capitalised(name)} `, time);
      const option = make('label', { class: 'option', for: radio.id, title: purposes[name] }, radio, words);
      radio.addEventListener('change', () => listener.chosen(name));
      this.#root.append(option);
      this.#options.set(name, { radio, option, time });
    }
  }

  show(state: PageState): void {
    const recipes = recipesOf(state);
    // Where there is one recipe, there is nothing to choose.
    this.#root.hidden = recipes.size < 2;
    const followed = recipeFollowed(recipes, state.configuration);
    for (const [name, { radio, option, time }] of this.#options) {
      option.hidden = !recipes.has(name);
      radio.checked = name === followed;
      write(time, wordsOfTime(state.recipeSeconds.get(name)));
    }
    this.#shown = state;
    clearTimeout(this.#waiting);
    if (state.run.kind === 'training') this.#asked = null;
    if (state.network === this.#asked || unknownOf(state).size === 0) return;
    this.#waiting = setTimeout(() => this.#ask(), 1000 * untouchedBefore);
  }

  #ask(): void {
    if (this.#shown === undefined) return;
    this.#asked = this.#shown.network;
    this.#listener.unknown(unknownOf(this.#shown));
  }
}

/** The recipes of which it is neither known how long they take, nor hindered to find out: as whoever chooses them would have them. */
function unknownOf(state: PageState): ReadonlyMap<RecipeName, Configuration> {
  const { network, dataset, run, configuration, recipeSeconds } = state;
  const isAtRest = (run.kind === 'paused' || run.kind === 'finished') && !state.opening;
  // What emulates a GPU takes seconds for a step.
  if (!network || !isAtRest || network.engine.software || network.plan.dataset !== dataset) return new Map();
  const recipes = recipesOf(state);
  const unknown = [...recipes.keys()].filter((name) => recipes.size > 1 && !recipeSeconds.has(name));
  return new Map(unknown.map((name) => [name, { ...configuration, ...changeToRecipe(recipes, name) }]));
}

/** How long a run takes, as it is said beforehand: ~40 s, ~10 min */
export function wordsOfTime(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const rounded = seconds < 90 ? Math.max(5, 5 * Math.round(seconds / 5)) : 60 * Math.round(seconds / 60);
  return `~${formatDuration(rounded).replace(' 0 s', '').replace(' 0 min', '')}`;
}
