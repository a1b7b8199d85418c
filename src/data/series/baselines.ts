/**
 * What simpler models than a network reach on the same series: the level lines of the training chart. Each knows what the network
 * knows when it predicts a row, a number that is missing being the last known one; is fitted to the training part; and is measured
 * where the network is, by the same loss: ½ Σ (prediction − target)² over what is predicted, in units of the variables'
 * deviations, as a mean over the held-out rows that count.
 */

import type { Baseline } from '../dataset.ts';
import { beginningOf, countedBetween, placesOf, type Sequence } from '../windows.ts';
import { fitAutoregression, predictBy } from './autoregression.ts';

/** A series as a network reads it, standardised. */
type Series = Sequence<Float32Array<ArrayBuffer>>;

/** Writes what a model predicts at a place, of each output, `[O]`. */
type Predict = (place: number, prediction: Float64Array) => void;

/** Seasons longer than this are not looked for, */
const longestSeason = 2000;
/** nor by more numbers than this, one after the other: the last ones of the training part. */
const mostCompared = 5e8;

/**
 * Measures one model after another, the simplest first. With nothing held out there is nothing to measure.
 *
 * @param trained the first row that is held out
 */
export function* seriesBaselines(series: Series, trained: number): Generator<Baseline, void> {
  const { targets, length, ahead } = series;
  const O = targets.length / length;
  const measure = (name: string, predict: Predict): Baseline => ({ name, loss: meanLoss(series, trained, predict) });
  if (countedBetween(series, trained - ahead, placesOf(series)) === 0) return;
  /** Predicts what stood so many rows before the one that is predicted. */
  const before =
    (rows: number): Predict =>
    (place, prediction) => {
      const row = place + ahead - rows;
      for (let o = 0; o < O; o++) prediction[o] = targets[row * O + o]!;
    };
  yield measure('persistence', before(ahead));
  const training = beginningOf(series, trained);
  const season = findSeason(training);
  if (season !== undefined) yield measure(`seasonal naive, ${season} rows`, before(season));
  const model = fitAutoregression(training);
  yield measure(`linear autoregression, order ${model.order}`, (place, prediction) =>
    predictBy(model, series, place, prediction),
  );
}

/** The mean loss over the rows from `trained` on that count. */
function meanLoss(series: Series, trained: number, predict: Predict): number {
  const { targets, length, ahead, counts } = series;
  const prediction = new Float64Array(targets.length / length);
  let [sum, counted] = [0, 0];
  for (let row = trained; row < length; row++) {
    if (counts?.[row] === 0) continue;
    predict(row - ahead, prediction);
    for (const [o, value] of prediction.entries()) sum += (value - targets[row * prediction.length + o]!) ** 2 / 2;
    counted++;
  }
  return sum / counted;
}

/**
 * The season by which the training part predicts itself best: what stands so many rows before a row. It is longer than the distance
 * that is predicted, as with that alone it would be persistence, and recurs three times at least. It is also longer than the
 * distance at which the series first does not resemble itself any more, that is, at which its autocorrelation has fallen to 0: what
 * stands nearer would be persistence too, of a little before. All are compared by the same rows.
 *
 * @returns `undefined` if the training part is too short for any, or always resembles itself, as one that only rises
 */
export function findSeason({ targets, length, ahead, counts }: Series): number | undefined {
  const O = targets.length / length;
  const longest = Math.min(Math.floor(length / 3), longestSeason);
  const first = Math.max(longest, length - Math.ceil(mostCompared / (longest * O)));
  let [best, least]: [number | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  let resembles = true;
  for (let season = 1; season <= longest; season++) {
    let [sum, products] = [0, 0];
    // A sum that is no longer the least need not be completed.
    for (let row = first; row < length && sum < least; row++) {
      if (counts?.[row] === 0) continue;
      for (let o = 0; o < O; o++) {
        const [now, before] = [targets[row * O + o]!, targets[(row - season) * O + o]!];
        sum += (now - before) ** 2;
        products += now * before;
      }
    }
    resembles &&= products > 0;
    if (!resembles && season > Math.max(1, ahead) && sum < least) [best, least] = [season, sum];
  }
  return best;
}
