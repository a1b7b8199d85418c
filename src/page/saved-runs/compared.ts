import { bitsPerCharacter } from '../../data/measure.ts';
import { capitalised, networkName } from '../../format.ts';
import { quote } from '../../quote.ts';
import type { SavedRun } from '../../storage/saved-runs.ts';
import { byId, make, write } from '../dom.ts';
import type { Overlay } from '../overlay.ts';
import { measureOf, type PageState, stepsTaken } from '../state.ts';
import {
  type Comparison,
  keepComparison,
  letterOf,
  mostCompared,
  readComparison,
  withoutRun,
  withRun,
} from './choice.ts';
import { axes, axisName, type Curve, curveOf, perStepOf } from './curves.ts';
import type { RunKeeper } from './keeper.ts';
import { readRun } from './model-files.ts';
import { type ComparedRun, overlayOf, type Standing, whyNotDrawn } from './overlay.ts';

/** What a run is called where there is little room. */
export const titleOf = (run: SavedRun): string => run.name ?? networkName(run);

/** A curve as a run's file had it when it was kept last. */
interface Read {
  readonly savedAt: number;
  readonly curve: Curve | undefined;
}

/** The runs that are compared with the one that stands: which they are, their curves, and the key to them. */
export class Compared {
  readonly #keeper: RunKeeper;
  readonly #complain: (sentence: string) => void;
  readonly #onChange: () => void;
  readonly #host = byId('compared', HTMLElement);
  readonly #key = make('ul', { class: 'key', 'aria-label': 'Compared runs' });
  readonly #axis = make('select', { id: 'compared-axis' });
  #comparison: Comparison = readComparison();
  #listed: readonly SavedRun[] = [];
  /** By the ids of their runs. */
  readonly #read = new Map<string, Read>();
  readonly #reading = new Set<string>();
  /** Of each place, where its loss stands that the chart points to. */
  #figures: ReadonlyMap<number, HTMLElement> = new Map();
  #shown = '';

  /** @param complain hears a sentence of what cannot be done; @param onChange that there is something else to show */
  constructor(keeper: RunKeeper, complain: (sentence: string) => void, onChange: () => void) {
    this.#keeper = keeper;
    this.#complain = complain;
    this.#onChange = onChange;
    for (const axis of axes) this.#axis.append(make('option', { value: axis }));
    this.#axis.value = this.#comparison.axis;
    this.#axis.addEventListener('change', () => {
      this.#set({ ...this.#comparison, axis: axes.find((axis) => axis === this.#axis.value)! });
    });
    this.#host.append(this.#key, make('label', {}, 'over ', this.#axis));
    new ResizeObserver(() => this.#makeRoom()).observe(this.#host);
  }

  /** A run's place among those compared; −1 if it is none of them. */
  placeOf(id: string): number {
    return this.#comparison.places.indexOf(id);
  }

  add(id: string): void {
    const next = withRun(this.#comparison, id, (other) => this.#listed.some(({ id }) => id === other));
    if (next) this.#set(next);
    else this.#complain(`${mostCompared} runs are compared already: take one of them away first.`);
  }

  remove(id: string): void {
    this.#set(withoutRun(this.#comparison, id));
  }

  /** Shows the key, and tells what the chart is to show. */
  show(state: PageState): Overlay | undefined {
    this.#listed = state.savedRuns ?? [];
    const { axis, places } = this.#comparison;
    this.#keeper.spared = places;
    const kept = places.flatMap((id, place) => {
      const run = this.#listed.find((run) => run.id === id);
      return run && id !== state.runId ? [{ run, place }] : [];
    });
    for (const { run } of kept) void this.#want(run);
    const runs = kept.flatMap(({ run, place }) => {
      const read = this.#read.get(run.id);
      const { measure = bitsPerCharacter } = run;
      return read ? [{ place, title: titleOf(run), measure, curve: read.curve }] : [];
    });
    const standing = standingOf(state);
    this.#showKey(runs, standing);
    return overlayOf(runs, standing, axis, (told) => {
      for (const [place, figure] of this.#figures) write(figure, told.get(place) ?? '');
    });
  }

  /** The chart makes room for the key, so that what is below stays where it is. */
  #makeRoom(): void {
    this.#host.parentElement!.style.setProperty('--compared', `${this.#host.offsetHeight}px`);
  }

  #set(comparison: Comparison): void {
    this.#comparison = comparison;
    keepComparison(comparison);
    this.#onChange();
  }

  /** Reads the curve of a run, unless it is known as it was kept last. */
  async #want(run: SavedRun): Promise<void> {
    const { id, savedAt } = run;
    if (this.#reading.has(id) || this.#read.get(id)?.savedAt === savedAt) return;
    this.#reading.add(id);
    try {
      const file = await this.#keeper.model(id);
      const words = file && (await readRun(file));
      // What is not there any more was complained of.
      if (!words) {
        this.remove(id);
        return;
      }
      const { course, configuration, dataKind = 'text' } = words;
      const curve = course && curveOf(course, configuration, dataKind, run.measure ?? bitsPerCharacter);
      this.#read.set(id, { savedAt, curve });
    } catch {
      this.#complain(`${quote(titleOf(run))} cannot be compared any more: its file cannot be read.`);
      this.remove(id);
    } finally {
      this.#reading.delete(id);
      this.#onChange();
    }
  }

  #showKey(runs: readonly ComparedRun[], standing: Standing): void {
    const { axis } = this.#comparison;
    this.#host.hidden = runs.length === 0;
    byId('chart', HTMLElement).ariaLabel =
      `Chart of the loss over the ${runs.length > 0 && axis !== 'steps' ? axisName(axis, standing.unit) : 'training steps'}; the arrow keys go from one step to the next`;
    for (const option of this.#axis.options) {
      write(option, axisName(axes.find((axis) => axis === option.value)!, standing.unit));
    }
    const entries = runs.map((run) => ({ ...run, why: whyNotDrawn(run, standing, axis) }));
    const shown = JSON.stringify(entries.map(({ place, title, why }) => [place, title, why]));
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#figures = new Map(
      entries.map(({ place }) => [place, make('span', { class: 'value', 'aria-hidden': 'true' })]),
    );
    this.#key.replaceChildren(
      ...entries.map(({ place, title, why }) =>
        make(
          'li',
          {},
          swatch(place),
          `${capitalised(title)}${why ? ` (not drawn: ${why})` : ''}`,
          this.#figures.get(place)!,
        ),
      ),
    );
    this.#makeRoom();
  }
}

/** How a compared run is marked, wherever it is told of. */
export const swatch = (place: number): HTMLElement =>
  make('span', { class: 'swatch', 'data-place': letterOf(place) }, letterOf(place));

function standingOf(state: PageState): Standing {
  const { network, secondsTraining } = state;
  const step = stepsTaken(state);
  return {
    measure: measureOf(state),
    unit: network?.unit ?? 'character',
    step,
    perStep: network
      ? perStepOf(network.plan.configuration, network.plan.dataset.kind, step, secondsTraining)
      : undefined,
  };
}
