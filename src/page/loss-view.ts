import type { Level } from '../data/baselines-worker.ts';
import { matters } from '../data/kinds.ts';
import { bitsPerCharacter, figureOf, type Measure } from '../data/measure.ts';
import { describeLoss, formatCount, formatLoss } from '../format.ts';
import { LossChart, type Reading } from './chart.ts';
import { byId, write } from './dom.ts';
import type { Curves } from './history.ts';
import { prospect, standing } from './levels.ts';
import type { Overlay } from './overlay.ts';
import { measureOf, type PageState, stepsTaken } from './state.ts';

/** The chart is drawn at most this often, in milliseconds: the rest of the time belongs to the training. */
const drawEvery = 120;

/** The loss figure: chart, key, what the pointer is on, and the same in words. */
export class LossView {
  readonly #curves: Curves;
  readonly #chart: LossChart;
  readonly #empty = byId('chart-empty', HTMLElement);
  readonly #keyToLevels = byId('key-to-levels', HTMLElement);
  readonly #keyToBest = byId('key-to-best', HTMLElement);
  readonly #wordOnLevels = byId('chart-empty-levels', HTMLElement);
  readonly #summary = byId('chart-summary', HTMLElement);
  readonly #compared = byId('compared-summary', HTMLElement);
  readonly #heading = byId('loss-heading', HTMLElement);
  readonly #meaning = byId('chart-meaning', HTMLElement);
  /** What is compared with the run that stands, if anything is. */
  overlay: Overlay | undefined;
  #measure = bitsPerCharacter;
  #drawn = Number.NEGATIVE_INFINITY;
  #timer: number | undefined;

  constructor(curves: Curves) {
    this.#curves = curves;
    const reading = byId('chart-reading', HTMLElement);
    const [host, said] = [byId('chart', HTMLElement), byId('chart-said', HTMLElement)];
    // What the pointer is on is not said: the keyboard asks for it.
    let others = '';
    host.addEventListener('keyup', () => write(said, reading.textContent + others));
    this.#chart = new LossChart(host, curves, bitsPerCharacter, (under) => {
      write(reading, under ? readingOf(under, this.#measure) : '');
      others = (under && this.overlay?.reading(under.step)) ?? '';
      this.overlay?.point(under?.step ?? null);
    });
  }

  show(state: PageState, levels: readonly Level[]): void {
    this.#measure = measureOf(state);
    write(this.#heading, headingOf(this.#measure));
    write(this.#meaning, meaningOf(this.#measure));
    const learned = this.#curves.training.steps.length > 0;
    this.#empty.hidden = learned || !!this.overlay?.steps.length;
    this.#keyToLevels.hidden = this.#wordOnLevels.hidden = !levels.some(({ floor }) => floor === undefined);
    this.#keyToBest.hidden = state.best === null;
    write(this.#summary, summaryOf(state, this.#curves.training.smoothed.at(-1), levels));
    // Whoever sees the chart sees that much.
    write(this.#compared, this.overlay?.summary ?? '');
    clearTimeout(this.#timer);
    const wait = this.#drawn + drawEvery - performance.now();
    const draw = () => {
      this.#drawn = performance.now();
      this.#chart.draw(levels, this.#measure, state.configuration.steps, learned ? state.best : null, this.overlay);
    };
    if (wait <= 0) draw();
    else this.#timer = window.setTimeout(draw, wait);
  }
}

/** What the chart shows, with its unit. */
export const headingOf = ({ name, unit }: Measure): string => (unit === 'bits' ? `Loss, in ${name}` : `Loss: ${name}`);

/** The same for whoever has not seen it yet. */
const meaningOf = ({ name, unit, key }: Measure): string => {
  if (key === 'bitsPerCharacter') return 'how many bits each next character still costs the network';
  return unit === 'bits' ? 'how many bits each label still costs the network' : `the ${name}`;
};

/** The chart in words, for whoever does not see it and whoever wants it said. */
export function summaryOf(state: PageState, smoothed: number | undefined, levels: readonly Level[]): string {
  const measure = measureOf(state);
  if (smoothed === undefined) return prospect(levels, measure);
  const { validation, best } = state;
  // Early on the loss falls fast: one of long ago says little about the network of now.
  const recent = validation && validation.step >= 0.8 * stepsTaken(state);
  const judged = recent ? figureOf(measure, validation.loss) : smoothed;
  const told = (loss: number) => formatLoss(figureOf(measure, loss), measure);
  const bestWords =
    best && best.step !== validation?.step
      ? `; the best was ${told(best.loss)}, at step ${formatCount(best.step)}`
      : '';
  const heldWords = validation
    ? `, and ${told(validation.loss)} on what is held out (step ${formatCount(validation.step)}${bestWords})`
    : '';
  const opening = `After ${formatCount(stepsTaken(state))} steps the loss is ${describeLoss(smoothed, measure)} in the mean`;
  const lower = recent && figureOf(measure, validation.loss) < smoothed ? ` ${whyLower(state)}` : '';
  return `${opening}${heldWords}.${lower} ${standing(judged, levels, measure)}`.trim();
}

/** Why what is held out may cost less than what is learned from. */
function whyLower({ network, configuration }: PageState): string {
  const { configuration: planned, dataset } = network?.plan ?? { configuration, dataset: null };
  const { batches, leadIn, dropout, recurrentDropout, averaging } = planned;
  const blank = matters('leadIn', dataset?.kind ?? 'text') && batches === 'windows' && leadIn === 0;
  const reasons = [
    ...(blank ? ['blank beginnings'] : []),
    ...(dropout > 0 || recurrentDropout > 0 ? ['units dropped out'] : []),
    ...(averaging > 0 ? ['weights not averaged yet'] : []),
    'a mean over past steps',
  ];
  return `Training costs more: ${new Intl.ListFormat('en').format(reasons)}.`;
}

function readingOf({ step, training, validation }: Reading, measure: Measure): string {
  const parts = [`step ${formatCount(step)}`];
  if (training !== null) parts.push(`training ${formatLoss(training, measure)}`);
  if (validation !== null) parts.push(`held out ${formatLoss(validation, measure)}`);
  return parts.join(' · ');
}
