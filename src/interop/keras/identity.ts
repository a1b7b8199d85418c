import type { Matrix } from '../fused.ts';

/** The square matrix that changes nothing that it is multiplied with. */
export function identity(size: number): Matrix {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return { rows: size, columns: size, data };
}

/** Whether a matrix is such a one. A product with it need not be taken, and so a −0 in the other matrix stays one. */
export function isIdentity({ rows, columns, data }: Matrix): boolean {
  return rows === columns && data.every((value, i) => value === (i % (columns + 1) === 0 ? 1 : 0));
}
