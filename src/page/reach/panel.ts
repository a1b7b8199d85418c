import type { Figure } from '../../figures/figure.ts';
import { capitalised, formatCount, formatFigure } from '../../format.ts';
import type { Look } from '../../training/looks/look.ts';
import type { Reach } from '../../training/looks/reach.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, make, scrollByKeyboard, write } from '../dom.ts';
import { figureButtons } from '../figures/save.ts';
import { LayerChoice } from '../looks/layer-choice.ts';
import type { LookPanel } from '../looks/panels.ts';
import { Watch } from '../looks/watch.ts';
import type { Network, PageState } from '../state.ts';
import { type Curves, ReachChart } from './chart.ts';
import { reachFigure } from './figure.ts';
import { curveOf, formatShare, landmarks, nameOf, shareLeft, shortName, summaryOf } from './words.ts';

/** How far back the gradient reaches in the network that is trained, in the same untrained, and in one of another cell. */
export class ReachPanel implements LookPanel {
  readonly #send: (command: Command) => void;
  readonly #onSight: () => void;
  readonly #watch: Watch;
  readonly #chart: ReachChart;
  readonly #layers: LayerChoice;
  readonly #key = byId('reach-key', HTMLElement);
  readonly #summary = byId('reach-summary', HTMLElement);
  readonly #axis = byId('reach-axis', HTMLElement);
  readonly #table = byId('reach-table', HTMLTableElement);
  readonly #problem = byId('reach-problem', HTMLElement);
  /** What was last seen of a network that is trained. */
  #trained: Reach | undefined;
  /** The same network before its first step. */
  #untrained: Reach | undefined;
  /** What it is compared with: the last that was trained before and has another cell, else an untrained one. */
  #compared: Reach | undefined;
  /** What is drawn of them. */
  #curves: Curves = {};
  /** The network beside which untrained ones were last asked for. */
  #comparedWith: Network | null = null;
  /** Why there was nothing to see, by what was looked at. */
  #problems: Partial<Record<Look['kind'], string>> = {};
  #changed = false;

  constructor(send: (command: Command) => void, onSight: () => void) {
    this.#send = send;
    this.#onSight = onSight;
    this.#watch = new Watch(byId('reach', HTMLDetailsElement), onSight);
    scrollByKeyboard(byId('reach-figures', HTMLElement), this.#table);
    this.#layers = new LayerChoice('reach-layer', () => {
      this.#changed = true;
      onSight();
    });
    this.#axis.after(figureButtons('the reach of the gradient', () => this.#figure()));
    const reading = byId('reach-reading', HTMLElement);
    this.#chart = new ReachChart(byId('reach-chart', HTMLElement), (back) =>
      write(reading, back === null ? '' : this.#readingAt(back)),
    );
  }

  hear(event: Event): void {
    if (event.kind === 'seen' && (event.sight.kind === 'reach' || event.sight.kind === 'untrainedReach')) {
      const { sight } = event;
      if (sight.kind === 'reach') {
        this.#compared = this.#comparisonFor(sight.reach);
        this.#trained = sight.reach;
        this.#watch.answered(event.seconds);
      } else {
        const [own, other] = sight.reaches;
        this.#untrained = own;
        // One of another cell that was trained says more than an untrained one.
        const known = this.#comparisonFor(own);
        this.#compared = known?.step ? known : other;
      }
      this.#tell(sight.kind, '');
    } else if (event.kind === 'unseen' && (event.look === 'reach' || event.look === 'untrainedReach')) {
      if (event.look === 'reach') this.#watch.answered();
      this.#tell(event.look, event.message);
    }
  }

  show(state: PageState): void {
    const { network } = state;
    if (this.#watch.isDue(state)) {
      this.#send({ kind: 'look', look: { kind: 'reach' } });
      if (network && this.#comparedWith?.plan !== network.plan) {
        this.#comparedWith = network;
        this.#untrained = undefined;
        this.#send({ kind: 'look', look: { kind: 'untrainedReach' } });
      }
    }
    if (!this.#changed || !this.#watch.isSeen) return;
    this.#changed = false;
    this.#draw();
  }

  /** What was seen of a network of another cell, rather of one that had been trained. */
  #comparisonFor({ cell }: Pick<Reach, 'cell'>): Reach | undefined {
    const others = [this.#trained, this.#compared].filter((reach) => reach !== undefined && reach.cell !== cell);
    return others.find((reach) => reach?.step) ?? others[0];
  }

  #tell(kind: Look['kind'], problem: string): void {
    this.#problems = { ...this.#problems, [kind]: problem };
    write(this.#problem, Object.values(this.#problems).join(' ').trim());
    this.#changed = true;
    this.#onSight();
  }

  #draw(): void {
    if (!this.#trained) return;
    this.#layers.show(this.#trained.norms.length);
    const { layer } = this.#layers;
    const trained = curveOf(this.#trained, layer);
    const compared = this.#compared && curveOf(this.#compared, layer);
    // Before the first step it is the network itself.
    const untrained = trained.step > 0 && this.#untrained ? curveOf(this.#untrained, layer) : undefined;
    this.#curves = { trained, ...(untrained && { untrained }), ...(compared && { compared }) };
    this.#chart.draw(this.#curves);
    write(this.#summary, summaryOf(trained, untrained, compared));
    write(this.#axis, `${trained.timestep}s back from the loss`);
    const known = Object.values(this.#curves);
    this.#key.replaceChildren(
      ...Object.entries(this.#curves).map(([role, curve]) =>
        make('li', { class: `key-${role}${curve.step === 0 ? ' untrained' : ''}` }, nameOf(curve, trained)),
      ),
    );
    const marks = landmarks(Math.max(...known.map(({ norms }) => norms.length - 1)));
    const heading = (text: string, scope: string) => make('th', { scope }, text);
    this.#table.tHead!.replaceChildren(
      make(
        'tr',
        {},
        heading(`${capitalised(trained.timestep)}s back`, 'col'),
        ...marks.map((mark) => heading(formatCount(mark), 'col')),
      ),
    );
    this.#table.tBodies[0]!.replaceChildren(
      ...known.map((curve) =>
        make(
          'tr',
          {},
          heading(shortName(curve), 'row'),
          ...marks.map((mark) => make('td', {}, mark < curve.norms.length ? formatShare(shareLeft(curve, mark)) : '–')),
        ),
      ),
    );
  }

  /** In all layers what is drawn of one. */
  #figure(): Figure | undefined {
    if (!this.#trained) return undefined;
    const untrained = this.#curves.untrained && this.#untrained;
    const others = [this.#compared, untrained].filter((reach) => reach !== undefined);
    return reachFigure([this.#trained, ...others]);
  }

  #readingAt(back: number): string {
    const figures = Object.values(this.#curves).flatMap((curve) => {
      const norm = curve.norms[back];
      if (norm === undefined) return [];
      return [`${shortName(curve)} ${formatFigure(norm)} (${formatShare(shareLeft(curve, back))})`];
    });
    return [`${back} back`, ...figures].join(' · ');
  }
}
