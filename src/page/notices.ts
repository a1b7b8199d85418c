import { bitsPerCharacter, figureOf } from '../data/measure.ts';
import { describeLoss, formatCount, formatFigure, formatTime, settingValue } from '../format.ts';
import type { SavedRun } from '../storage/saved-runs.ts';
import { type Configuration, type SettingName, settings } from '../training/configuration.ts';
import type { ShaderFault } from '../training/protocol.ts';
import { make } from './dom.ts';
import { type Note, type PageState, pending, stepsTaken } from './state.ts';

/** What a button of a notice asks for. */
export type Remedy =
  | { readonly kind: 'recover' }
  /** Lowers the learning rate, then recovers. */
  | { readonly kind: 'recoverSlower'; readonly learningRate: number }
  | { readonly kind: 'tryAgain' }
  | { readonly kind: 'useEngine'; readonly engine: 'cpu' | 'reference' }
  /** Tries a network of so many hidden units. */
  | { readonly kind: 'useUnits'; readonly hidden: number }
  | { readonly kind: 'restartWorker' }
  /** Goes on with a run that is kept. */
  | { readonly kind: 'resumeSaved'; readonly id: string }
  | { readonly kind: 'declineOffer' }
  | { readonly kind: 'applyPending' }
  | { readonly kind: 'undoPending' }
  | { readonly kind: 'dismiss'; readonly id: number };

/** Something the page has to say, and the ways on from there. */
export interface Notice {
  readonly id: string;
  readonly tone: 'info' | 'error';
  readonly title?: string;
  readonly text: string;
  readonly shader?: ShaderFault;
  readonly ways: readonly { readonly label: string; readonly remedy: Remedy }[];
}

/** All that there is to say at the moment, the gravest first. */
export function noticesOf(state: PageState): readonly Notice[] {
  return [brokenRun(state), earlierRun(state), waitingChange(state), ...state.notes.map(dismissible)].filter(
    (notice) => notice !== null,
  );
}

function brokenRun(state: PageState): Notice | null {
  const { run } = state;
  const kept = state.savedRuns?.find(({ id }) => id === state.runId);
  switch (run.kind) {
    case 'lost':
      return {
        id: 'lost',
        tone: 'error',
        title: 'The device went away.',
        text: `${sentence(run.reason)} What was learned up to step ${formatCount(run.snapshotStep)} is safe.`,
        ways: [{ label: `Continue from step ${formatCount(run.snapshotStep)}`, remedy: { kind: 'recover' } }],
      };
    case 'notFinite': {
      const tenth = Number((state.configuration.learningRate / 10).toPrecision(6));
      const slower = Math.min(tenth, settings.learningRate.default);
      const back = formatCount(run.snapshotStep);
      return {
        id: 'not-finite',
        tone: 'error',
        title: 'A number was not finite.',
        text:
          `At step ${formatCount(run.step)} it showed in ${fewOf(run.tensor)}; no weight was touched from there on. ` +
          'Most often the learning rate is too high.',
        ways: [
          {
            label: `Go back to step ${back} with learning rate ${formatFigure(slower)}`,
            remedy: { kind: 'recoverSlower', learningRate: slower },
          },
          { label: `Go back to step ${back} unchanged`, remedy: { kind: 'recover' } },
        ],
      };
    }
    case 'failed': {
      const again = { label: 'Try again', remedy: { kind: 'tryAgain' } } as const;
      return {
        id: 'failed',
        tone: 'error',
        title: run.shader ? 'A shader does not compile on this device.' : 'The network could not be prepared.',
        text: sentence(run.shader ? run.message.replace(`${placeOf(run.shader)}: `, '') : run.message),
        ...(run.shader && { shader: run.shader }),
        // What is too large for the processor is so for the reference engine all the more.
        ways:
          run.engine === 'cpu' && run.units !== undefined
            ? withUnits(run.units)
            : [...withUnits(run.units), again, ...otherEngine(run.engine ?? state.configuration.engine)],
      };
    }
    case 'crashed':
      return {
        id: 'crashed',
        tone: 'error',
        title: 'The training worker stopped.',
        text: `${sentence(run.message)} ${kept ? `The run is kept as it was at ${stepOf(kept)}.` : 'What the network had learned is gone; the settings and the data are not.'}`,
        ways: [
          ...(kept
            ? [{ label: `Go on from ${stepOf(kept)}`, remedy: { kind: 'resumeSaved', id: kept.id } } as const]
            : []),
          { label: 'Start it again', remedy: { kind: 'restartWorker' } },
        ],
      };
    default:
      return null;
  }
}

/** The latest run of an earlier visit, as long as nothing is learned in this one. */
function earlierRun(state: PageState): Notice | null {
  const run = state.savedRuns?.find(({ id }) => id === state.offered);
  if (!run || stepsTaken(state) > 0 || state.run.kind === 'training') return null;
  const loss = run.loss === null ? '' : ` and ${lossOf(run)}`;
  return {
    id: 'earlier-run',
    tone: 'info',
    text: `${run.name ?? run.dataset.name}, at ${stepOf(run)}${loss}, was kept here on ${formatTime(run.savedAt)}.`,
    ways: [
      { label: 'Go on with it', remedy: { kind: 'resumeSaved', id: run.id } },
      { label: 'Not now', remedy: { kind: 'declineOffer' } },
    ],
  };
}

/** The loss of a run that is kept. */
export const lossOf = ({ loss, measure = bitsPerCharacter }: SavedRun): string =>
  loss === null ? '' : describeLoss(figureOf(measure, loss), measure);

const stepOf = ({ step }: SavedRun) => `step ${formatCount(step)}`;

/** The engine to try where the one that was asked for fails: none after the last. */
function otherEngine(failed: Configuration['engine']): Notice['ways'] {
  if (failed === 'reference') return [];
  const engine = failed === 'cpu' ? 'reference' : 'cpu';
  return [{ label: `Train on the ${settingValue('engine', engine)} engine`, remedy: { kind: 'useEngine', engine } }];
}

/** The largest network like the one that is too large. */
function withUnits(hidden: number | undefined): Notice['ways'] {
  if (hidden === undefined) return [];
  return [{ label: `Take ${formatCount(hidden)} hidden units`, remedy: { kind: 'useUnits', hidden } }];
}

/** A change that would cost what the network has learned waits until it is asked for. */
function waitingChange(state: PageState): Notice | null {
  const names = pending(state);
  const { network } = state;
  if (names.length === 0 || !network) return null;
  const changes = names.map((name) => describe(name, state));
  return {
    id: 'pending',
    tone: 'info',
    text: `${changes.join(', ')}: in effect when you start afresh. Until then the network goes on as it is.`,
    ways: [
      { label: 'Start afresh with this', remedy: { kind: 'applyPending' } },
      { label: 'Undo', remedy: { kind: 'undoPending' } },
    ],
  };
}

function describe(name: SettingName | 'data', state: PageState): string {
  if (name === 'data') return `Data ${state.dataset?.name ?? ''}`;
  return `${settings[name].label} ${settingValue(name, state.configuration[name]) || 'as usual'}`;
}

/** The first of a list of names, and how many more there are. */
function fewOf(list: string): string {
  const names = list.split(', ');
  return names.length <= 3 ? list : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more places`;
}

function dismissible({ id, about, text, units }: Note): Notice {
  const tone = about === 'remark' ? 'info' : 'error';
  const dismiss = { label: 'Dismiss', remedy: { kind: 'dismiss', id } } as const;
  return { id: `note-${id}`, tone, text, ways: [...withUnits(units), dismiss] };
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** Shows the notices there are, and leaves those alone that have not changed. */
export class Notices {
  readonly #host: HTMLElement;
  readonly #home: HTMLElement;
  readonly #onRemedy: (remedy: Remedy) => void;
  readonly #shown = new Map<string, HTMLElement>();

  /** @param home takes the focus when the notice that had it goes */
  constructor(host: HTMLElement, home: HTMLElement, onRemedy: (remedy: Remedy) => void) {
    this.#host = host;
    this.#home = home;
    this.#onRemedy = onRemedy;
  }

  show(notices: readonly Notice[]): void {
    const wanted = new Map(notices.map((notice) => [JSON.stringify(notice), notice]));
    for (const [key, element] of this.#shown) {
      if (wanted.has(key)) continue;
      if (element.contains(document.activeElement)) this.#home.focus({ preventScroll: true });
      element.remove();
      this.#shown.delete(key);
    }
    let place = this.#host.firstElementChild;
    for (const [key, notice] of wanted) {
      const known = this.#shown.get(key);
      if (known && known === place) {
        place = place.nextElementSibling;
        continue;
      }
      const element = known ?? this.#make(notice);
      this.#host.insertBefore(element, place);
      this.#shown.set(key, element);
    }
  }

  #make({ id, tone, title, text, shader, ways }: Notice): HTMLElement {
    const words = make('p', {}, ...(title ? [make('strong', {}, title), ' '] : []), text);
    const buttons = ways.map(({ label, remedy }) => {
      const button = make('button', { type: 'button', 'data-remedy': remedy.kind }, label);
      button.addEventListener('click', () => this.#onRemedy(remedy));
      return button;
    });
    return make(
      'div',
      { id: `notice-${id}`, class: `notice ${tone}`, role: tone === 'error' ? 'alert' : 'status' },
      words,
      ...(shader ? [sourceOf(shader)] : []),
      make('div', { class: 'ways' }, ...buttons),
    );
  }
}

function placeOf({ file, line }: ShaderFault): string {
  return line > 0 ? `${file}, line ${line}` : file;
}

function sourceOf(shader: ShaderFault): HTMLElement {
  return make('pre', { tabindex: '0' }, `${placeOf(shader)}\n${shader.source}`);
}
