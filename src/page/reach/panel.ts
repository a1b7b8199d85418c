import { formatCount, formatFigure } from '../../format.ts';
import type { Cell } from '../../model/configuration.ts';
import type { Look } from '../../training/looks/look.ts';
import type { Reach } from '../../training/looks/reach.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, make, scrollByKeyboard, write } from '../dom.ts';
import type { LookPanel } from '../looks/panels.ts';
import { Watch } from '../looks/watch.ts';
import type { Network, PageState } from '../state.ts';
import { ReachChart } from './chart.ts';
import { cellName, formatShare, landmarks, nameOf, shareLeft, summaryOf } from './words.ts';

const cells = ['gru', 'rnn'] as const;

/** How far back the gradient reaches in the network that is trained, and in one of the other cell. */
export class ReachPanel implements LookPanel {
  readonly #send: (command: Command) => void;
  readonly #onSight: () => void;
  readonly #watch: Watch;
  readonly #chart: ReachChart;
  readonly #key = byId('reach-key', HTMLElement);
  readonly #summary = byId('reach-summary', HTMLElement);
  readonly #table = byId('reach-table', HTMLTableElement);
  readonly #problem = byId('reach-problem', HTMLElement);
  /** The last curve of each cell in this visit. */
  #curves: Partial<Record<Cell, Reach>> = {};
  /** The cell of the network that stands. */
  #current: Cell = 'gru';
  /** The network beside which an untrained one was last asked for. */
  #comparedWith: Network | null = null;
  /** Why there was nothing to see, by what was looked at. */
  #problems: Partial<Record<Look['kind'], string>> = {};
  #changed = false;

  constructor(send: (command: Command) => void, onSight: () => void) {
    this.#send = send;
    this.#onSight = onSight;
    this.#watch = new Watch(byId('reach', HTMLDetailsElement), onSight);
    scrollByKeyboard(byId('reach-figures', HTMLElement), this.#table);
    const reading = byId('reach-reading', HTMLElement);
    this.#chart = new ReachChart(byId('reach-chart', HTMLElement), (back) =>
      write(reading, back === null ? '' : this.#readingAt(back)),
    );
  }

  hear(event: Event): void {
    if (event.kind === 'seen' && (event.sight.kind === 'reach' || event.sight.kind === 'untrainedReach')) {
      const { kind, reach } = event.sight;
      this.#curves = { ...this.#curves, [reach.cell]: reach };
      if (kind === 'reach') this.#watch.answered(event.seconds);
      this.#tell(kind, '');
    } else if (event.kind === 'unseen' && (event.look === 'reach' || event.look === 'untrainedReach')) {
      if (event.look === 'reach') this.#watch.answered();
      this.#tell(event.look, event.message);
    }
  }

  show(state: PageState): void {
    const { network } = state;
    if (network) this.#current = network.plan.configuration.cell;
    if (this.#watch.isDue(state)) {
      this.#send({ kind: 'look', look: { kind: 'reach' } });
      if (network && this.#lacksComparison(network)) {
        this.#comparedWith = network;
        this.#send({ kind: 'look', look: { kind: 'untrainedReach' } });
      }
    }
    if (!this.#changed || !this.#watch.isSeen) return;
    this.#changed = false;
    this.#draw();
  }

  /** What was seen of a trained network of the other cell stays; an untrained one is of this network's own sizes. */
  #lacksComparison(network: Network): boolean {
    const other = this.#curves[otherThan(this.#current)];
    return (other === undefined || other.step === 0) && this.#comparedWith?.plan !== network.plan;
  }

  #tell(kind: Look['kind'], problem: string): void {
    this.#problems = { ...this.#problems, [kind]: problem };
    write(this.#problem, Object.values(this.#problems).join(' ').trim());
    this.#changed = true;
    this.#onSight();
  }

  #draw(): void {
    const current = this.#curves[this.#current];
    if (!current) return;
    const other = this.#curves[otherThan(this.#current)];
    this.#chart.draw(this.#curves);
    write(this.#summary, summaryOf(current, other));
    const known = cells.flatMap((cell) => this.#curves[cell] ?? []);
    this.#key.replaceChildren(
      ...known.map((reach) =>
        make('li', { class: `key-${reach.cell}${reach.step === 0 ? ' untrained' : ''}` }, nameOf(reach, current)),
      ),
    );
    const marks = landmarks(Math.max(...known.map(({ norms }) => norms.length - 1)));
    const heading = (text: string, scope: string) => make('th', { scope }, text);
    this.#table.tHead!.replaceChildren(
      make('tr', {}, heading('Characters back', 'col'), ...marks.map((mark) => heading(formatCount(mark), 'col'))),
    );
    this.#table.tBodies[0]!.replaceChildren(
      ...known.map((reach) =>
        make(
          'tr',
          {},
          heading(cellName(reach), 'row'),
          ...marks.map((mark) => make('td', {}, mark < reach.norms.length ? formatShare(shareLeft(reach, mark)) : '–')),
        ),
      ),
    );
  }

  #readingAt(back: number): string {
    const figures = cells.flatMap((cell) => {
      const reach = this.#curves[cell];
      const norm = reach?.norms[back];
      return reach && norm !== undefined
        ? [`${cellName(reach)} ${formatFigure(norm)} (${formatShare(shareLeft(reach, back))})`]
        : [];
    });
    return [`${back} back`, ...figures].join(' · ');
  }
}

function otherThan(cell: Cell): Cell {
  return cell === 'gru' ? 'rnn' : 'gru';
}
