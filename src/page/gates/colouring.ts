import type { ReadBack } from '../../training/looks/read-back.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, make, write } from '../dom.ts';
import { Watch } from '../looks/watch.ts';
import type { Stage, Writer } from '../stage/stage.ts';
import type { PageState, Passage } from '../state.ts';
import { formatBits, fullSurprise, mostSurprising, strengthOf } from './surprise.ts';
import { rangeOf, unitOf } from './units.ts';
import { formatScale, formatValue, spokenSymbol, unitName } from './words.ts';

/** What a passage can be coloured by. */
const colours = ['none', 'surprise', 'unit'] as const;
type Colour = (typeof colours)[number];

/** How long a passage is that is written to be coloured. */
const passageLength = 240;

/** What colours a passage: a value for each of its characters, and how far the scale goes. */
interface Paint {
  readonly values: readonly number[];
  readonly low: number;
  readonly high: number;
}

/**
 * What the network writes in colours: by how improbable each character was when it was written, or by the state of one unit. The
 * figures come with each passage from the weights that wrote it, as long as somebody wants them.
 */
export class Colouring {
  readonly #send: (command: Command) => void;
  readonly #watch: Watch;
  readonly #onSight: () => void;
  readonly #host = byId('passage', HTMLElement);
  readonly #unitField = make('input', {
    type: 'text',
    class: 'unit-number',
    inputmode: 'numeric',
    autocomplete: 'off',
  });
  readonly #scale = make('p', { class: 'heat-legend', 'aria-hidden': 'true' }, make('span', {}));
  readonly #said = make('p', { class: 'reading value' });
  readonly #line = make('div', { class: 'colour-line', hidden: true }, this.#said, this.#scale);
  #colour: Colour = 'none';
  #layer = 0;
  #unit = 0;
  /** Which layer the worker was asked to watch; `null`: it was not asked yet. */
  #asked: number | undefined | null = null;
  /** What the stage shows, by the last word from it. */
  #shown: { readonly host: HTMLElement; readonly text: string; readonly passage: Passage } | undefined;
  /** What the characters on the stage are coloured by. */
  #painted: Paint | undefined;
  /** What was last found to colour a passage, and by what it was coloured then. */
  #found: { readonly passage: Passage; readonly by: string; readonly paint: Paint | undefined } | undefined;

  /** @param onUnit hears of a unit that a person has named, counted from 0 */
  constructor(stage: Stage, send: (command: Command) => void, onSight: () => void, onUnit: (unit: number) => void) {
    this.#send = send;
    this.#onSight = onSight;
    const section = this.#host.closest('section')!;
    this.#watch = new Watch(section, onSight);
    const choice = this.#makeChoice();
    section.querySelector('.section-head')!.append(choice);
    section.querySelector('.stage')!.before(this.#line);
    this.#unitField.ariaLabel = 'Unit that colours the writing';
    this.#unitField.addEventListener('change', () => {
      const number = Number.parseInt(this.#unitField.value.replaceAll(',', ''), 10);
      if (number >= 1) onUnit(number - 1);
      this.#unitField.value = String(this.#unit + 1);
      choice.querySelector<HTMLInputElement>('[value=unit]')!.click();
    });
    this.#host.addEventListener('pointermove', ({ target }) => this.#tell(target as Element));
    this.#host.addEventListener('pointerleave', () => this.#tell());
    stage.writer = this.#write;
  }

  hear(event: Event): void {
    // A worker that was put in another's place knows of nothing.
    if (event.kind === 'opened') this.#asked = null;
  }

  /** Has the passages come with what colours them, while they are seen. @param layer whose units are looked at */
  show(state: PageState, layer: number): void {
    this.#layer = layer;
    const wanted = this.#colour === 'none' || !this.#watch.isSeen ? undefined : layer;
    if (wanted === this.#asked || !state.network) return;
    this.#asked = wanted;
    this.#send({ kind: 'readBack', ...(wanted !== undefined && { layer: wanted }) });
    const newest = state.passages[0]?.readBack;
    const canWrite = ['paused', 'training', 'finished'].includes(state.run.kind);
    if (wanted !== undefined && newest?.layer !== wanted && canWrite) {
      this.#send({ kind: 'generate', length: passageLength });
    }
  }

  /** Takes the unit that is looked at. */
  choose(unit: number): void {
    if (document.activeElement !== this.#unitField) this.#unitField.value = String(unit + 1);
    if (unit === this.#unit) return;
    this.#unit = unit;
    this.#repaint();
  }

  #makeChoice(): HTMLElement {
    const options = colours.map((colour) => {
      const radio = make('input', { type: 'radio', name: 'colour', value: colour, checked: colour === 'none' });
      return make('label', { class: 'option' }, radio, colour);
    });
    const choice = make(
      'fieldset',
      { class: 'choice colour' },
      make('legend', {}, 'Colour'),
      ...options,
      this.#unitField,
    );
    choice.addEventListener('change', ({ target }) => {
      if (target === this.#unitField) return;
      this.#colour = (target as HTMLInputElement).value as Colour;
      this.#line.hidden = this.#colour === 'none';
      this.#repaint();
      this.#onSight();
    });
    return choice;
  }

  #repaint(): void {
    if (this.#shown) this.#write(this.#shown.host, this.#shown.text, this.#shown.passage);
    this.#tell();
  }

  readonly #write: Writer = (host, text, passage) => {
    const isOther = passage !== this.#shown?.passage;
    this.#shown = { host, text, passage };
    if (isOther) this.#tell();
    const paint = this.#paintOf(passage);
    const symbols = Array.from(text);
    if (paint !== this.#painted || host.childElementCount > symbols.length) host.textContent = '';
    this.#painted = paint;
    if (!paint) return write(host, text);
    const parts = symbols.slice(host.childElementCount).map((symbol, i) => {
      return this.#colourIn(symbol, paint, host.childElementCount + i);
    });
    host.append(...parts);
  };

  #colourIn(symbol: string, { values, high }: Paint, place: number): HTMLElement {
    const value = values[place] ?? 0;
    const strength = this.#colour === 'surprise' ? strengthOf(value) : Math.min(1, Math.abs(value) / high);
    const kind = this.#colour === 'surprise' ? 'surprise' : value < 0 ? 'below' : 'above';
    return make('span', { class: `coloured ${kind}`, style: `--p: ${strength.toFixed(2)}` }, symbol);
  }

  /** What colours a passage, if that is wanted and came with it. */
  #paintOf(passage: Passage): Paint | undefined {
    const by = `${this.#colour} ${this.#layer} ${this.#unit}`;
    if (passage !== this.#found?.passage || by !== this.#found.by) {
      this.#found = { passage, by, paint: this.#find(passage) };
    }
    return this.#found.paint;
  }

  #find({ readBack }: Passage): Paint | undefined {
    if (this.#colour === 'none' || !readBack) return undefined;
    if (this.#colour === 'surprise') return { values: Array.from(readBack.surprises), low: 0, high: fullSurprise };
    const { layer, hidden, states, surprises } = readBack;
    if (layer !== this.#layer || this.#unit >= hidden) return undefined;
    const values = unitOf({ flat: states, hidden, timesteps: surprises.length }, this.#unit);
    return { values, ...rangeOf(states) };
  }

  /** Tells of the character under the pointer, or else of the passage. */
  #tell(target?: Element): void {
    const paint = this.#shown && this.#paintOf(this.#shown.passage);
    const { low = 0, high = 1 } = paint ?? {};
    const isSurprise = this.#colour === 'surprise';
    Object.assign(this.#scale.dataset, {
      low: formatScale(low),
      high: isSurprise ? `${high} bits or more` : formatScale(high),
      colours: isSurprise ? 'warm' : low < 0 ? 'both' : 'cool',
    });
    if (!paint) {
      write(this.#said, 'It was written before colours were chosen; the next passage has them.');
      return;
    }
    const { host, passage } = this.#shown!;
    const place = target ? Array.from(host.children).indexOf(target) : -1;
    const value = paint.values[place];
    if (value === undefined) write(this.#said, this.#whole(passage.readBack!, passage.text, paint));
    else write(this.#said, `${spokenSymbol(target!.textContent!)} · ${this.#figure(value)}`);
  }

  #figure(value: number): string {
    return this.#colour === 'surprise' ? formatBits(value) : `${unitName(this.#unit)} · h ${formatValue(value)}`;
  }

  #whole({ surprises }: ReadBack, text: string, { values }: Paint): string {
    const symbols = Array.from(text);
    if (this.#colour === 'surprise') return mostSurprising(symbols, surprises);
    const highest = Math.max(...values);
    const at = spokenSymbol(symbols[values.indexOf(highest)]!);
    return `${unitName(this.#unit).replace('u', 'U')} is highest at ${at}: ${formatValue(highest)}`;
  }
}
