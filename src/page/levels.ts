import type { Level } from '../data/baselines-worker.ts';
import type { Measure } from '../data/measure.ts';
import { describeLoss, formatLoss } from '../format.ts';

/** The part of the loss axis to show: all levels, and the data unless it leaps far above the worst of them. */
export function lossRange(levels: readonly Level[], losses: Iterable<number>): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const { figure } of levels) {
    low = Math.min(low, figure);
    high = Math.max(high, figure);
  }
  const ceiling = high > 0 ? 1.5 * high : Number.POSITIVE_INFINITY;
  for (const loss of losses) {
    if (!(loss > 0)) continue;
    low = Math.min(low, loss);
    high = Math.max(high, Math.min(loss, ceiling));
  }
  if (high === 0) return [1, 8];
  low = Math.max(low, high / 1000);
  return [low / 1.12, high * 1.08];
}

/** The right end of the step axis: it grows in leaps, so that the line does not crawl, and stops at the goal. */
export function stepRange(step: number, goal: number): number {
  for (let decade = 10; ; decade *= 10) {
    for (const leap of [2, 5, 10]) if (leap * decade >= step) return Math.max(step, Math.min(leap * decade, goal), 1);
  }
}

const mantissas = [
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
  [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8],
  [1, 1.5, 2, 3, 4, 6, 8],
  [1, 2, 3, 5],
  [1, 2, 5],
  [1],
];

/** Round values along a logarithmic axis from `low` to `high`, at least `space` pixels apart where they can be. */
export function logarithmicTicks(low: number, high: number, pixels: number, space: number): number[] {
  const at = (value: number) => (Math.log(value / low) / Math.log(high / low)) * pixels;
  let ticks: number[] = [];
  for (const digits of mantissas) {
    ticks = [];
    for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
      ticks.push(...digits.map((digit) => Number((digit * decade).toPrecision(6))));
    }
    ticks = ticks.filter((tick) => tick >= low && tick <= high);
    if (ticks.every((tick, i) => i === 0 || at(tick) - at(ticks[i - 1] ?? low) >= space)) break;
  }
  return ticks;
}

/** Where a loss stands among the levels, in a sentence or two for a person who does not see the chart. */
export function standing(figure: number, levels: readonly Level[], measure: Measure): string {
  const floor = levels.find((level) => level.floor);
  const models = levels.filter((level) => !level.floor).sort((a, b) => b.figure - a.figure);
  const beaten = models.findLast((level) => figure < level.figure);
  const next = models.find((level) => figure >= level.figure);
  const sentences: string[] = [];
  if (beaten && next) {
    sentences.push(`That beats ${named(beaten, measure)}, not yet ${named(next, measure)}.`);
  } else if (beaten) {
    sentences.push(
      models.length > 1
        ? `That beats every simpler model, ${named(beaten, measure)} too.`
        : `That beats ${named(beaten, measure)}.`,
    );
  } else if (next) {
    sentences.push(`That does not beat ${named(next, measure)} yet.`);
  }
  if (floor) {
    const above = figure - floor.figure;
    sentences.push(
      formatLoss(figure, measure) !== formatLoss(floor.figure, measure) && above > 0
        ? `The floor, ${floor.floor} (${formatLoss(floor.figure, measure)}), is ${formatLoss(above, measure)} below.`
        : `That is the floor, ${floor.floor} (${formatLoss(floor.figure, measure)}).`,
    );
  }
  return sentences.join(' ');
}

/** What there is to beat, before the first step. */
export function prospect(levels: readonly Level[], measure: Measure): string {
  const models = levels.filter((level) => !level.floor).sort((a, b) => b.figure - a.figure);
  const [worst, best] = [models.at(0), models.at(-1)];
  const floor = levels.find((level) => level.floor);
  const parts = [
    ...(worst ? [`the simplest model, ${spoken(worst.name)}, costs ${describeLoss(worst.figure, measure)}`] : []),
    ...(best && best !== worst
      ? [`the best of the simpler models, ${spoken(best.name)}, ${formatLoss(best.figure, measure)}`]
      : []),
    ...(floor ? [`the floor that no model can pass is ${formatLoss(floor.figure, measure)}`] : []),
  ];
  const sentence = parts.join('; ');
  return sentence && `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

/** What tells a level from the others in the least room: “order 3” of “n-gram, order 3”, else the first word. */
export function briefName(name: string): string {
  return name.split(', ')[1] ?? name.split(' ', 1)[0] ?? name;
}

/** The name of a level within a sentence: “the n-gram of order 3”. */
function spoken(name: string): string {
  return name.includes(', ') ? `the ${name.replace(', ', ' of ')}` : name;
}

function named({ name, figure }: Level, measure: Measure): string {
  return `${spoken(name)} (${formatLoss(figure, measure)})`;
}
