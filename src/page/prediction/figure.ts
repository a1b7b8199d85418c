import { type Figure, fileName, type Look, printed } from '../../figures/figure.ts';
import type { Prediction } from '../../training/looks/prediction.ts';

const points: Look = { colour: printed.ink, width: 0, dash: [], radius: 1.5, hollow: false };
const whole: Look = { colour: printed.network, width: 2, dash: [], radius: 0, hollow: false };
const dashed: Look = { colour: printed.heldOut, width: 2, dash: [6, 3], radius: 0, hollow: false };

/** What was measured, predicted and forecast, row by row, in the variable's own unit. @param datasetName what the series is called */
export function predictionFigure(prediction: Prediction, datasetName: string): Figure {
  const { first, values, predicted, forecast, variables, variable } = prediction;
  const xs = Array.from(values, (_, i) => first + i);
  const known = Array.from(values).filter((value) => Number.isFinite(value));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const margin = (high - low || Math.abs(high) || 1) / 4;
  const name = variables[variable]!;
  return {
    name: fileName('prediction', datasetName, name),
    title: `${datasetName}: ${name}`,
    across: { name: 'row', low: first, high: first + Math.max(1, values.length - 1), scale: 'whole' },
    // Above there is room for the key.
    up: { name, low: low - margin, high: high + 2 * margin, scale: 'linear' },
    lines: [
      { name: 'measured', xs, ys: values, look: points },
      { name: 'predicted', xs, ys: predicted, look: whole },
      { name: 'forecast', xs, ys: forecast, look: dashed },
    ],
  };
}
