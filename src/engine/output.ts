import type { ModelConfiguration } from '../model/configuration.ts';

/** What comes out of logits, as probabilities where it is some; both `[O]`. */
export function outputsOf({ output }: ModelConfiguration, logits: ArrayLike<number>): Float64Array {
  const a = Float64Array.from(logits);
  switch (output) {
    case 'log-softmax': {
      const largest = a.reduce((x, y) => Math.max(x, y));
      const exponentials = a.map((logit) => Math.exp(logit - largest));
      const sum = exponentials.reduce((x, y) => x + y);
      return exponentials.map((e) => e / sum);
    }
    case 'sigmoid':
      return a.map((logit) => 1 / (1 + Math.exp(-logit)));
    case 'linear':
      return a;
  }
}

/** The logarithms of numbers that symbols are drawn in proportion to, `[O]`. */
export function scoresOf({ output }: ModelConfiguration, logits: ArrayLike<number>): Float64Array {
  const a = Float64Array.from(logits);
  // log σ(a) = min(a, 0) − log(1 + e⁻|ᵃ|)
  return output === 'sigmoid' ? a.map((x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))) : a;
}
