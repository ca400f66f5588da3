// Penalised linear regression (ridge) by its normal equations: exact, deterministic, single-threaded.
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { Design } from '../design';

/** How a fit runs. Default: {@link RIDGE_DEFAULTS}. */
export interface RidgeParams {
  /** Half of this times the sum of squared weights is added to half the sum of squared errors (the intercept is free); `alpha` of other libraries. */
  readonly l2: number;
}

export const RIDGE_DEFAULTS: RidgeParams = { l2: 1 };

/**
 * The weights (intercept, dense, sparse) that minimise the penalised squared error (Hoerl and Kennard 1970). Labels are centred first, so that a
 * large mean costs no digits.
 * @param counts - how much each row counts. Default: all the same.
 */
export function fitRidge(
  design: Design,
  labels: Float32Array,
  { l2 }: RidgeParams,
  counts?: Float32Array,
): Float64Array {
  const { rows, width, dense, sparseColumns, sparseStart, sparseIndex } = design;
  const size = width + sparseColumns;
  const total = counts ? counts.reduce((sum, each) => sum + each, 0) : rows;
  const mean = labels.reduce((sum, label, row) => sum + (counts?.[row] ?? 1) * label, 0) / total;
  const gram = new Float64Array(size * size);
  const moments = new Float64Array(size);
  // The columns of a row that are not zero, and their values.
  const at = new Uint32Array(width + sparseColumns);
  const values = new Float64Array(width + sparseColumns);
  for (let row = 0; row < rows; row++) {
    let count = 0;
    for (let i = 0; i < width; i++) {
      const value = dense[row * width + i]!;
      if (value !== 0) [at[count], values[count++]] = [i, value];
    }
    for (let k = sparseStart[row]!; k < sparseStart[row + 1]!; k++)
      [at[count], values[count++]] = [width + sparseIndex[k]!, 1];
    const label = labels[row]! - mean;
    const each = counts?.[row] ?? 1;
    for (let i = 0; i < count; i++) {
      const line = at[i]! * size;
      moments[at[i]!]! += each * values[i]! * label;
      for (let j = 0; j < count; j++) gram[line + at[j]!]! += each * values[i]! * values[j]!;
    }
  }
  const system = Matrix.from1DArray(size, size, gram);
  for (let i = 1; i < size; i++) system.set(i, i, system.get(i, i) + l2);
  const weights = Float64Array.from(new CholeskyDecomposition(system).solve(Matrix.columnVector(moments)).to1DArray());
  weights[0]! += mean;
  return weights;
}
