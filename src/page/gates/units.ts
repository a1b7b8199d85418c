import { type Cell, describeCell, tracedGates } from '../../model/cells/cells.ts';
import type { StateName } from '../../model/cells/description.ts';
import type { Reading } from '../../training/looks/reading.ts';

/** What can be shown of a unit: what became of a gate, or a state. */
export interface Quantity {
  /** Its name in the equations. */
  readonly letter: string;
  readonly title: string;
  /** What it does, after its letter. */
  readonly does: string;
  readonly isGate: boolean;
}

const states: Readonly<Record<StateName, Pick<Quantity, 'title' | 'does'>>> = {
  h: { title: 'state', does: 'is the unit’s state' },
  c: { title: 'memory', does: 'is its memory' },
};

/** What can be shown of a cell: its gates, then its states. */
export const quantitiesOf = (cell: Cell): readonly Quantity[] => [
  ...tracedGates(cell).map(({ letter, title = '', does = '' }) => ({ letter, title, does, isGate: true })),
  ...describeCell(cell).states.map((letter) => ({ letter, ...states[letter], isGate: false })),
];

/** A quantity's values over the timesteps, of one unit after the other. */
export interface Values {
  /** `[T][H]` */
  readonly flat: Float32Array;
  /** T */
  readonly timesteps: number;
  /** H */
  readonly hidden: number;
}

/** The values of a quantity. */
export function valuesOf({ values, read, hidden }: Reading, { letter }: Pick<Quantity, 'letter'>): Values {
  return { flat: values[letter]!, timesteps: read.timesteps, hidden };
}

/** The unit's value after a timestep. */
export function valueAt({ flat, hidden }: Values, timestep: number, unit: number): number {
  return flat[timestep * hidden + unit] ?? Number.NaN;
}

/** The unit's value after each timestep. */
export const unitOf = (values: Values, unit: number): number[] =>
  Array.from({ length: values.timesteps }, (_, t) => valueAt(values, t, unit));

/** A scale for values: from 0, or from as far below it as above where some are negative, to a whole number from 1 on. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export function rangeOf(values: Iterable<number>): Range {
  let [least, most] = [0, 1];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, Math.abs(value));
  }
  // What is a hair above a whole number is so by rounding.
  const high = Math.ceil(most - 1e-3);
  return { low: least < 0 ? -high : 0, high };
}

/** A line of one unit's values. What goes beyond 1 is drawn as a share of `most`, so that all lines have one axis. */
export interface Line extends Pick<Quantity, 'letter'> {
  readonly values: readonly number[];
  readonly most: number;
}

/** The lines of a unit, that of the state h first, as it stands above all others. */
export const linesOf = (reading: Reading, unit: number): readonly Line[] =>
  quantitiesOf(reading.cell)
    .map((quantity) => {
      const values = unitOf(valuesOf(reading, quantity), unit);
      return { letter: quantity.letter, values, most: rangeOf(values).high };
    })
    .sort((a, b) => Number(b.letter === 'h') - Number(a.letter === 'h'));

/** All units, those first whose values vary most over what is read. */
export function byVariance(values: Values): number[] {
  const { timesteps, hidden } = values;
  const variances = Array.from({ length: hidden }, (_, unit) => {
    let [sum, squares] = [0, 0];
    for (let t = 0; t < timesteps; t++) {
      const value = valueAt(values, t, unit);
      sum += value;
      squares += value * value;
    }
    return squares - (sum * sum) / timesteps;
  });
  return Array.from(variances.keys()).sort((a, b) => variances[b]! - variances[a]!);
}

/** What a person may want to know of a quantity as a whole, as shares and means over all units and timesteps. */
export interface Overview {
  readonly mean: number;
  /** The share of values above 0.9. */
  readonly high: number;
  /** The share of values below 0.1, or where some are negative, below −0.9. */
  readonly low: number;
}

export function overviewOf({ flat }: Values): Overview {
  const threshold = rangeOf(flat).low < 0 ? -0.9 : 0.1;
  let [sum, high, low] = [0, 0, 0];
  for (const value of flat) {
    sum += value;
    if (value > 0.9) high++;
    if (value < threshold) low++;
  }
  return { mean: sum / flat.length, high: high / flat.length, low: low / flat.length };
}
