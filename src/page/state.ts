import type { Dataset } from '../data/dataset.ts';
import { matters } from '../data/kinds.ts';
import type { Measure } from '../data/measure.ts';
import { bitsPerCharacter } from '../data/measure.ts';
import type { Points } from '../files/model-file.ts';
import type { SavedRun } from '../storage/saved-runs.ts';
import { type Configuration, defaultConfiguration, type SettingName, settingNames } from '../training/configuration.ts';
import type { ChangeableSettings, Event, Progress, RunState } from '../training/protocol.ts';
import { type RecipeName, recipesFor, settingsOf } from '../training/recipes.ts';
import { keepPassage } from './stage/kept.ts';

/** Everything the page knows, as one value; `reduce` makes the next one. */
export interface PageState {
  /** What the form says. */
  readonly configuration: Readonly<Configuration>;
  /** The data the form says: what the next network learns. */
  readonly dataset: Dataset | null;
  /** Data of the person's own, whether chosen at the moment or not. */
  readonly ownDataset: Dataset | null;
  /** Data that are on their way. */
  readonly loading: Loading | null;
  /** The network that stands. */
  readonly network: Network | null;
  /** What the worker was last asked to open. */
  readonly tried: Plan | null;
  /** Whether its answer is still to come; what stood before stands until then. */
  readonly opening: boolean;
  /** Whether training begins as soon as the worker is ready for it. */
  readonly trainWhenReady: boolean;
  readonly run: Run;
  /** The last step taken. */
  readonly last: Progress | null;
  readonly validation: Looked | null;
  /** The best on what is held out so far. */
  readonly best: Looked | null;
  readonly placesPerSecond: number;
  readonly secondsTraining: number;
  /** How long a run by each recipe would take on the data that are learned, in seconds, as far as it has been measured. */
  readonly recipeSeconds: ReadonlyMap<RecipeName, number>;
  /** The newest first. */
  readonly passages: readonly Passage[];
  /** Sentences to show until they are dismissed. */
  readonly notes: readonly Note[];
  /** The runs that the browser keeps, the latest first; `null` if it keeps none, or has not told yet. */
  readonly savedRuns: readonly SavedRun[] | null;
  /** Under what id the network that stands is kept. */
  readonly runId: string | null;
  /** A run of an earlier visit that is offered to be gone on with. */
  readonly offered: string | null;
}

/** Data that are on their way. */
export interface Loading {
  readonly name: string;
  /** Of a file: which share of it has been read, from 0 to 1. Data that come with the page have none. */
  readonly share?: number;
}

/** What a look at what is held out has shown at a step: the loss as it is minimised. */
export interface Looked {
  readonly step: number;
  readonly loss: number;
}

/** The worker's own states, and two that it cannot tell of. */
export type Run =
  | RunState
  /** No data have arrived yet. */
  | { readonly kind: 'waiting' }
  /** The worker itself is gone. */
  | { readonly kind: 'crashed'; readonly message: string };

/** What a network is made from. */
export interface Plan {
  readonly dataset: Dataset;
  readonly configuration: Readonly<Configuration>;
  /**
   * If it goes on from a model file: whether its data are the person's own, under what id it is kept already, and from which address
   * it was fetched.
   */
  readonly resumed?: { readonly own: boolean; readonly id?: string; readonly link?: string };
}

export type Opened = Extract<Event, { kind: 'opened' }>;

export interface Passage extends Omit<Extract<Event, { kind: 'passage' }>, 'kind'> {
  /** The training loss in nats when it was written; `null` before the first step. */
  readonly loss: number | null;
  /** Of a passage that somebody else's network wrote: what is said of it in the place of its step and loss. */
  readonly circumstances?: string;
}

export interface Network extends Omit<Opened, 'kind'> {
  readonly plan: Plan;
}

export interface Note {
  readonly id: number;
  /**
   * What it is about: `remark` has something to say of how the data were read, `network` why the one of the form cannot be. There
   * is one of each at most.
   */
  readonly about: 'address' | 'data' | 'network' | 'remark' | 'request' | 'storage';
  readonly text: string;
  /** Of a network that is too large: with how many hidden units it would fit. */
  readonly units?: number;
}

export type Action =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'crashed'; readonly message: string }
  | { readonly kind: 'configured'; readonly change: Partial<Configuration> }
  /** Data are on their way; `null`: no more. */
  | { readonly kind: 'dataLoading'; readonly loading: Loading | null }
  | { readonly kind: 'dataLoaded'; readonly dataset: Dataset; readonly own: boolean }
  | { readonly kind: 'dataRefused'; readonly message: string }
  /** `open` was sent. */
  | { readonly kind: 'opening'; readonly plan: Plan }
  /** `startAfresh` was sent; the worker answers as to `open`. */
  | { readonly kind: 'startedAfresh' }
  | { readonly kind: 'trainWhenReady'; readonly wanted: boolean }
  /** What the browser keeps has changed. */
  | { readonly kind: 'savedRuns'; readonly runs: readonly SavedRun[] }
  /** The network that stands is kept under this id. */
  | { readonly kind: 'identified'; readonly id: string }
  | { readonly kind: 'offered'; readonly id: string | null }
  | { readonly kind: 'noted'; readonly about: Note['about']; readonly text: string }
  | { readonly kind: 'dismissed'; readonly id: number };

const changeable: ReadonlySet<SettingName> = new Set<keyof ChangeableSettings>([
  'learningRate',
  'prime',
  'temperature',
  'steps',
  'patience',
]);

/** Whether a setting takes effect at once; the others make another network. */
export function isChangeable(name: SettingName): name is keyof ChangeableSettings {
  return changeable.has(name);
}

export function initialState(configuration: Configuration): PageState {
  return {
    configuration,
    dataset: null,
    ownDataset: null,
    loading: null,
    network: null,
    tried: null,
    opening: false,
    trainWhenReady: false,
    run: { kind: 'waiting' },
    recipeSeconds: new Map(),
    notes: [],
    savedRuns: null,
    runId: null,
    offered: null,
    ...nothingLearned,
  };
}

const nothingLearned = {
  last: null,
  validation: null,
  best: null,
  placesPerSecond: 0,
  secondsTraining: 0,
  passages: [],
} as const satisfies Partial<PageState>;

export function reduce(state: PageState, action: Action): PageState {
  switch (action.kind) {
    case 'event':
      return heard(state, action.event);
    case 'crashed':
      return {
        ...state,
        run: { kind: 'crashed', message: action.message },
        network: null,
        opening: false,
        trainWhenReady: false,
      };
    case 'configured':
      return withForm(state, action.change);
    case 'dataLoading':
      return { ...state, loading: action.loading };
    case 'dataLoaded':
      return loaded(state, action.dataset, action.own);
    case 'dataRefused':
      return noted({ ...state, loading: null }, 'data', action.message);
    case 'opening':
      return { ...state, tried: action.plan, opening: true, notes: without(state, 'network') };
    case 'startedAfresh':
      return { ...state, tried: state.network ? fresh(state.network.plan) : state.tried, opening: true };
    case 'trainWhenReady':
      return { ...state, trainWhenReady: action.wanted };
    case 'savedRuns':
      return { ...state, savedRuns: action.runs };
    case 'identified':
      return { ...state, runId: action.id };
    case 'offered':
      return { ...state, offered: action.id };
    case 'noted':
      return noted(state, action.about, action.text);
    case 'dismissed':
      return { ...state, notes: state.notes.filter((note) => note.id !== action.id) };
  }
}

/** Another network may fit where the one before did not. */
function withForm(state: PageState, change: Partial<Configuration>): PageState {
  const another = settingNames.some((name) => change[name] !== undefined && !isChangeable(name));
  const configuration = { ...state.configuration, ...change };
  return { ...state, configuration, notes: another ? without(state, 'network') : state.notes };
}

/** The settings that name columns of the data, as they are where nothing is chosen. */
const { inputs, predict, ahead } = defaultConfiguration;

/** With data to learn. Which columns are chosen says nothing of other data than before. */
function loaded(state: PageState, dataset: Dataset, own: boolean): PageState {
  const others = state.dataset !== null && state.dataset !== dataset;
  const next = {
    ...state,
    loading: null,
    dataset,
    ownDataset: own ? dataset : state.ownDataset,
    configuration: others ? { ...state.configuration, inputs, predict, ahead } : state.configuration,
    notes: without(state, 'data', 'remark', 'network'),
  };
  const remarks = 'remarks' in dataset ? dataset.remarks : undefined;
  return remarks === undefined ? next : noted(next, 'remark', remarks.join(' '));
}

/** What an event of the worker changes. */
function heard(state: PageState, event: Event): PageState {
  switch (event.kind) {
    case 'opened': {
      const { kind: _, ...opened } = event;
      const plan = state.tried;
      if (!plan) return state;
      const network = { ...opened, plan };
      const isSame = state.network !== null && takesAsLong(state.network, network, settingsOf(recipesOf(state)));
      const recipeSeconds = isSame ? state.recipeSeconds : new Map();
      const { best = null, course } = opened;
      const last = course.last?.step === opened.step ? course.last : null;
      const past = { last, best, validation: lastLook(course.heldOut), secondsTraining: course.seconds, recipeSeconds };
      return { ...state, ...nothingLearned, ...past, ...(plan.resumed && formOf(plan)), opening: false, network };
    }
    case 'moved':
      return { ...state, network: state.network && { ...state.network, engine: event.engine } };
    case 'state': {
      const broken = isBroken(event.state);
      return {
        ...goBack(state, event.state),
        run: event.state,
        network: event.state.kind === 'failed' ? null : state.network,
        opening: state.opening && !broken,
        trainWhenReady: state.trainWhenReady && !broken,
      };
    }
    case 'progress':
      return {
        ...state,
        last: event.steps.at(-1) ?? state.last,
        placesPerSecond: event.placesPerSecond,
        secondsTraining: event.secondsTraining,
      };
    case 'validation':
      return { ...state, validation: { step: event.step, loss: event.loss }, best: event.best };
    case 'passage': {
      const { kind: _, ...written } = event;
      const passage = { ...written, loss: state.last?.loss ?? null };
      return { ...state, passages: keepPassage(passage, state.passages) };
    }
    case 'timed':
      return { ...state, recipeSeconds: new Map([...state.recipeSeconds, [event.recipe, event.seconds]]) };
    case 'seen':
    case 'unseen':
    case 'matching':
    case 'matched':
    case 'unmatched':
    case 'checkpoint':
      return state;
    case 'refused':
      // A network that is refused leaves the one that was there before.
      if (event.of !== 'open' && event.of !== 'startAfresh') return noted(state, 'request', event.message);
      return { ...noted(state, 'network', event.message, event.units), opening: false, trainWhenReady: false };
  }
}

/** The last of the looks at what is held out, unless it is merged with others. */
function lastLook({ filled, steps, losses }: Points): Looked | null {
  const [step, loss] = [steps.at(-1), losses.at(-1)];
  return step === undefined || loss === undefined || filled > 1 ? null : { step, loss };
}

/** A plan without what a file had learned by it. */
const fresh = ({ dataset, configuration }: Plan): Plan => ({ dataset, configuration });

/** The form as a network that goes on from a file has it. */
function formOf({ dataset, configuration, resumed }: Plan): Partial<PageState> {
  return { configuration, dataset, ...(resumed?.own && { ownDataset: dataset }) };
}

/** When a broken run goes on, it goes on from its snapshot: what came after never was. */
function goBack(state: PageState, next: RunState): PageState {
  if (!('snapshotStep' in state.run) || isBroken(next)) return state;
  const { snapshotStep } = state.run;
  return {
    ...state,
    last: state.last && snapshotStep > 0 ? { ...state.last, step: Math.min(state.last.step, snapshotStep) } : null,
    validation: state.validation && state.validation.step <= snapshotStep ? state.validation : null,
    best: state.best && state.best.step <= snapshotStep ? state.best : null,
    passages: state.passages.filter(({ step }) => step <= snapshotStep),
  };
}

function noted(state: PageState, about: Note['about'], text: string, units?: number): PageState {
  const others = state.notes.filter((note) => note.about !== about);
  const id = Math.max(0, ...state.notes.map((note) => note.id)) + 1;
  return { ...state, notes: [...others, { id, about, text, ...(units !== undefined && { units }) }] };
}

const without = ({ notes }: PageState, ...abouts: readonly Note['about'][]): readonly Note[] =>
  notes.filter(({ about }) => !abouts.includes(about));

/** Whether a run cannot go on by itself. */
export function isBroken(run: Run): boolean {
  return run.kind === 'lost' || run.kind === 'notFinite' || run.kind === 'failed' || run.kind === 'crashed';
}

/** Whether the network that stands can be asked for a prediction. */
export function canWrite({ network, opening, run }: PageState): boolean {
  return network !== null && !opening && (run.kind === 'paused' || run.kind === 'training' || run.kind === 'finished');
}

/** How losses are told. */
export const measureOf = ({ network }: PageState): Measure => network?.measure ?? bitsPerCharacter;

/** How many steps the network that stands has taken. */
export function stepsTaken(state: PageState): number {
  return state.last?.step ?? state.network?.step ?? 0;
}

/** What the form describes, once there are data. */
export function planOf(state: PageState): Plan | null {
  return state.dataset && { dataset: state.dataset, configuration: state.configuration };
}

/** The recipes that there are for the data that the form says, each with a value for every setting. */
export function recipesOf({ dataset, ownDataset, configuration }: PageState): ReturnType<typeof recipesFor> {
  const isOwn = dataset !== null && dataset === ownDataset;
  return recipesFor({ kind: dataset?.kind ?? 'text', ...(!isOwn && { builtIn: configuration.dataset }) });
}

/** Whether what is known of how long recipes take holds for another network as well. @param own the recipes' own settings */
function takesAsLong(a: Network, b: Network, own: readonly SettingName[]): boolean {
  return (
    a.plan.dataset === b.plan.dataset &&
    a.engine.device === b.engine.device &&
    settingNames.every(
      (name) => own.includes(name) || isChangeable(name) || a.plan.configuration[name] === b.plan.configuration[name],
    )
  );
}

/** Which settings would make another network than `plan` made; `data` for other data. */
export function differences({ dataset, configuration }: PageState, plan: Plan): readonly (SettingName | 'data')[] {
  const kind = (dataset ?? plan.dataset).kind;
  const names = settingNames.filter(
    (name) =>
      name !== 'dataset' &&
      !isChangeable(name) &&
      matters(name, kind) &&
      configuration[name] !== plan.configuration[name],
  );
  return dataset === plan.dataset ? names : ['data', ...names];
}

/** What awaits the next start, because a network that has learned something stands in its way. */
export function pending(state: PageState): readonly (SettingName | 'data')[] {
  return state.network && !state.opening ? differences(state, state.network.plan) : [];
}

/**
 * Whether the worker should be asked to open what the form describes: only where nothing that was learned is lost, and
 * never twice the same in vain.
 */
export function shouldOpen(state: PageState): boolean {
  if (!state.dataset || state.opening || state.run.kind === 'crashed') return false;
  if (state.network && (stepsTaken(state) > 0 || state.run.kind === 'training')) return false;
  return !state.tried || differences(state, state.tried).length > 0;
}
