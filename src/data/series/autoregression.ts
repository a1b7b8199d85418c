import { countedBetween, placesOf, type Sequence } from '../windows.ts';

/**
 * A linear autoregression: what is predicted is a constant and a sum over the last p rows of what goes in, each number times a
 * coefficient,
 *
 *     y[t + ahead] = w₀ + Σ_{j < p} x[t − j] W_j
 *
 * fitted by least squares. The orders share their sums of products: those of a lower one are the upper left of a higher one's, and
 * so are their Cholesky factors, L Lᵀ = Σ f fᵀ with f = (1, x[t], x[t − 1], …). With u = L⁻¹ Σ f y, the least sum of squares at
 * an order of m coefficients is Σ y² − Σ_{i < m} u_i².
 */
export interface Autoregression {
  /** p: how many rows it reads. */
  readonly order: number;
  /** w₀, then W_0, W_1 and so on by rows: `[1 + p·I][O]`. */
  readonly coefficients: Float64Array<ArrayBuffer>;
}

type Series = Sequence<Float32Array<ArrayBuffer>>;

/** The highest order that is tried, */
const highestOrder = 32;
/** if it makes no more coefficients for an output than this, of columns beyond that number none but the constant. */
const mostCoefficients = 320;
/** A fit is to the last places of the training part: no more than so many, */
const mostPlaces = 100_000;
/** and than make so many multiply-adds. */
const mostWork = 1e9;
/** Added to the mean squares of what goes in, so that columns that are constant, or copies of each other, do no harm. */
const ridge = 1e-9;

/**
 * Fits a training part, with the order of the least corrected information criterion of Akaike (Hurvich and Tsai, “Regression and
 * time series model selection in small samples”, 1989): of each output n ln(RSS / n) + n (n + m) / (n − m − 2), for m coefficients
 * and n places that count.
 *
 * @param series in which something counts
 */
export function fitAutoregression(series: Series): Autoregression {
  const I = series.inputs.length / series.length;
  const O = series.targets.length / series.length;
  const places = placesOf(series);
  // Four places for each coefficient at least.
  const there = countedBetween(series, 0, places);
  const affordable = Math.floor((mostCoefficients - 1) / I);
  const highest = Math.min(highestOrder, affordable, Math.max(0, Math.floor((there / 4 - 1) / I)));
  const M = 1 + highest * I;
  const { products, withTargets, squares, count } = sumProducts(
    series,
    highest,
    Math.min(mostPlaces, mostWork / M ** 2),
  );
  for (let i = 1; i < M; i++) products[i * M + i]! += ridge * (products[i * M + i]! + count);
  const L = factorise(products, M);
  const u = solveLower(L, M, withTargets, O);

  let [order, least] = [0, Number.POSITIVE_INFINITY];
  const left = squares.slice();
  for (let p = 0, i = 0; p <= highest; p++) {
    const m = 1 + p * I;
    for (; i < m; i++) for (let o = 0; o < O; o++) left[o]! -= u[i * O + o]! ** 2;
    const penalty = (count * (count + m)) / (count - m - 2);
    let criterion = 0;
    for (let o = 0; o < O; o++) {
      // What is left of a fit that is exact is a rounding error.
      const residual = Math.max(left[o]!, 1e-12 * squares[o]!, Number.MIN_VALUE);
      criterion += count * Math.log(residual / count) + penalty;
    }
    if (criterion < least) [order, least] = [p, criterion];
  }
  return { order, coefficients: solveUpper(L, M, u.subarray(0, (1 + order * I) * O), O) };
}

/**
 * Writes what an autoregression predicts at a place that has as many before it as its order wants.
 *
 * @param prediction of each output, `[O]`
 */
export function predictBy(
  { coefficients }: Autoregression,
  { inputs, length }: Series,
  place: number,
  prediction: Float64Array,
): void {
  const O = prediction.length;
  const I = inputs.length / length;
  prediction.set(coefficients.subarray(0, O));
  for (let i = O, j = 0; i < coefficients.length; j++) {
    for (let k = 0; k < I; k++) {
      const x = inputs[(place - j) * I + k]!;
      for (let o = 0; o < O; o++, i++) prediction[o]! += x * coefficients[i]!;
    }
  }
}

/**
 * Sums over the last places that count and have `order` rows behind them.
 *
 * @returns Σ f fᵀ, of which only the lower half is filled, `[M][M]`; Σ f y, `[M][O]`; Σ y², `[O]`; how many places there were
 */
function sumProducts({ inputs, targets, length, ahead, counts }: Series, order: number, most: number) {
  const [I, O] = [inputs.length / length, targets.length / length];
  const M = 1 + order * I;
  const products = new Float64Array(M * M);
  const withTargets = new Float64Array(M * O);
  const squares = new Float64Array(O);
  const f = new Float64Array(M).fill(1, 0, 1);
  let count = 0;
  for (let place = length - ahead - 1; place >= Math.max(0, order - 1) && count < most; place--) {
    if (counts?.[place + ahead] === 0) continue;
    count++;
    for (let i = 1, j = 0; j < order; j++) for (let k = 0; k < I; k++, i++) f[i] = inputs[(place - j) * I + k]!;
    for (let i = 0; i < M; i++) {
      const x = f[i]!;
      for (let j = 0, at = i * M; j <= i; j++, at++) products[at]! += x * f[j]!;
    }
    for (let o = 0; o < O; o++) {
      const y = targets[(place + ahead) * O + o]!;
      squares[o]! += y * y;
      for (let i = 0; i < M; i++) withTargets[i * O + o]! += f[i]! * y;
    }
  }
  return { products, withTargets, squares, count };
}

/** L of L Lᵀ = A, of which only the lower half is read and L takes the place, `[M][M]`. */
function factorise(A: Float64Array, M: number): Float64Array {
  for (let i = 0; i < M; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = A[i * M + j]!;
      for (let k = 0; k < j; k++) sum -= A[i * M + k]! * A[j * M + k]!;
      A[i * M + j] = i === j ? Math.sqrt(sum) : sum / A[j * M + j]!;
    }
  }
  return A;
}

/** u of L u = b, `[M][O]`. */
function solveLower(L: Float64Array, M: number, b: Float64Array, O: number): Float64Array {
  const u = b.slice();
  for (let i = 0; i < M; i++) {
    for (let o = 0; o < O; o++) {
      let sum = u[i * O + o]!;
      for (let k = 0; k < i; k++) sum -= L[i * M + k]! * u[k * O + o]!;
      u[i * O + o] = sum / L[i * M + i]!;
    }
  }
  return u;
}

/** w of Lᵀ w = u, `[m][O]`, where of L the upper left `[m][m]` is taken. */
function solveUpper(L: Float64Array, M: number, u: Float64Array, O: number): Float64Array<ArrayBuffer> {
  const m = u.length / O;
  const w = Float64Array.from(u);
  for (let i = m - 1; i >= 0; i--) {
    for (let o = 0; o < O; o++) {
      let sum = w[i * O + o]!;
      for (let k = i + 1; k < m; k++) sum -= L[k * M + i]! * w[k * O + o]!;
      w[i * O + o] = sum / L[i * M + i]!;
    }
  }
  return w;
}
