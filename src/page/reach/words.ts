import { choiceLabel, formatCount, unitsOf } from '../../format.ts';
import type { Reach } from '../../training/looks/reach.ts';

/** What the curves of the gradient's reach say, in words and figures. */

/** What is seen of one layer of a network. */
export interface Curve extends Omit<Reach, 'norms'> {
  /** Counted from 0, and how many there are. */
  readonly layer: number;
  readonly layers: number;
  /** `[T + 1]` */
  readonly norms: Float64Array;
}

/** A layer of a network; if it has not so many, the last. */
export function curveOf({ norms, ...network }: Reach, wanted: number): Curve {
  const layer = Math.min(wanted, norms.length - 1);
  return { ...network, layer, layers: norms.length, norms: norms[layer]! };
}

/** How much of the effect on the loss is left `back` timesteps before it. */
export function shareLeft({ norms }: Curve, back: number): number {
  return (norms[back] ?? 0) / (norms[0] || 1);
}

/** A share of an effect: 34 %, 0.21 %, 10⁻⁷ */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return '–';
  if (share === 0) return 'none';
  const percent = 100 * share;
  if (percent >= 9.95) return `${formatCount(percent)} %`;
  if (percent >= 0.01) return `${Number(percent.toPrecision(percent >= 0.995 ? 2 : 1))} %`;
  return power(Math.round(Math.log10(share)));
}

/** A power of ten: 10⁻⁷; from 0.01 to 100 as a plain number. */
export function power(exponent: number): string {
  if (Math.abs(exponent) <= 2) return String(Number((10 ** exponent).toPrecision(1)));
  return `10${Array.from(String(exponent), (digit) => superscripts[digit]).join('')}`;
}

const superscripts: Readonly<Record<string, string>> = {
  '-': '⁻',
  ...Object.fromEntries(Array.from('⁰¹²³⁴⁵⁶⁷⁸⁹', (superscript, digit) => [digit, superscript])),
};

/** The cell, as people write it. */
export const cellName = ({ cell }: Pick<Reach, 'cell'>): string => choiceLabel(cell);

/** The cell, and whether it is untrained. */
export const shortName = (curve: Pick<Reach, 'cell' | 'step'>): string =>
  curve.step === 0 ? `${cellName(curve)}, untrained` : cellName(curve);

/** Which network a curve belongs to. @param current the one that is being trained: what is the same in both goes unsaid */
export function nameOf(curve: Curve, current: Curve): string {
  const { layer, datasetName, step } = curve;
  const parts = [step === 0 ? 'untrained' : `step ${formatCount(step)}`];
  if (unitsOf(curve) !== unitsOf(current)) parts.push(unitsOf(curve));
  if (layer !== current.layer) parts.push(layerOf(curve));
  if (datasetName !== current.datasetName) parts.push(datasetName);
  return `${cellName(curve)}, ${parts.join(', ')}`;
}

/**
 * How far back the gradient reaches, in a few sentences.
 *
 * @param untrained the same network before its first step
 * @param other one of another cell
 */
export function summaryOf(current: Curve, untrained?: Curve, other?: Curve): string {
  const farthest = current.norms.length - 1;
  const back = Math.min(20, farthest);
  const left = shareLeft(current, back);
  const has = left < 0.01 ? 'has only' : 'still has';
  const opening = `In ${current.layers > 1 ? `${layerOf(current)} of ` : ''}this ${cellName(current)}, ${standing(current)}, a change of the state ${distance(back, current)} back ${has} ${formatShare(left)} of the effect on the loss that the same change has right before it.`;
  const faded = fadingOf(current);
  const fading =
    faded <= farthest
      ? ` Less than 1 % is left from ${distance(faded, current)} back on.`
      : ` More than 1 % is left even at the start of the sequence, ${distance(farthest, current)} back.`;
  const reaches = (curve: Curve | undefined): curve is Curve => curve !== undefined && curve.norms.length > back;
  const before = reaches(untrained) ? ` Before its first step it was ${formatShare(shareLeft(untrained, back))}.` : '';
  const beside = reaches(other)
    ? ` In the ${cellName(other)}, ${standing(other)}, it is ${formatShare(shareLeft(other, back))}${besideFading(other)}.`
    : '';
  return opening + fading + before + beside;
}

/** From how far back on less than a hundredth of the effect is left; if it is nowhere less, one more than there is. */
const fadingOf = (curve: Curve): number => curve.norms.findLastIndex((_, k) => shareLeft(curve, k) >= 0.01) + 1;

function besideFading(other: Curve): string {
  const faded = fadingOf(other);
  return faded < other.norms.length ? `; less than 1 % is left from ${distance(faded, other)} back on` : '';
}

function distance(count: number, { timestep }: Pick<Curve, 'timestep'>): string {
  return count === 1 ? `one ${timestep}` : `${formatCount(count)} ${timestep}s`;
}

function standing({ step }: Curve): string {
  return step === 0 ? 'untrained' : `at step ${formatCount(step)}`;
}

function layerOf({ layer }: Curve): string {
  return `layer ${layer + 1}`;
}

/** Distances worth a column in a table, as far as a curve goes. */
export function landmarks(farthest: number): number[] {
  const marks = [1, 2, 5, 10, 20, 50, 100, 200, 500].filter((mark) => mark <= farthest);
  return marks.at(-1) === farthest ? marks : [...marks, farthest];
}
