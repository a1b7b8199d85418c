import { formatCount } from '../../format.ts';
import type { Cell } from '../../model/cells/cells.ts';
import type { Reading } from '../../training/looks/reading.ts';
import { overviewOf, type Quantity, quantitiesOf, rangeOf, unitOf, valueAt, valuesOf } from './units.ts';

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

/** A value: 0.83, −0.07 */
export function formatValue(value: number): string {
  return value.toFixed(2).replace('-', '−');
}

/** A whole number on a scale: 1, −1 */
export const formatScale = (value: number): string => String(value).replace('-', '−');

/** A unit as people count them, from 1. */
export function unitName(unit: number): string {
  return `unit ${formatCount(unit + 1)}`;
}

/** All that is known of a unit after a symbol: “e”, character 23 · unit 17 · z 0.12 · r 0.96 · c 0.90 · h 0.83 */
export function readingAt(reading: Reading, timestep: number, unit: number): string {
  const symbol = reading.symbols[timestep];
  if (symbol === undefined) return '';
  const values = quantitiesOf(reading.cell).map(
    (quantity) => `${quantity.letter} ${formatValue(valueAt(valuesOf(reading, quantity), timestep, unit))}`,
  );
  return [`${spokenSymbol(symbol)}, character ${timestep + 1}`, unitName(unit), ...values].join(' · ');
}

/** What there is to see of a cell, in a sentence: z lets what is new into a unit, … */
export function meaningOf(cell: Cell): string {
  return `${quantitiesOf(cell)
    .map(({ letter, does }) => `${letter} ${does}`)
    .join(', ')}.`;
}

/** The picture in words, for whoever does not see it. @param units those in the picture, the most varied first */
export function summaryOf(reading: Reading, quantity: Quantity, units: readonly number[]): string {
  const values = valuesOf(reading, quantity);
  const first = units[0];
  if (first === undefined) return '';
  const isSigned = rangeOf(values.flat).low < 0;
  const { mean, high, low } = overviewOf(values);
  const words =
    quantity.isGate && !isSigned
      ? (['wide open', 'shut'] as const)
      : (['above 0.9', `below ${isSigned ? '−0.9' : '0.1'}`] as const);
  const shares = `the ${quantity.title} is ${words[0]} ${percent(high)} of the time, and ${words[1]} ${percent(low)}`;
  const own = unitOf(values, first);
  const [lowest, highest] = [Math.min(...own), Math.max(...own)];
  const varied = `The most varied, ${unitName(first)}, goes from ${formatValue(lowest)}, at ${spokenSymbol(reading.symbols[own.indexOf(lowest)]!)}, to ${formatValue(highest)}, at ${spokenSymbol(reading.symbols[own.indexOf(highest)]!)}.`;
  const where = reading.layers > 1 ? ` of layer ${reading.layer + 1}` : '';
  return `Over these ${formatCount(values.timesteps)} characters and all ${formatCount(reading.hidden)} units${where} ${shares}; its mean is ${formatValue(mean)}. ${varied}`;
}

function percent(share: number): string {
  return `${formatCount(100 * share)} %`;
}
