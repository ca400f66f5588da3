// Eigenvectors of a small symmetric matrix.

/** Eigenvalues falling, and for each its vector of length 1. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix (row by row, width x width) by cyclic Jacobi rotations (Golub and Van Loan, section 8.5).
 * The sign of a vector is such that its largest entry is positive.
 */
export function symmetricEigen(matrix: Float64Array, width: number): Eigen {
  const a = matrix.slice();
  const v = new Float64Array(width * width);
  for (let i = 0; i < width; i += 1) v[i * width + i] = 1;
  const total = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < 60; sweep += 1) {
    let off = 0;
    for (let p = 0; p < width; p += 1) for (let q = p + 1; q < width; q += 1) off += a[p * width + q]! ** 2;
    if (off <= total * 1e-30) break;
    for (let p = 0; p < width; p += 1) for (let q = p + 1; q < width; q += 1) rotate(a, v, width, p, q);
  }
  const order = Array.from({ length: width }, (_, i) => i).sort((i, j) => a[j * width + j]! - a[i * width + i]!);
  return {
    values: Float64Array.from(order, (i) => a[i * width + i]!),
    vectors: order.map((i) => {
      const vector = Float64Array.from({ length: width }, (_, row) => v[row * width + i]!);
      const largest = vector.reduce((most, entry) => (Math.abs(entry) > Math.abs(most) ? entry : most), 0);
      return largest < 0 ? vector.map((entry) => -entry) : vector;
    }),
  };
}

/** Makes entry (p, q) zero. */
function rotate(a: Float64Array, v: Float64Array, width: number, p: number, q: number): void {
  const apq = a[p * width + q]!;
  if (apq === 0) return;
  const theta = (a[q * width + q]! - a[p * width + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < width; k += 1) {
    const [akp, akq] = [a[k * width + p]!, a[k * width + q]!];
    a[k * width + p] = c * akp - s * akq;
    a[k * width + q] = s * akp + c * akq;
  }
  for (let k = 0; k < width; k += 1) {
    const [apk, aqk] = [a[p * width + k]!, a[q * width + k]!];
    a[p * width + k] = c * apk - s * aqk;
    a[q * width + k] = s * apk + c * aqk;
    const [vkp, vkq] = [v[k * width + p]!, v[k * width + q]!];
    v[k * width + p] = c * vkp - s * vkq;
    v[k * width + q] = s * vkp + c * vkq;
  }
}
