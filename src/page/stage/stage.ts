import { bitsPerCharacter, figureOf } from '../../data/measure.ts';
import { formatCount, formatFigure, formatLoss } from '../../format.ts';
import { byId, make, scrollByKeyboard, write } from '../dom.ts';
import { canWrite, type PageState, type Passage } from '../state.ts';
import { Stream, wholeWords } from './stream.ts';

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** Writes as much of a passage as is shown. */
export type Writer = (host: HTMLElement, text: string, passage: Passage) => void;

/** What the network writes, at reading speed, and what it wrote earlier from the same prime, by a slider over the steps. */
export class Stage {
  readonly #stream = new Stream();
  readonly #of = byId('passage-of', HTMLElement);
  readonly #host = byId('passage', HTMLElement);
  readonly #prime = make('span', { class: 'prime' });
  readonly #written = make('span', {});
  readonly #unwritten = make('span', { class: 'unwritten' });
  readonly #slider = byId('passage-step', HTMLInputElement);
  readonly #writeNow = byId('write-now', HTMLButtonElement);
  readonly #beginning = this.#of.textContent!;
  #known: readonly Passage[] = [];
  /** An earlier one that was chosen; otherwise the present network's are shown as it writes them. */
  #chosen: Passage | undefined;
  /** Of somebody else's network: it stands there until this one writes, and then before the first of its own. */
  #guests: readonly Passage[] = [];
  #shown: Passage | undefined;
  #frame = 0;
  #time = 0;
  #writer: Writer = write;

  constructor(onWriteNow: () => void) {
    this.#host.append(this.#prime, this.#written, this.#unwritten);
    scrollByKeyboard(this.#host.parentElement!, this.#host);
    this.#writeNow.addEventListener('click', () => {
      if (this.#writeNow.ariaDisabled === 'true') return;
      this.#stream.hurry();
      this.#chosen = undefined;
      onWriteNow();
    });
    this.#slider.addEventListener('input', () => this.#choose(this.#slider.valueAsNumber));
  }

  show(state: PageState): void {
    this.#writeNow.ariaDisabled = canWrite(state) ? null : 'true';
    const { passages } = state;
    if (passages === this.#known) return;
    if (!passages.includes(this.#known[0]!)) this.#stream.clear();
    for (const passage of passages.toReversed()) if (!this.#known.includes(passage)) this.#stream.add(passage);
    this.#known = passages;
    if (this.#chosen && !this.#alike.includes(this.#chosen)) this.#chosen = undefined;
    this.#slide();
    this.#goOn();
  }

  /** What is to be seen, or is being written. */
  get shown(): Passage | undefined {
    return this.#shown;
  }

  /** Shows a passage that somebody shared. */
  share(guest: Passage): void {
    this.#guests = [guest];
    this.#choose(0);
  }

  /** Has what is written shown in another way. */
  set writer(writer: Writer) {
    this.#writer = writer;
  }

  /** Shows an earlier or a later passage. @param by how many on */
  turn(by: number): void {
    const at = this.#slider.valueAsNumber + by;
    if (at >= 0 && at < this.#alike.length) this.#choose(at);
  }

  /** What the slider goes through: from the same prime as the newest, the newest last. */
  get #alike(): readonly Passage[] {
    const [newest] = this.#known;
    return [...this.#guests, ...this.#known.filter(({ prime }) => prime === newest?.prime).toReversed()];
  }

  #choose(at: number): void {
    this.#chosen = at < this.#alike.length - 1 ? this.#alike[at] : undefined;
    this.#slide();
    if (this.#chosen) this.#write(this.#chosen, Number.POSITIVE_INFINITY);
    else this.#goOn();
  }

  /** Shows what the present network writes, if it has written anything. */
  #goOn(): void {
    if (this.#known.length > 0) this.#move();
    else this.#clear();
  }

  #slide(): void {
    const last = Math.max(0, this.#alike.length - 1);
    const at = this.#chosen ? this.#alike.indexOf(this.#chosen) : last;
    this.#slider.disabled = last === 0;
    this.#slider.max = String(last);
    this.#slider.valueAsNumber = at;
    const passage = this.#alike[at];
    this.#slider.ariaValueText = passage ? circumstancesOf(passage) : null;
  }

  #clear(): void {
    this.#shown = undefined;
    const [guest] = this.#guests;
    if (guest) this.#write(guest, Number.POSITIVE_INFINITY);
    else {
      write(this.#of, this.#beginning);
      for (const part of [this.#prime, this.#written, this.#unwritten]) write(part, '');
    }
  }

  /** Goes on writing, as long as there is something to write. */
  #move(): void {
    if (this.#frame !== 0) return;
    this.#time = performance.now();
    const move = (time: number) => {
      const scene = this.#stream.advance(Math.max(0, time - this.#time) / 1000);
      this.#time = time;
      // What somebody marks in it stays where it is.
      if (scene && !this.#chosen && !this.#isMarked()) this.#write(scene.passage, scene.written);
      this.#frame = this.#stream.isMoving ? requestAnimationFrame(move) : 0;
    };
    this.#frame = requestAnimationFrame(move);
  }

  #isMarked(): boolean {
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && selection.containsNode(this.#host, true);
  }

  /** The whole passage is laid out from the start, so that no word moves when it is written. */
  #write(passage: Passage, characters: number): void {
    const text = wholeWords(passage.text);
    const written = stillness.matches ? text.length : characters;
    this.#writer(this.#written, text.slice(0, written), passage);
    write(this.#unwritten, text.slice(written));
    if (passage === this.#shown) return;
    this.#shown = passage;
    write(this.#prime, passage.prime);
    write(this.#of, circumstancesOf(passage));
  }
}

function circumstancesOf({ step, loss, temperature, circumstances }: Passage): string {
  if (circumstances !== undefined) return circumstances;
  const bits = loss === null ? '' : `${formatLoss(figureOf(bitsPerCharacter, loss), bitsPerCharacter)} bits, `;
  return `Step ${formatCount(step)}: ${bits}temperature ${formatFigure(temperature)}`;
}
