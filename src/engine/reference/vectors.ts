/**
 * Row vectors and matrices in float64, for code that reads like the equations. A matrix is stored row by row in a flat
 * array; its shape follows from the vectors it meets.
 */

export type Vector = Float64Array;
export type Matrix = Float64Array;

/** What goes into a network or should come out: a vector, or the number of a symbol, which stands for a one-hot vector. */
export type Input = Vector | number;

export const zeros = (length: number): Vector => new Float64Array(length);

export const ones = (length: number): Vector => new Float64Array(length).fill(1);

export const σ = (a: number): number => 1 / (1 + Math.exp(-a));

/** The element-wise `f(a, b, …)` of vectors of one length. */
export function elementwise(f: (...elements: number[]) => number, ...vectors: readonly Vector[]): Vector {
  return Float64Array.from(vectors[0]!, (_, i) => f(...vectors.map((vector) => vector[i]!)));
}

/** a + b + … */
export function sum(...vectors: readonly Vector[]): Vector {
  const total = zeros(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < total.length; i++) total[i]! += vector[i]!;
  return total;
}

/** The vector `[length]` that an input stands for. */
export function oneHot(input: Input, length: number): Vector {
  if (typeof input !== 'number') return input;
  const vector = zeros(length);
  vector[input] = 1;
  return vector;
}

/** Row `index` of a matrix `[?, columns]`: the product of a one-hot vector with it. */
const row = (matrix: Matrix, index: number, columns: number): Vector =>
  matrix.subarray(index * columns, (index + 1) * columns);

/** x A, for x `[n]` and A `[n, columns]`: `[columns]`. */
export function times(x: Input, A: Matrix, columns: number): Vector {
  if (typeof x === 'number') return row(A, x, columns);
  const product = zeros(columns);
  for (let i = 0, a = 0; i < x.length; i++) for (let j = 0; j < columns; j++) product[j]! += x[i]! * A[a++]!;
  return product;
}

/** x Aᵀ, for x `[m]` and A `[n, m]`: `[n]`. */
export function timesTransposed(x: Vector, A: Matrix): Vector {
  const product = zeros(A.length / x.length);
  for (let i = 0, a = 0; i < product.length; i++) for (let j = 0; j < x.length; j++) product[i]! += A[a++]! * x[j]!;
  return product;
}

/** total += x */
export function accumulate(total: Vector, x: Vector): void {
  for (let i = 0; i < total.length; i++) total[i]! += x[i]!;
}

/** total += xᵀ y, for x `[n]`, y `[m]` and total `[n, m]`. */
export function accumulateOuter(total: Matrix, x: Input, y: Vector): void {
  if (typeof x === 'number') accumulate(row(total, x, y.length), y);
  else for (let i = 0, a = 0; i < x.length; i++) for (let j = 0; j < y.length; j++) total[a++]! += x[i]! * y[j]!;
}

/** ∂loss/∂x = Σ da Uᵀ `[n]`, over the pairs of da `[H]` and U `[n, H]`; nothing where x is a symbol. */
export function inputGradient(x: Input, ...terms: readonly (readonly [da: Vector, U: Matrix])[]): Vector | undefined {
  return typeof x === 'number' ? undefined : sum(...terms.map(([da, U]) => timesTransposed(da, U)));
}
