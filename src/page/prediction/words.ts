import { formatCount, formatFigure } from '../../format.ts';
import type { Prediction } from '../../training/looks/prediction.ts';

/** What the chart of a network's predictions says, in words and figures. */

/** A figure in a variable's own unit: 0.23, −1.4 */
export const formatValue = (value: number): string => formatFigure(value).replace('-', '−');

/** The picture in words, for whoever does not see it. */
export function summaryOf(prediction: Prediction): string {
  const { step, variables, variable, ahead, isHeldOut, first, values, from, forecast, held, errors } = prediction;
  const rows = `${isHeldOut ? 'held-out rows' : 'rows'} ${formatCount(first)} to ${formatCount(first + values.length - 1)}`;
  const distance = ahead === 1 ? 'one row' : `${formatCount(ahead)} rows`;
  const network = step === 0 ? 'Untrained, the network' : `At step ${formatCount(step)} the network`;
  const better = errors.prediction < errors.persistence ? 'less than' : 'no less than';
  if (Number.isNaN(errors.prediction)) return `${variables[variable]} was not measured in any of the ${rows}.`;
  const sentences = [
    `${network} predicts ${variables[variable]} over ${rows}, ${distance} ahead, with an error of ${formatValue(errors.prediction)}: ${better} the ${formatValue(errors.persistence)} of persistence, which says what was last.`,
    `Going on by itself from row ${formatCount(first + from)}, it is off by ${formatValue(errors.forecast)} over ${counted(forecast)}.`,
  ];
  if (held.length > 0)
    sentences.push(`For that ${listed(held)} ${held.length === 1 ? 'is' : 'are'} taken to stay as last read.`);
  if (!isHeldOut) sentences.push('Nothing is held out: the network has learned from these rows.');
  return sentences.join(' ');
}

function counted(forecast: Float64Array): string {
  const rows = forecast.reduce((count, value) => count + Number(!Number.isNaN(value)), 0);
  return rows === 1 ? 'one row' : `${formatCount(rows)} rows`;
}

/** A few names, and how many more there are. */
function listed(names: readonly string[]): string {
  if (names.length > 3) return `${names.slice(0, 2).join(', ')} and ${formatCount(names.length - 2)} others`;
  return names.join(' and ');
}

/** What is known of a row: row 4,512 · measured 0.81 · predicted 0.77 · forecast 0.69 */
export function readingAt({ first, values, predicted, forecast }: Prediction, index: number): string {
  const figures = [
    ['measured', values[index]],
    ['predicted', predicted[index]],
    ['forecast', forecast[index]],
  ] as const;
  const known = figures.filter((figure): figure is readonly [(typeof figure)[0], number] => Number.isFinite(figure[1]));
  return [`row ${formatCount(first + index)}`, ...known.map(([name, value]) => `${name} ${formatValue(value)}`)].join(
    ' · ',
  );
}
