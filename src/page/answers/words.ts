import type { Confusion } from '../../data/labelled/classify.ts';
import { formatCount, formatFigure } from '../../format.ts';
import type { Answers, ThoughtSample } from '../../training/looks/answers.ts';

/** What is seen of a network's answers to samples, in words and figures. */

/** The most classes that a table of them has. */
const mostClasses = 30;

/** A share, never rounded up to all: 93.4 % */
export const formatShare = (share: number): string =>
  Number.isNaN(share) ? '–' : share === 1 ? '100\u00a0%' : `${(Math.floor(1000 * share) / 10).toFixed(1)}\u00a0%`;

/** A figure in a variable's own unit: 0.23, −1.4 */
export const formatValue = (value: number): string => formatFigure(value).replace('-', '−');

/** The same to a thousandth of a deviation or so, as figures of a column are written: 1.000, −0.042 */
export function formatTo(deviation: number, value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = deviation > 0 ? 2 - Math.floor(Math.log10(deviation)) : 2;
  const figure = value.toFixed(Math.max(0, Math.min(digits, 20)));
  // What rounds to nothing has no sign.
  return Number(figure) === 0 ? figure.replace('-', '') : figure.replace('-', '−');
}

/** A table of confusion with few enough classes to be read: the most frequent ones, and what is left of the others together. */
export function folded({ classes, counts, accuracy }: Confusion, most = mostClasses): Confusion {
  if (classes.length <= most) return { classes, counts, accuracy };
  const total = (label: number) => counts[label]!.reduce((sum, count) => sum + count, 0);
  const order = Array.from(classes.keys()).sort((a, b) => total(b) - total(a) || a - b);
  const groups = [
    ...order
      .slice(0, most - 1)
      .sort((a, b) => a - b)
      .map((label) => [label]),
    order.slice(most - 1),
  ];
  const sum = (rows: readonly number[], columns: readonly number[]) =>
    rows.reduce((all, row) => all + columns.reduce((some, column) => some + counts[row]![column]!, 0), 0);
  return {
    classes: groups.map((group) => (group.length === 1 ? classes[group[0]!]! : `${formatCount(group.length)} others`)),
    counts: groups.map((rows) => groups.map((columns) => sum(rows, columns))),
    accuracy,
  };
}

/** What was found, in a sentence or two for whoever does not see it. */
export function summaryOf(answers: Answers): string {
  const { step, isHeldOut, counted } = answers;
  const network = step === 0 ? 'Untrained, the network' : `At step ${formatCount(step)} the network`;
  const samples = `${formatCount(counted)} ${isHeldOut ? 'held-out samples' : 'samples that it has learned from'}`;
  if (answers.kind === 'classes') {
    const { confusion } = answers;
    const places = confusion.counts.flat().reduce((sum, count) => sum + count, 0);
    const what = places === counted ? samples : `${formatCount(places)} labels of ${samples}`;
    return `${network} takes ${formatShare(confusion.accuracy)} of ${what} for what they are. ${mistakeIn(confusion)}`;
  }
  const errors = answers.variables.map(
    ({ name, error, deviation }) =>
      `${name} with an error of ${formatValue(error)}, where whoever always says the mean makes one of ${formatValue(deviation)}`,
  );
  const most = 3;
  const left = errors.length - most;
  const others = left > 0 ? `; and ${left === 1 ? 'one other' : `${formatCount(left)} others`}` : '';
  return `${network} answers to ${samples}: ${errors.slice(0, most).join('; ')}${others}.`;
}

function mistakeIn({ classes, counts }: Confusion): string {
  let worst = { count: 0, actual: 0, taken: 0 };
  for (const [actual, row] of counts.entries()) {
    for (const [taken, count] of row.entries()) {
      if (actual !== taken && count > worst.count) worst = { count, actual, taken };
    }
  }
  if (worst.count === 0) return 'It mistakes none.';
  const times = worst.count === 1 ? 'once' : `${formatCount(worst.count)} times`;
  return `Its most frequent mistake is to take “${classes[worst.actual]}” for “${classes[worst.taken]}”, ${times}.`;
}

/** What a sample is and what it is taken for at its last place that counts, in a sentence. */
export function thoughtOf(sample: ThoughtSample, names: readonly string[]): string {
  const { number, timesteps, first, symbols, classes, probabilities, right } = sample;
  const name = symbols && first === 0 && timesteps <= 24 ? `“${symbols.join('')}”` : `Sample ${formatCount(number)}`;
  const place = right.findLastIndex((label) => label !== undefined);
  const own = probabilities.subarray(place * classes.length, (place + 1) * classes.length);
  const label = right[place];
  if (label === undefined) return `${name}: nothing counts in what is shown of it.`;
  const likeliest = classes[own.indexOf(Math.max(...own))]!;
  const share = formatShare(own[classes.indexOf(likeliest)]!);
  const verdict = likeliest === label ? 'and is taken for it' : `but is taken for “${names[likeliest]}”`;
  const cut = first > 0 ? ` Its last ${formatCount(timesteps - first)} of ${formatCount(timesteps)} timesteps:` : '';
  const what = right.filter((one) => one !== undefined).length > 1 ? 'ends in' : 'is';
  return `${name} ${what} “${names[label]}” ${verdict}, ${share}.${cut}`;
}
