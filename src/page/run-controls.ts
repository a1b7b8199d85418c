import { figureOf } from '../data/measure.ts';
import { choiceLabel, describeLoss, engineOf, formatCount, formatDuration, formatLoss } from '../format.ts';
import { byId, write } from './dom.ts';
import { adviceOnThreads } from './isolation-advice.ts';
import { isBroken, type Loading, measureOf, type PageState, stepsTaken } from './state.ts';

/** What the one primary button does at the moment. */
export type Primary = 'train' | 'pause' | 'trainMore';

export function primaryOf(state: PageState): Primary {
  if (state.run.kind === 'training' || state.trainWhenReady) return 'pause';
  return state.run.kind === 'finished' && stepsTaken(state) >= state.configuration.steps ? 'trainMore' : 'train';
}

/** How many more steps a finished run is offered: as many as it was planned for. */
export function moreSteps(state: PageState): number {
  return state.network?.plan.configuration.steps ?? state.configuration.steps;
}

function primaryLabel(state: PageState): string {
  switch (primaryOf(state)) {
    case 'pause':
      return 'Pause';
    case 'train':
      return 'Train';
    case 'trainMore':
      return `Train ${formatCount(moreSteps(state))} more`;
  }
}

/** Where the run stands, in a few words. */
export function statusOf(state: PageState): string {
  const step = formatCount(stepsTaken(state));
  const goal = formatCount(state.configuration.steps);
  const ready = state.trainWhenReady ? ' Training starts when it is ready.' : '';
  if (state.opening && !isBroken(state.run)) return `Preparing the network.${ready}`;
  switch (state.run.kind) {
    case 'waiting':
      return (state.loading ? `${loadingWords(state.loading)}.` : 'Waiting for data.') + ready;
    case 'opening':
      return `Preparing the network.${ready}`;
    case 'paused':
      return stepsTaken(state) === 0 ? 'Ready to train' : `Paused at step ${step} of ${goal}`;
    case 'training':
      return `Training: step ${step} of ${goal}`;
    case 'finished':
      // Before the goal it is patience that has run out.
      return stepsTaken(state) < state.configuration.steps
        ? `Stopped at step ${step} of ${goal}: no better on what is held out`
        : `Finished after ${step} steps`;
    case 'lost':
    case 'notFinite':
      return `Stopped at step ${step} of ${goal}`;
    case 'failed':
      return 'No network could be prepared';
    case 'crashed':
      return 'Training stopped unexpectedly';
  }
}

/** What is on its way: “Reading sales.csv” */
export const loadingWords = ({ name, share }: Loading): string =>
  share === undefined ? `Fetching ${choiceLabel(name)}` : `Reading ${name}`;

/** How much of it is read: “45 %” */
export const shareWords = ({ share = 0 }: Loading): string => `${Math.floor(100 * share)} %`;

/** How long the rest will take, in seconds, if the run goes on as so far: with its validations and passages. */
export function secondsLeft(state: PageState): number {
  const taken = stepsTaken(state);
  if (taken === 0 || state.secondsTraining === 0) return Number.NaN;
  return Math.max(0, state.configuration.steps - taken) * (state.secondsTraining / taken);
}

/** Why to be patient with the engine at work, or how it would be faster, if there is anything to say. */
export function cautionOf({ network }: PageState): string {
  if (!network) return '';
  const { engine, plan } = network;
  if (engine.name === 'reference') return plan.configuration.engine === 'reference' ? '' : engine.reason;
  if (engine.name === 'cpu') return adviceOnThreads();
  return engine.software ? 'A GPU emulated in software: many times slower than a real one.' : '';
}

/** What the tab says: how far the run is, and its loss. */
export function titleOf(state: PageState): string {
  const { last, configuration } = state;
  if (!last) return 'Sluice';
  const measure = measureOf(state);
  const share = Math.floor((100 * Math.min(last.step, configuration.steps)) / configuration.steps);
  const bits = measure.unit === 'bits' ? ' bits' : '';
  return `${share} % · ${formatLoss(figureOf(measure, last.loss), measure)}${bits} – Sluice`;
}

/** The sentence that a screen reader hears now and then. */
export function announcementOf(state: PageState): string {
  const loss = state.last
    ? ` Loss ${describeLoss(figureOf(measureOf(state), state.last.loss), measureOf(state))}.`
    : '';
  return `${statusOf(state).replace(/\.?$/, '.')}${loss}`;
}

export interface RunButtons {
  primary(): void;
  oneStep(): void;
  startAfresh(): void;
}

/** The buttons that run the training, and how far it is. */
export class RunControls {
  readonly #primary = byId('train', HTMLButtonElement);
  readonly #oneStep = byId('one-step', HTMLButtonElement);
  readonly #startAfresh = byId('start-afresh', HTMLButtonElement);
  readonly #progress = byId('progress', HTMLProgressElement);
  readonly #status = byId('status', HTMLElement);
  readonly #elapsed = byId('elapsed', HTMLElement);
  readonly #remaining = byId('remaining', HTMLElement);
  readonly #engine = byId('engine', HTMLElement);
  readonly #caution = byId('engine-caution', HTMLElement);

  constructor(on: RunButtons) {
    // A button that cannot be used stays focusable, so that the keyboard does not lose its place.
    const whenEnabled = (button: HTMLButtonElement, act: () => void) =>
      button.addEventListener('click', () => button.ariaDisabled !== 'true' && act());
    whenEnabled(this.#primary, on.primary);
    whenEnabled(this.#oneStep, on.oneStep);
    whenEnabled(this.#startAfresh, on.startAfresh);
  }

  /** Does what the primary button does. */
  press(): void {
    this.#primary.click();
  }

  show(state: PageState): void {
    const { run } = state;
    const standing = state.network !== null && !state.opening && !isBroken(run);
    write(this.#primary, primaryLabel(state));
    enable(this.#primary, !isBroken(run));
    enable(this.#oneStep, standing && run.kind === 'paused');
    const taken = state.network !== null && stepsTaken(state) > 0;
    enable(this.#startAfresh, taken && !state.opening && run.kind !== 'opening' && run.kind !== 'crashed');
    write(this.#status, statusOf(state));
    this.#progress.max = Math.max(1, state.configuration.steps);
    this.#progress.value = Math.min(stepsTaken(state), state.configuration.steps);
    const going = run.kind === 'training' || run.kind === 'paused';
    write(this.#elapsed, state.secondsTraining > 0 ? formatDuration(state.secondsTraining) : '–');
    write(this.#remaining, going ? formatDuration(secondsLeft(state)) : '–');
    write(this.#engine, state.network ? `${engineOf(state.network.engine)}.` : '');
    write(this.#caution, cautionOf(state));
  }
}

function enable(button: HTMLButtonElement, enabled: boolean): void {
  button.ariaDisabled = enabled ? null : 'true';
}
