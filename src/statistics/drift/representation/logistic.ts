// A small logistic regression by Newton's method, for statistics that need one. Models that serve are trained elsewhere.

/** Intercept first, then one coefficient per column. */
export type Coefficients = Float64Array;

/**
 * Coefficients that minimise the summed log loss plus ridge / 2 x the sum of squared coefficients, the intercept apart (scikit-learn
 * `LogisticRegression` with C = 1 / ridge), by damped Newton steps (iteratively reweighted least squares).
 * @param rows row by row, `width` numbers each, all finite.
 * @param labels 0 and 1.
 * @param ridge above 0, so that separable classes have a solution too.
 */
export function fitLogistic(rows: Float64Array, width: number, labels: Uint8Array, ridge = 1): Coefficients {
  const size = width + 1;
  let found = new Float64Array(size);
  let loss = lossOf(rows, width, labels, ridge, found);
  for (let iteration = 0; iteration < 50; iteration += 1) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    for (let i = 0; i < labels.length; i += 1) {
      const offset = i * width;
      const p = 1 / (1 + Math.exp(-linear(rows, offset, width, found)));
      const weight = p * (1 - p);
      const apart = p - labels[i]!;
      gradient[0]! += apart;
      hessian[0]! += weight;
      for (let j = 0; j < width; j += 1) {
        const x = rows[offset + j]!;
        gradient[j + 1]! += apart * x;
        const scaled = weight * x;
        const line = (j + 1) * size;
        hessian[line]! += scaled;
        for (let k = 0; k <= j; k += 1) hessian[line + k + 1]! += scaled * rows[offset + k]!;
      }
    }
    for (let j = 1; j < size; j += 1) {
      gradient[j]! += ridge * found[j]!;
      hessian[j * size + j]! += ridge;
    }
    const step = solveLower(hessian, gradient, size);
    let share = 1;
    let next = found.map((value, j) => value - step[j]!);
    let nextLoss = lossOf(rows, width, labels, ridge, next);
    while (!(nextLoss <= loss) && share > 1e-6) {
      share /= 2;
      next = found.map((value, j) => value - share * step[j]!);
      nextLoss = lossOf(rows, width, labels, ridge, next);
    }
    const settled = loss - nextLoss <= 1e-12 * Math.max(1, Math.abs(loss));
    if (nextLoss <= loss) [found, loss] = [next, nextLoss];
    if (settled) break;
  }
  return found;
}

/** The linear score of the row that starts at `offset`. */
export function linear(rows: Float64Array, offset: number, width: number, coefficients: Coefficients): number {
  let sum = coefficients[0]!;
  for (let j = 0; j < width; j += 1) sum += rows[offset + j]! * coefficients[j + 1]!;
  return sum;
}

function lossOf(
  rows: Float64Array,
  width: number,
  labels: Uint8Array,
  ridge: number,
  coefficients: Coefficients,
): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const score = linear(rows, i * width, width, coefficients);
    const wrong = labels[i] === 1 ? -score : score;
    sum += wrong > 0 ? wrong + Math.log1p(Math.exp(-wrong)) : Math.log1p(Math.exp(wrong));
  }
  for (let j = 1; j <= width; j += 1) sum += (ridge / 2) * coefficients[j]! ** 2;
  return sum;
}

/** Solves a symmetric positive system, of which the lower half is given, by Cholesky's decomposition. */
function solveLower(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const factor = matrix.slice();
  for (let j = 0; j < size; j += 1) {
    for (let i = j; i < size; i += 1) {
      let sum = factor[i * size + j]!;
      for (let k = 0; k < j; k += 1) sum -= factor[i * size + k]! * factor[j * size + k]!;
      factor[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / factor[j * size + j]!;
    }
  }
  const solution = right.slice();
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) solution[i]! -= factor[i * size + k]! * solution[k]!;
    solution[i]! /= factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) solution[i]! -= factor[k * size + i]! * solution[k]!;
    solution[i]! /= factor[i * size + i]!;
  }
  return solution;
}
