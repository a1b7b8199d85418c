import type { ExperimentProgress } from '../../experiment/experiment.ts';
import { complaintAboutParts, defaultOptions, optionRanges } from '../../experiment/options.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, write } from '../dom.ts';
import { Field } from '../field.ts';
import type { LookPanel } from '../looks/panels.ts';
import { canWrite, type PageState } from '../state.ts';
import {
  followMatching,
  initialMatching,
  type Matching,
  type MatchingAction,
  nameOf,
  reduceMatching,
} from './matching.ts';
import type { MatchingResults } from './results.ts';

const fieldNames = ['trials', 'primeLength', 'length', 'temperature', 'seed'] as const;
type FieldName = (typeof fieldNames)[number];

/** The matching experiment on the page: its fields and its progress. */
export class MatchingPanel implements LookPanel {
  readonly #onSight: () => void;
  readonly #fields: ReadonlyMap<FieldName, Field>;
  readonly #heldOut = byId('matching-held-out', HTMLInputElement);
  readonly #match = byId('match', HTMLButtonElement);
  readonly #cancel = byId('cancel-match', HTMLButtonElement);
  readonly #progress = byId('matching-progress', HTMLProgressElement);
  readonly #status = byId('matching-status', HTMLElement);
  #results: MatchingResults | undefined;
  #matching = initialMatching;
  #shown: Matching | undefined;
  #complaint = '';

  /** @param onSight hears that there is something else to show */
  constructor(send: (command: Command) => void, onSight: () => void) {
    this.#onSight = onSight;
    const host = byId('matching-fields', HTMLElement);
    this.#fields = new Map(
      fieldNames.map((name) => {
        const setting = { kind: 'number', default: defaultOptions[name], ...optionRanges[name] } as const;
        const field = new Field(`matching-${name}`, setting, (value) =>
          this.#dispatch({ kind: 'configured', change: { [name]: value } }),
        );
        host.append(field.root);
        return [name, field];
      }),
    );
    this.#heldOut.addEventListener('change', () =>
      this.#dispatch({ kind: 'configured', change: { heldOut: this.#heldOut.checked } }),
    );
    this.#match.addEventListener('click', () => {
      if (this.#match.ariaDisabled === 'true') return;
      send({ kind: 'match', options: this.#matching.options });
      this.#dispatch({ kind: 'asked' });
      void this.#showRuns();
    });
    this.#cancel.addEventListener('click', () => this.#matching.progress && send({ kind: 'cancelMatch' }));
  }

  hear(event: Event): void {
    this.#matching = followMatching(this.#matching, event);
  }

  show(state: PageState): void {
    const { network, run } = state;
    if (run.kind === 'crashed') this.#matching = reduceMatching(this.#matching, { kind: 'crashed' });
    const matching = this.#matching;
    const complaint = network
      ? complaintAboutParts(matching.options, network.trainingLength, network.validationLength)
      : '';
    const before = this.#shown;
    this.#shown = matching;
    this.#match.ariaDisabled = canWrite(state) && !matching.progress && !complaint ? null : 'true';
    this.#cancel.ariaDisabled = matching.progress ? null : 'true';
    for (const name of fieldNames) this.#fields.get(name)?.show(matching.options[name]);
    if (complaint || this.#complaint) this.#fields.get('primeLength')?.complain(complaint);
    this.#complaint = complaint;
    this.#heldOut.checked = matching.options.heldOut;
    this.#showProgress(matching);
    const changed = matching.runs !== before?.runs || matching.network !== before.network;
    if (changed && (this.#results || matching.runs.length > 0)) void this.#showRuns();
  }

  #dispatch(action: MatchingAction): void {
    this.#matching = reduceMatching(this.#matching, action);
    this.#onSight();
  }

  #showProgress({ progress, stopped, runs }: Matching): void {
    this.#progress.hidden = progress === null;
    if (progress?.share === undefined) this.#progress.removeAttribute('value');
    else this.#progress.value = progress.share;
    if (progress) write(this.#status, wordsOf(progress));
    else if (stopped) write(this.#status, 'Stopped before there was a result.');
    else write(this.#status, runs[0] ? `Done: ${nameOf(runs[0])}.` : '');
  }

  /** What was found is shown by what is fetched for it: few visitors run the experiment. */
  async #showRuns(): Promise<void> {
    try {
      const { MatchingResults } = await import('./results.ts');
      this.#results ??= new MatchingResults((id) => this.#dispatch({ kind: 'removed', id }));
      this.#results.show(this.#matching);
    } catch {
      write(this.#status, 'What shows the results could not be fetched: run the experiment once more.');
    }
  }
}

function wordsOf({ phase, share }: ExperimentProgress): string {
  switch (phase) {
    case 'predicting':
      return 'The network predicts.';
    case 'n-grams':
      return 'N-grams predict.';
    case 'matching':
      return share === undefined ? '' : 'Looking for the predictions in the text.';
  }
}
