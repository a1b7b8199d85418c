import { textOf } from '../../data/text/corpus.ts';
import { formatCount, networkName } from '../../format.ts';
import { grammarOf, type ReberString, type ReberTest } from '../../training/looks/reber.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, make, scrollByKeyboard, write } from '../dom.ts';
import type { LookPanel } from '../looks/panels.ts';
import { Watch } from '../looks/watch.ts';
import type { PageState } from '../state.ts';
import { formatRight, summaryOf, threshold, verdictOf } from './words.ts';

const strings = 1000;
/** Tests that are kept for comparison. */
const testsKept = 6;

/** What the network knows of the Reber grammar that its text follows. It shows for no other text. */
export class ReberPanel implements LookPanel {
  readonly #send: (command: Command) => void;
  readonly #onSight: () => void;
  readonly #panel = byId('reber', HTMLDetailsElement);
  readonly #watch: Watch;
  readonly #test = byId('reber-test', HTMLButtonElement);
  readonly #status = byId('reber-status', HTMLElement);
  readonly #scores = byId('reber-scores', HTMLElement);
  readonly #tests = byId('reber-tests', HTMLTableElement);
  readonly #picture = byId('reber-picture', HTMLTableElement);
  readonly #summary = byId('reber-summary', HTMLElement);
  /** The text that was last looked at, and whether it follows a Reber grammar. */
  #text = '';
  #isReber = false;
  /** The newest first. */
  #results: readonly ReberTest[] = [];
  #testing = false;
  #seed = 3;
  #string: ReberString | undefined;
  #changed = false;

  constructor(send: (command: Command) => void, onSight: () => void) {
    this.#send = send;
    this.#onSight = onSight;
    this.#watch = new Watch(this.#panel, onSight);
    scrollByKeyboard(this.#scores, this.#tests);
    scrollByKeyboard(byId('reber-places', HTMLElement), this.#picture);
    this.#test.addEventListener('click', () => {
      if (this.#test.ariaDisabled === 'true') return;
      this.#testing = true;
      send({ kind: 'look', look: { kind: 'reberTest', strings } });
      onSight();
    });
    byId('reber-another', HTMLButtonElement).addEventListener('click', () => {
      this.#seed++;
      onSight();
    });
  }

  hear(event: Event): void {
    if (event.kind === 'opened') {
      // What was asked of the network before goes unanswered.
      if (this.#testing) write(this.#status, '');
      this.#testing = false;
    } else if (event.kind === 'seen' && event.sight.kind === 'reberTest') {
      this.#testing = false;
      this.#results = [event.sight.test, ...this.#results].slice(0, testsKept);
      write(this.#status, verdictOf(event.sight.test));
      this.#showResults();
    } else if (event.kind === 'seen' && event.sight.kind === 'reberString') {
      this.#watch.answered(event.seconds);
      this.#string = event.sight.string;
      this.#changed = true;
    } else if (event.kind === 'unseen' && (event.look === 'reberTest' || event.look === 'reberString')) {
      if (event.look === 'reberString') this.#watch.answered();
      this.#testing = false;
      write(this.#status, event.message);
    }
    this.#onSight();
  }

  show(state: PageState): void {
    const text = textOf(state.network?.plan.dataset);
    if (text !== this.#text) {
      this.#text = text;
      this.#isReber = grammarOf(text) !== undefined;
    }
    this.#panel.hidden = !this.#isReber;
    if (!this.#isReber) return;
    const { kind } = state.run;
    const canTest = !state.opening && (kind === 'paused' || kind === 'training' || kind === 'finished');
    this.#test.ariaDisabled = canTest && !this.#testing ? null : 'true';
    if (this.#testing) write(this.#status, 'Testing…');
    if (this.#watch.isDue(state, `string ${this.#seed}`)) {
      this.#send({ kind: 'look', look: { kind: 'reberString', seed: this.#seed } });
    }
    if (!this.#changed || !this.#watch.isSeen || !this.#string) return;
    this.#changed = false;
    this.#draw(this.#string);
  }

  #showResults(): void {
    this.#scores.hidden = this.#results.length === 0;
    this.#tests.tBodies[0]!.replaceChildren(
      ...this.#results.map((test) =>
        make(
          'tr',
          {},
          make('th', { scope: 'row' }, networkName(test)),
          make('td', {}, formatCount(test.step)),
          make('td', {}, test.decisive === undefined ? '–' : formatRight(test.decisive)),
          make('td', {}, formatRight(test.sets)),
        ),
      ),
    );
  }

  /** A column for each symbol that has been read, a row for each that may come next. */
  #draw(string: ReberString): void {
    const { symbols, outputs, allowed, isEmbedded } = string;
    write(this.#summary, summaryOf(string));
    const places = Array.from(string.string);
    const isDecisive = (place: number) => isEmbedded && place === places.length - 3;
    this.#picture.tHead!.replaceChildren(
      make(
        'tr',
        {},
        make('th', { scope: 'col' }, 'after'),
        ...places.map((symbol, place) =>
          make('th', { scope: 'col', class: isDecisive(place) ? 'decisive' : undefined }, symbol),
        ),
      ),
    );
    this.#picture.tBodies[0]!.replaceChildren(
      ...symbols.map((symbol, id) =>
        make(
          'tr',
          {},
          make('th', { scope: 'row' }, symbol),
          ...places.map((_, place) => {
            const probability = outputs[place * symbols.length + id] ?? 0;
            return cellOf(probability, allowed[place]?.includes(symbol) ?? false, isDecisive(place));
          }),
        ),
      ),
    );
  }
}

/** A probability as a figure and a bar; framed if the grammar allows its symbol. */
function cellOf(probability: number, isAllowed: boolean, isDecisive: boolean): HTMLElement {
  const wrong = probability > threshold !== isAllowed;
  const names = [isAllowed && 'allowed', wrong && 'wrong', isDecisive && 'decisive'].filter(Boolean).join(' ');
  return make(
    'td',
    { class: names || undefined, style: `--p: ${probability.toFixed(3)}` },
    probability.toFixed(2).replace(/^0/, ''),
    ...(isAllowed ? [make('span', { class: 'visually-hidden' }, ' allowed')] : []),
    ...(wrong ? [make('span', { class: 'visually-hidden' }, ', wrong')] : []),
  );
}
