import type { Reading } from '../../training/looks/reading.ts';

/** What can be shown of a unit. */
export type Quantity = keyof Reading['values'];

/** A quantity's values over the symbols, of one unit after the other. */
export interface Values {
  /** `[T][H]` */
  readonly flat: Float32Array;
  /** T */
  readonly timesteps: number;
  /** H */
  readonly hidden: number;
}

/** The values of a quantity, or `undefined` if the cell does not have it. */
export function valuesOf({ values, symbols, hidden }: Reading, quantity: Quantity): Values | undefined {
  const flat = values[quantity];
  return flat && { flat, timesteps: symbols.length, hidden };
}

/** The unit's value after the symbol of a timestep. */
export function valueAt({ flat, hidden }: Values, timestep: number, unit: number): number {
  return flat[timestep * hidden + unit] ?? Number.NaN;
}

/** All units, those first whose values vary most over the text. */
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

/** What a person may want to know of a quantity as a whole, as shares and means over all units and symbols. */
export interface Overview {
  readonly mean: number;
  /** The share of values above 0.9. */
  readonly high: number;
  /** The share of values below 0.1, or of a state below −0.9. */
  readonly low: number;
}

/** @param isSigned whether the values go from −1 to 1, not from 0 to 1 */
export function overviewOf({ flat }: Values, isSigned: boolean): Overview {
  let [sum, high, low] = [0, 0, 0];
  for (const value of flat) {
    sum += value;
    if (value > 0.9) high++;
    if (value < (isSigned ? -0.9 : 0.1)) low++;
  }
  return { mean: sum / flat.length, high: high / flat.length, low: low / flat.length };
}
