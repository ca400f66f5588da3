// The distance of Wasserstein (earth mover's) between two samples of a number: how far a row has to be moved on average.
import { sortedPresent } from './samples';

/**
 * First Wasserstein distance in the column's unit: the integral of |F - G| over the two empirical distribution functions (scipy
 * `wasserstein_distance`). Missing values (null, NaN) are left out. NaN when a sample has no value or holds an infinite one.
 */
export function wasserstein(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): number {
  return wassersteinSorted(sortedPresent(reference), sortedPresent(current));
}

/** {@link wasserstein} over the standard deviation of the reference (of the population); infinite for a constant reference and a distance. */
export function wassersteinNormed(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): number {
  const sorted = sortedPresent(reference);
  return normed(wassersteinSorted(sorted, sortedPresent(current)), sorted);
}

/** A distance over the standard deviation of a sample; 0 stays 0. */
export function normed(distance: number, reference: Float64Array): number {
  return distance === 0 ? 0 : distance / standardDeviation(reference);
}

/** {@link wasserstein} of samples that rise and hold no NaN. */
export function wassersteinSorted(a: Float64Array, b: Float64Array): number {
  const [m, n] = [a.length, b.length];
  if (m === 0 || n === 0) return Number.NaN;
  if (![a[0]!, b[0]!, a[m - 1]!, b[n - 1]!].every(Number.isFinite)) return Number.NaN;
  let area = 0;
  let i = 0;
  let j = 0;
  let at = Math.min(a[0]!, b[0]!);
  while (i < m || j < n) {
    const next = i < m && (j >= n || a[i]! <= b[j]!) ? a[i]! : b[j]!;
    const apart = i / m - j / n;
    area += (apart < 0 ? -apart : apart) * (next - at);
    at = next;
    while (i < m && a[i] === at) i += 1;
    while (j < n && b[j] === at) j += 1;
  }
  return area;
}

/** Standard deviation of the population (divided by n); NaN without values. */
export function standardDeviation(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value;
  mean /= values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
