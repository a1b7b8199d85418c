import { formatCount, formatFigure } from '../../format.ts';
import type { Cell } from '../../model/cells/cells.ts';
import type { Reading, ReadSequence } from '../../training/looks/reading.ts';
import { overviewOf, type Quantity, quantitiesOf, rangeOf, unitOf, valueAt, valuesOf } from './units.ts';

/** What the picture of the gates says, in words and figures. */

/** So many variables of a timestep are named with their values. */
const variablesNamed = 3;

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

/** What was read at a timestep, within a sentence: “e”; row 4,012 */
export const spokenTimestep = ({ symbols, timestep, first }: ReadSequence, t: number): string =>
  symbols ? spokenSymbol(symbols[t]!) : `${timestep} ${formatCount(first + t)}`;

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

/**
 * All that is known of a unit after a timestep: “e”, character 23 · unit 17 · z 0.12 · r 0.96 · c 0.90 · h 0.83; or where numbers
 * are read: row 4,012 · value 1.31 · unit 17 · …
 */
export function readingAt(reading: Reading, timestep: number, unit: number): string {
  const { read } = reading;
  if (timestep >= read.timesteps) return '';
  const values = quantitiesOf(reading.cell).map(
    (quantity) => `${quantity.letter} ${formatValue(valueAt(valuesOf(reading, quantity), timestep, unit))}`,
  );
  return [...whatWasRead(read, timestep), unitName(unit), ...values].join(' · ');
}

function whatWasRead(read: ReadSequence, t: number): string[] {
  const where = spokenTimestep(read, t);
  const { symbols, variables = [] } = read;
  if (symbols) return [`${where}, character ${t + 1}`];
  const named = variables.slice(0, variablesNamed);
  return [where, ...named.map(({ name, values }) => `${name} ${formatFigure(values[t]!).replace('-', '−')}`)];
}

/** What there is to see of a cell, in a sentence: z lets what is new into a unit, … */
export function meaningOf(cell: Cell): string {
  return `${quantitiesOf(cell)
    .map(({ letter, does }) => `${letter} ${does}`)
    .join(', ')}.`;
}

/** The picture in words, for whoever does not see it. @param units those in the picture, the most varied first */
export function summaryOf(reading: Reading, quantity: Quantity, units: readonly number[]): string {
  const { read } = reading;
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
  const at = (value: number) => `${formatValue(value)}, at ${spokenTimestep(read, own.indexOf(value))}`;
  const varied = `The most varied, ${unitName(first)}, goes from ${at(lowest)}, to ${at(highest)}.`;
  const where = reading.layers > 1 ? ` of layer ${reading.layer + 1}` : '';
  const over =
    read.timesteps === 1 ? `this one ${read.timestep}` : `these ${formatCount(read.timesteps)} ${read.timestep}s`;
  return `Over ${over} and all ${formatCount(reading.hidden)} units${where} ${shares}; its mean is ${formatValue(mean)}. ${varied}`;
}

function percent(share: number): string {
  return `${formatCount(100 * share)} %`;
}
