import type { Measure } from './data/measure.ts';
import { cells, describeCell } from './model/cells/cells.ts';
import { type Setting, type SettingName, settings } from './training/configuration.ts';
import type { EngineReport } from './training/protocol.ts';

/** How numbers and names are written on the page. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A loss as it is told, without its unit: bits to two places, 2.31, what has another unit to three digits. */
export function formatLoss(figure: number, { unit }: Measure): string {
  if (unit !== 'bits') return formatFigure(figure);
  return Number.isFinite(figure) ? figure.toFixed(2) : '–';
}

/** The same with all that there is to say of it: 2.31 bits per character, 0.05 (mean squared error) */
export function describeLoss(figure: number, measure: Measure): string {
  const told = formatLoss(figure, measure);
  return measure.unit === 'bits' ? `${told} ${measure.name}` : `${told} (${measure.name})`;
}

/** A count: 12,345 */
export function formatCount(value: number): string {
  return whole.format(value);
}

/** Any figure, to three significant digits; very small and very large ones as 1.2e-5. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const plain = value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e7);
  return plain ? significant.format(value) : Number(value.toPrecision(3)).toExponential();
}

/** Bytes in decimal units: 31.2 MB */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${significant.format(value)} ${units[unit]}`;
}

/** A span of time in its two largest units: 42 s, 3 min 20 s, 1 h 5 min */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const total = Math.round(seconds);
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${total % 60} s`;
  const minutes = Math.round(total / 60);
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

const properNames: Record<string, string> = {
  webgpu: 'WebGPU',
  cpu: 'CPU',
  ...Object.fromEntries(cells.map((cell) => [cell, describeCell(cell).title])),
  'as-you-like-it': 'As You Like It',
  'origin-of-species': 'On the Origin of Species',
  reber: 'Reber grammar',
  'embedded-reber': 'Embedded Reber grammar',
  'noisy-sine': 'Noisy sine',
  adding: 'Adding problem',
  copying: 'Copying over a gap',
  names: 'Names of four peoples',
  'log-softmax': 'Log-softmax',
};

const dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A time in milliseconds since 1970: Nov 23, 2026, 5:31 AM */
export function formatTime(time: number): string {
  return dates.format(time);
}

/** One choice of a setting, as a person reads it. */
export function choiceLabel(choice: string): string {
  return properNames[choice] ?? capitalised(choice).replaceAll('-', ' ');
}

/** With a capital letter, as at the beginning of a sentence. */
export const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** What a network is called. */
export interface NetworkName {
  /** The name of its cell; in notes of an earlier visit, of one there may not be any more. */
  readonly cell: string;
  /** 1 if it is left out, as in notes of earlier visits. */
  readonly layers?: number;
  /** H */
  readonly hidden: number;
}

/** A network in a few words: GRU of 128 units, LSTM of 2 × 128 units */
export const networkName = (network: NetworkName): string => `${choiceLabel(network.cell)} of ${unitsOf(network)}`;

/** How many hidden units a network has: 128 units, 2 × 128 units */
export const unitsOf = ({ layers = 1, hidden }: Omit<NetworkName, 'cell'>): string =>
  `${layers > 1 ? `${layers} × ` : ''}${formatCount(hidden)} units`;

/** The value of any setting, as a person reads it. */
export function settingValue(name: SettingName, value: string | number): string {
  return valueLabel(settings[name], value);
}

/** A value that a setting takes, as a person reads it. */
export function valueLabel(setting: Setting, value: string | number): string {
  return setting.kind === 'choice' ? choiceLabel(String(value)) : String(value);
}

/** An engine and what it runs on. */
export function engineOf({ name, device }: EngineReport): string {
  return `${choiceLabel(name)}: ${device}`;
}
