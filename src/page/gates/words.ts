import { formatCount } from '../../format.ts';
import type { Reading } from '../../training/looks/reading.ts';
import { overviewOf, type Quantity, valueAt, valuesOf } from './units.ts';

/** What the picture of the gates says, in words and figures. */

/** A symbol as it can be drawn: what is blank has a sign of its own. */
export function signOf(symbol: string): string {
  if (symbol === ' ') return '·';
  return symbol === '\n' ? '↵' : symbol;
}

/** A symbol within a sentence. */
export function spokenSymbol(symbol: string): string {
  if (symbol === ' ') return 'space';
  return symbol === '\n' ? 'line break' : `“${symbol}”`;
}

/** A value between −1 and 1: 0.83, −0.07 */
export function formatValue(value: number): string {
  return value.toFixed(2).replace('-', '−');
}

/** A unit as people count them, from 1. */
export function unitName(unit: number): string {
  return `unit ${formatCount(unit + 1)}`;
}

/** All that is known of a unit after a symbol: “e”, character 23 · unit 17 · h 0.83 · z 0.12 · r 0.96 */
export function readingAt(reading: Reading, timestep: number, unit: number): string {
  const symbol = reading.symbols[timestep];
  if (symbol === undefined) return '';
  const values = (['h', 'z', 'r'] as const).flatMap((quantity) => {
    const values = valuesOf(reading, quantity);
    return values ? [`${quantity} ${formatValue(valueAt(values, timestep, unit))}`] : [];
  });
  return [`${spokenSymbol(symbol)}, character ${timestep + 1}`, unitName(unit), ...values].join(' · ');
}

/** The picture in words, for whoever does not see it. @param units those in the picture, the most varied first */
export function summaryOf(reading: Reading, quantity: Quantity, units: readonly number[]): string {
  const values = valuesOf(reading, quantity);
  const first = units[0];
  if (!values || first === undefined) return '';
  const isSigned = signed(reading, quantity);
  const { mean, high, low } = overviewOf(values, isSigned);
  const shares: Readonly<Record<Quantity, string>> = {
    z: `the update gate is wide open ${percent(high)} of the time, so that a unit takes on what is new, and shut ${percent(low)}, so that it keeps what it has`,
    r: `the reset gate is wide open ${percent(high)} of the time, and shut ${percent(low)}, so that what is new does not heed the old state`,
    h: `the state is above 0.9 ${percent(high)} of the time, and below ${isSigned ? '−0.9' : '0.1'} ${percent(low)}`,
  };
  const own = Array.from({ length: values.timesteps }, (_, t) => valueAt(values, t, first));
  const [lowest, highest] = [Math.min(...own), Math.max(...own)];
  const varied = `The most varied, ${unitName(first)}, goes from ${formatValue(lowest)}, at ${spokenSymbol(reading.symbols[own.indexOf(lowest)]!)}, to ${formatValue(highest)}, at ${spokenSymbol(reading.symbols[own.indexOf(highest)]!)}.`;
  return `Over these ${formatCount(values.timesteps)} characters and all ${formatCount(reading.hidden)} units ${shares[quantity]}; its mean is ${formatValue(mean)}. ${varied}`;
}

/** Whether a quantity goes from −1 to 1, as the state of a GRU does, and not from 0 to 1. */
export function signed({ values }: Reading, quantity: Quantity): boolean {
  return quantity === 'h' && values.z !== undefined;
}

function percent(share: number): string {
  return `${formatCount(100 * share)} %`;
}
