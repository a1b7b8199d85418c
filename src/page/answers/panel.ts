import type { Confusion } from '../../data/labelled/classify.ts';
import { formatCount } from '../../format.ts';
import type { Answers } from '../../training/looks/answers.ts';
import type { Command, Event } from '../../training/protocol.ts';
import { byId, make, scrollByKeyboard, write } from '../dom.ts';
import type { LookPanel } from '../looks/panels.ts';
import { Watch } from '../looks/watch.ts';
import type { Network, PageState } from '../state.ts';
import './answers.css';
import { Strips } from './strips.ts';
import { folded, formatShare, formatTo, formatValue, summaryOf } from './words.ts';

/** What a network makes of held-out samples: how often it is right, what it mistakes for what, and some samples one by one. */
export class AnswersPanel implements LookPanel {
  readonly #send: (command: Command) => void;
  readonly #onSight: () => void;
  readonly #watch: Watch;
  readonly #heading = byId('answers-heading', HTMLElement);
  readonly #problem = byId('answers-problem', HTMLElement);
  readonly #score = make('p', { id: 'answers-score', class: 'value' });
  readonly #summary = make('p', { id: 'answers-summary', class: 'panel-summary' }, waiting);
  readonly #table = make('table', { id: 'answers-table', class: 'figures' });
  readonly #strips = new Strips();
  readonly #others = make('button', { type: 'button', id: 'answers-others' }, 'Other samples');
  #network: Network | null = null;
  #page = 0;
  #answers: Answers | undefined;
  #changed = false;

  constructor(send: (command: Command) => void, onSight: () => void) {
    this.#send = send;
    this.#onSight = onSight;
    const section = byId('answers', HTMLElement);
    const region = make('section', { class: 'scrolls', 'aria-label': 'What is taken for what' }, this.#table);
    scrollByKeyboard(region, this.#table);
    this.#problem.before(this.#score, this.#summary, region, this.#strips.element, this.#others);
    this.#watch = new Watch(section, onSight);
    this.#others.addEventListener('click', () => {
      this.#page++;
      onSight();
    });
  }

  hear(event: Event): void {
    if (event.kind === 'seen' && event.sight.kind === 'answers') {
      this.#watch.answered(event.seconds);
      this.#take(event.sight.answers);
      write(this.#problem, '');
    } else if (event.kind === 'unseen' && event.look === 'answers') {
      this.#watch.answered();
      write(this.#problem, event.message);
      this.#onSight();
    }
  }

  show(state: PageState): void {
    if (state.network !== this.#network) {
      this.#network = state.network;
      this.#page = 0;
      this.#take(undefined);
    }
    if (this.#watch.isDue(state, String(this.#page))) {
      this.#send({ kind: 'look', look: { kind: 'answers', page: this.#page } });
    }
    if (!this.#changed || !this.#watch.isSeen) return;
    this.#changed = false;
    this.#draw();
  }

  #take(answers: Answers | undefined): void {
    this.#answers = answers;
    this.#changed = true;
    this.#onSight();
  }

  #draw(): void {
    const answers = this.#answers;
    if (!answers) {
      write(this.#score, '');
      write(this.#summary, waiting);
      this.#table.replaceChildren();
      this.#strips.show([], []);
      return;
    }
    write(this.#summary, summaryOf(answers));
    if (answers.kind === 'classes') {
      const { confusion, shown } = answers;
      write(this.#heading, 'What it takes them for');
      this.#score.replaceChildren(formatShare(confusion.accuracy), make('span', { class: 'unit' }, ' right'));
      this.#table.classList.toggle('many', confusion.classes.length > classesWithRoom);
      this.#table.replaceChildren(...confusionTable(folded(confusion)));
      this.#strips.show(shown, confusion.classes);
    } else {
      write(this.#heading, 'What it answers');
      const [{ name, error }] = answers.variables as [(typeof answers.variables)[number]];
      const unit = ` root mean square error of ${name}`;
      this.#score.replaceChildren(formatValue(error), make('span', { class: 'unit' }, unit));
      this.#table.replaceChildren(...answerTable(answers));
      this.#strips.show([], []);
    }
  }
}

/** Of more classes than this the figures stand close. */
const classesWithRoom = 6;

const waiting = 'It is looked at when this is in view and there is a network.';

/** A row for what samples are, a column for what they are taken for; the shade is the share of the row. */
function confusionTable({ classes, counts }: Confusion): HTMLElement[] {
  return [
    make('caption', {}, 'Down: what they are. Across: what they are taken for'),
    make(
      'thead',
      {},
      make(
        'tr',
        {},
        make('th', { scope: 'col' }, make('span', { class: 'visually-hidden' }, 'class')),
        ...classes.map((name) => make('th', { scope: 'col' }, name)),
      ),
    ),
    make(
      'tbody',
      {},
      ...classes.map((name, actual) => {
        const row = counts[actual]!;
        const total = row.reduce((sum, count) => sum + count, 0);
        const cells = row.map((count, taken) =>
          make(
            'td',
            { class: actual === taken ? 'shaded right' : 'shaded', style: `--p: ${(count / (total || 1)).toFixed(3)}` },
            formatCount(count),
          ),
        );
        return make('tr', {}, make('th', { scope: 'row' }, name), ...cells);
      }),
    ),
  ];
}

/** A row for each variable of each sample that is shown. */
function answerTable({ variables, shown }: Extract<Answers, { kind: 'numbers' }>): HTMLElement[] {
  const heads = ['Sample', 'Timesteps', ...(variables.length > 1 ? ['Variable'] : []), 'Target', 'Answer', 'Off by'];
  const rows = shown.flatMap(({ number, timesteps, wanted, answer }) =>
    variables.map(({ name, deviation }, o) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, formatCount(number)),
        make('td', {}, formatCount(timesteps)),
        ...(variables.length > 1 ? [make('td', {}, name)] : []),
        ...[wanted[o]!, answer[o]!, answer[o]! - wanted[o]!].map((value) => make('td', {}, formatTo(deviation, value))),
      ),
    ),
  );
  return [
    make('caption', {}, 'At the last place that counts'),
    make('thead', {}, make('tr', {}, ...heads.map((head) => make('th', { scope: 'col' }, head)))),
    make('tbody', {}, ...rows),
  ];
}
