import type { Exercise, System, Training } from './contenders.ts';
import type { Contender } from './results.ts';
import { summarise } from './statistics.ts';

/** How many first losses must agree, and how closely: the second and third only do if the gradients did. */
const compared = 3;
const tolerance = 1e-3;
/** How closely the first loss of a network of another form must agree. */
const formTolerance = 0.05;

/** How long everybody takes turns. */
export interface Turns {
  /** Rounds that are taken at least, and at most. */
  readonly least: number;
  readonly most: number;
  /** Milliseconds for each system after which no other round begins. */
  readonly milliseconds: number;
  /** Milliseconds that a turn lasts at least, if its steps are short. */
  readonly turn: number;
  /** Milliseconds of rest after each turn: OpenBLAS keeps a core busy for some 25 after it is done. */
  readonly pause: number;
}

const usualTurns: Turns = { least: 5, most: 25, milliseconds: 3000, turn: 50, pause: 80 };

/** One that has not failed so far. */
interface Entrant {
  readonly entry: Pick<Contender, 'size' | 'system' | 'device'>;
  readonly first: number;
  readonly losses: readonly number[];
  readonly training: Training;
  /** Milliseconds a step, in each round. */
  readonly rounds: number[];
}

/**
 * A side by side of systems at one exercise. All stay open, and are timed in turns, so that whatever a machine does besides
 * hits all of them alike: in each round every one takes a few steps, each waited for.
 */
export class Contest {
  readonly #exercise: Exercise;
  readonly #turns: Turns;
  readonly #entrants = new Map<string, Entrant | Contender>();
  /** The first losses of the first system whose losses stand: the measure of the others. */
  #expected: readonly number[] | undefined;

  constructor(exercise: Exercise, turns = usualTurns) {
    this.#exercise = exercise;
    this.#turns = turns;
  }

  /** What is known of each by now. Whatever went wrong with one is told in its `problem`. */
  get contenders(): readonly Contender[] {
    return Array.from(this.#entrants.values(), (entrant) => (isIn(entrant) ? contenderOf(entrant) : entrant));
  }

  /** Lets a system take part: the first step with all that it needs, then those whose losses are compared. Throws nothing. */
  async admit(system: System): Promise<void> {
    const entry = { size: this.#exercise.size, system: system.system, device: system.device };
    const losses: number[] = [];
    let training: Training | undefined;
    try {
      const start = performance.now();
      training = await system.prepare(this.#exercise);
      losses.push(await training.step());
      const first = performance.now() - start;
      while (losses.length < compared) losses.push(await training.step());
      const expected = this.#expected ?? losses;
      const wrong = system.otherForm
        ? disagreement(losses.slice(0, 1), expected, formTolerance)
        : disagreement(losses, expected, tolerance);
      if (wrong) throw new Error(wrong);
      this.#expected = expected;
      this.#entrants.set(entry.system, { entry, first, losses, training, rounds: [] });
    } catch (error) {
      training?.close();
      this.#entrants.set(entry.system, { ...entry, losses: losses.filter(Number.isFinite), problem: problemOf(error) });
    }
  }

  /** Times all that take part, in turns. One that fails is out, and the others go on. */
  async takeTurns(): Promise<void> {
    const { least, most, milliseconds } = this.#turns;
    const begun = performance.now();
    for (let round = 0; round < most; round++) {
      const present = [...this.#entrants.values()].filter(isIn);
      if (round >= least && performance.now() - begun >= milliseconds * present.length) return;
      for (const entrant of present) await this.#turn(entrant);
    }
  }

  async #turn({ entry, losses, training, rounds }: Entrant): Promise<void> {
    const { turn, pause } = this.#turns;
    try {
      const start = performance.now();
      let [steps, took] = [0, 0];
      do {
        await training.step();
        steps++;
        took = performance.now() - start;
      } while (took < turn);
      rounds.push(took / steps);
    } catch (error) {
      training.close();
      this.#entrants.set(entry.system, { ...entry, losses, problem: problemOf(error) });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }

  /** Ends all that take part; what is known of them stays. */
  close(): void {
    for (const [system, entrant] of this.#entrants) {
      if (!isIn(entrant)) continue;
      entrant.training.close();
      this.#entrants.set(system, contenderOf(entrant));
    }
  }
}

const isIn = (entrant: Entrant | Contender): entrant is Entrant => 'training' in entrant;

function contenderOf({ entry, first, losses, rounds }: Entrant): Contender {
  return { ...entry, first, losses, ...(rounds.length > 0 && { milliseconds: summarise(rounds), rounds }) };
}

const problemOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)) || 'It failed and did not say why.';

function disagreement(losses: readonly number[], expected: readonly number[], within: number): string | undefined {
  const step = losses.findIndex((loss, i) => !(Math.abs(loss - expected[i]!) <= within * expected[i]!));
  if (step < 0) return undefined;
  return `Its loss at step ${step + 1} is ${losses[step]!.toFixed(5)}, not ${expected[step]!.toFixed(5)}: it does not train the same network, so no time counts.`;
}
