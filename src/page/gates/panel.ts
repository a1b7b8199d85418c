import { formatCount } from '../../format.ts';
import { longestReading, type Reading } from '../../training/looks/reading.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, make, write } from '../dom.ts';
import { LayerChoice } from '../looks/layer-choice.ts';
import type { LookPanel } from '../looks/panels.ts';
import { Watch } from '../looks/watch.ts';
import type { Stage } from '../stage/stage.ts';
import type { PageState } from '../state.ts';
import { readTheme, redrawWhenNeeded } from '../theme.ts';
import { Colouring } from './colouring.ts';
import { HeatMap, type Place } from './heat-map.ts';
import { placeAfter } from './keys.ts';
import { Next } from './next.ts';
import { expectedAt, stumbleOf } from './surprise.ts';
import { byVariance, linesOf, type Quantity, quantitiesOf, rangeOf, valuesOf } from './units.ts';
import { defaultText, placesOf } from './what-to-read.ts';
import { formatScale, meaningOf, readingAt, summaryOf, unitName } from './words.ts';
import './gates.css';

/** Gates and states of chosen units of a layer while the network reads, timestep by timestep. */
export class GatesPanel implements LookPanel {
  readonly #send: (command: Command) => void;
  readonly #onSight: () => void;
  readonly #watch: Watch;
  readonly #map: HeatMap;
  readonly #canvas = byId('gates-map', HTMLCanvasElement);
  readonly #region = byId('gates-region', HTMLElement);
  readonly #text = byId('gates-text', HTMLInputElement);
  readonly #textField = byId('gates-text-field', HTMLElement);
  readonly #place = byId('gates-place', HTMLInputElement);
  readonly #placeField = byId('gates-place-field', HTMLElement);
  readonly #placeLabel = byId('gates-place-label', HTMLElement);
  readonly #problem = byId('gates-problem', HTMLElement);
  readonly #count = byId('gates-count', HTMLInputElement);
  readonly #countSaid = byId('gates-count-said', HTMLOutputElement);
  readonly #legend = byId('gates-legend', HTMLElement);
  readonly #unitKey = byId('gates-unit', HTMLElement);
  readonly #value = byId('gates-value', HTMLElement);
  readonly #said = byId('gates-said', HTMLElement);
  readonly #summary = byId('gates-summary', HTMLElement);
  readonly #choices = byId('gates-choices', HTMLElement);
  readonly #meaning = byId('gates-meaning', HTMLElement);
  readonly #stumble = make('p', { id: 'gates-stumble', class: 'panel-summary' });
  readonly #layers: LayerChoice;
  readonly #next = new Next((key) => this.#press(key));
  readonly #colouring: Colouring;
  #reading: Reading | undefined;
  /** The letter of what is shown, where the cell has it. */
  #wanted = '';
  /** All units in the order in which they are shown. It holds as long as the same is read. */
  #order: readonly number[] = [];
  #orderedFor = '';
  /** What the network was asked to read. */
  #asked: string | number = '';
  #chosen: Place | undefined;
  #changed = false;

  constructor(send: (command: Command) => void, onSight: () => void, stage: Stage) {
    this.#send = send;
    this.#onSight = onSight;
    this.#watch = new Watch(byId('gates', HTMLDetailsElement), onSight);
    this.#map = new HeatMap(this.#canvas, byId('gates-margin', HTMLCanvasElement));
    this.#text.maxLength = longestReading;
    this.#text.addEventListener('change', onSight);
    this.#place.addEventListener('change', onSight);
    this.#count.addEventListener('input', () => this.#redraw());
    this.#layers = new LayerChoice('gates-layer', onSight);
    this.#choices.addEventListener('change', ({ target }) => {
      this.#wanted = (target as HTMLInputElement).value;
      this.#redraw();
    });
    this.#colouring = new Colouring(stage, send, onSight, (unit) => {
      this.#chosen = { timestep: this.#chosen?.timestep ?? 0, unit };
      this.#redraw();
    });
    this.#region.parentElement!.append(this.#next.element);
    this.#summary.before(this.#stumble);
    this.#listenForPointer();
    this.#region.tabIndex = 0;
    this.#region.addEventListener('keydown', (event) => this.#move(event));
    redrawWhenNeeded(byId('gates', HTMLElement), () => this.#redraw());
  }

  hear(event: Event): void {
    this.#colouring.hear(event);
    if (event.kind === 'seen' && event.sight.kind === 'reading') {
      this.#reading = event.sight.reading;
      this.#watch.answered(event.seconds);
      write(this.#problem, '');
      this.#text.removeAttribute('aria-invalid');
      this.#redraw();
    } else if (event.kind === 'unseen' && event.look === 'reading') {
      this.#watch.answered();
      write(this.#problem, event.message);
      if (this.#text.value !== '') this.#text.setAttribute('aria-invalid', 'true');
      this.#onSight();
    }
  }

  show(state: PageState): void {
    const what = this.#whatToRead(state);
    const { layer } = this.#layers;
    this.#colouring.show(state, layer);
    if (what !== '' && this.#watch.isDue(state, `${layer} ${typeof what} ${what}`)) {
      this.#asked = what;
      this.#send({ kind: 'look', look: { kind: 'reading', what, layer } });
    }
    if (!this.#changed || !this.#watch.isSeen) return;
    this.#changed = false;
    if (this.#reading) this.#draw(this.#reading);
  }

  /** A text, or a place of what the network learns. The field of what it cannot read is hidden. */
  #whatToRead(state: PageState): string | number {
    const dataset = state.network?.plan.dataset;
    if (!dataset) return '';
    const readsSymbols = dataset.kind === 'text' || (dataset.kind === 'labelled' && dataset.inputs.kind === 'symbols');
    const places = placesOf(state);
    this.#textField.hidden = !readsSymbols;
    this.#placeField.hidden = !places;
    this.#text.placeholder = places ? 'the sample' : 'what it wrote last';
    if (readsSymbols && this.#text.value !== '') return this.#text.value;
    if (!places) return defaultText(state);
    const { first, last, label } = places;
    write(this.#placeLabel, label);
    const chosen = Math.max(first, Math.min(last, Number.parseInt(this.#place.value.replaceAll(',', ''), 10) || first));
    if (document.activeElement !== this.#place) this.#place.value = String(chosen);
    return chosen - first + 1;
  }

  /** Those that are shown: the most varied, and a chosen one in the place of the last. */
  #units(): readonly number[] {
    const units = this.#order.slice(0, this.#count.valueAsNumber);
    const unit = this.#chosen?.unit;
    return unit === undefined || units.includes(unit) || !this.#order.includes(unit)
      ? units
      : [...units.slice(0, -1), unit];
  }

  #redraw(): void {
    this.#changed = true;
    this.#onSight();
  }

  #draw(reading: Reading): void {
    this.#layers.show(reading.layers);
    const quantity = this.#offer(reading);
    this.#arrange(reading, quantity);
    const most = Math.min(64, reading.hidden);
    this.#count.max = String(most);
    const units = this.#units();
    write(this.#countSaid, `${formatCount(units.length)} of ${formatCount(reading.hidden)}`);
    const timestep = Math.min(this.#chosen?.timestep ?? 0, reading.read.timesteps - 1);
    const unit = units.find((unit) => unit === this.#chosen?.unit) ?? units[0]!;
    this.#chosen = { timestep, unit };
    this.#colouring.choose(unit);
    write(this.#stumble, stumbleOf(reading));
    this.#map.draw({ reading, quantity, units, unit, timestep }, readTheme(this.#canvas));
    const { low, high } = rangeOf(valuesOf(reading, quantity).flat);
    Object.assign(this.#legend.dataset, { low: formatScale(low), high: formatScale(high), signed: low < 0 });
    this.#unitKey.replaceChildren(
      make('strong', {}, unitName(unit).replace('u', 'U')),
      ...linesOf(reading, unit).map(({ letter, most }, i) =>
        make('span', { class: `line-${i}` }, most > 1 ? `${letter} ÷ ${most}` : letter),
      ),
    );
    write(this.#summary, summaryOf(reading, quantity, units));
    this.#show(this.#chosen);
  }

  /** Offers what there is to see of the cell. @returns what is shown */
  #offer({ cell }: Reading): Quantity {
    const quantities = quantitiesOf(cell);
    const shown = quantities.find(({ letter }) => letter === this.#wanted) ?? quantities[0]!;
    if (this.#choices.dataset['cell'] !== cell) {
      this.#choices.dataset['cell'] = cell;
      write(this.#meaning, meaningOf(cell));
      const options = quantities.map(({ letter, title }) => {
        const checked = letter === shown.letter;
        const radio = make('input', { type: 'radio', name: 'gates', value: letter, checked });
        return make('label', { class: 'option' }, radio, `${letter}, ${title}`);
      });
      this.#choices.hidden = quantities.length === 1;
      this.#choices.replaceChildren(make('legend', {}, 'Show'), ...options);
    }
    return shown;
  }

  #arrange(reading: Reading, quantity: Quantity): void {
    const occasion = `${quantity.letter} ${reading.cell} ${reading.layer} ${reading.hidden} ${this.#asked}`;
    if (occasion === this.#orderedFor) return;
    this.#orderedFor = occasion;
    this.#order = byVariance(valuesOf(reading, quantity));
  }

  #show({ timestep, unit }: Place): void {
    if (!this.#reading) return;
    write(this.#value, readingAt(this.#reading, timestep, unit));
    this.#next.show(this.#reading, timestep);
  }

  #choose(place: Place): void {
    this.#chosen = place;
    if (this.#reading) this.#draw(this.#reading);
  }

  #listenForPointer(): void {
    const placeOf = (event: MouseEvent) => this.#map.placeAt(event.offsetX, event.offsetY);
    this.#canvas.addEventListener('pointermove', (event) => {
      const place = placeOf(event);
      if (place) this.#show(place);
    });
    this.#canvas.addEventListener('pointerleave', () => this.#chosen && this.#show(this.#chosen));
    this.#canvas.addEventListener('click', (event) => {
      const place = placeOf(event);
      if (place) this.#choose(place);
    });
  }

  #move(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.#press(event.key)) event.preventDefault();
  }

  /** Goes where a key leads. @returns whether it leads anywhere */
  #press(key: string): boolean {
    const place =
      this.#reading && this.#chosen && placeAfter(key, this.#chosen, this.#units(), this.#reading.read.timesteps);
    if (place) this.#go(place);
    return place !== undefined;
  }

  /** Chooses a place, says what is there, and brings it into sight. */
  #go(place: Place): void {
    this.#choose(place);
    if (!this.#reading) return;
    const { timestep, unit } = place;
    write(this.#said, [readingAt(this.#reading, timestep, unit), expectedAt(this.#reading, timestep)].join('. '));
    this.#reveal(timestep);
  }

  #reveal(timestep: number): void {
    const { left, right } = this.#map.columnOf(timestep);
    const { scrollLeft, clientWidth } = this.#region;
    if (left < scrollLeft) this.#region.scrollLeft = left;
    else if (right > scrollLeft + clientWidth) this.#region.scrollLeft = right - clientWidth;
  }
}
