// The two-sample test of Kolmogorov and Smirnov: the largest distance of two empirical distribution functions.
// On months of data every p value is tiny (and underflows to 0), so compare the statistic and take p as a footnote.
import { kolmogorovOneSampleSurvival } from '../kolmogorov';
import type { TestResult } from '../significance/test-result';
import { sortedPresent } from './samples';

/** Up to this many values in the larger sample p is exact (as scipy's method `auto`), beyond it asymptotic. */
export const KS_EXACT_UP_TO = 10_000;

/**
 * Two-sided Kolmogorov-Smirnov test (scipy `ks_2samp`, method `auto`): exact p while the larger sample has at most {@link KS_EXACT_UP_TO} values
 * (lattice paths, Hodges 1958), else the one-sample distribution at round(mn / (m + n)) rows. Ties make p too large, never too small.
 * Missing values (null, NaN) are left out, infinite ones kept. NaN when a sample has no value.
 */
export function kolmogorovSmirnov(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): TestResult {
  return kolmogorovSmirnovSorted(sortedPresent(reference), sortedPresent(current));
}

/** {@link kolmogorovSmirnov} of samples that rise and hold no NaN. */
export function kolmogorovSmirnovSorted(a: Float64Array, b: Float64Array): TestResult {
  const [m, n] = [a.length, b.length];
  if (m === 0 || n === 0) return { statistic: Number.NaN, p: Number.NaN };
  // i x n - j x m is a whole number: compared without rounding, it is the numerator of the distance over m x n.
  let largest = 0;
  let i = 0;
  let j = 0;
  while (i < m && j < n) {
    const value = a[i]! < b[j]! ? a[i]! : b[j]!;
    while (i < m && a[i] === value) i += 1;
    while (j < n && b[j] === value) j += 1;
    const apart = i * n - j * m;
    if (apart > largest) largest = apart;
    else if (-apart > largest) largest = -apart;
  }
  return { statistic: largest / (m * n), p: probabilityOf(largest, m, n) };
}

/** The p of {@link kolmogorovSmirnov} for a distance between samples of m and n values. */
export function kolmogorovSmirnovP(statistic: number, m: number, n: number): number {
  return Number.isNaN(statistic) ? Number.NaN : probabilityOf(Math.round(statistic * m * n), m, n);
}

/** p of a distance `largest` / (m x n), by the method that the size of the samples allows. */
function probabilityOf(largest: number, m: number, n: number): number {
  if (largest === 0) return 1;
  if (Math.max(m, n) <= KS_EXACT_UP_TO) {
    return m === n ? outsideSquare(n, largest / n) : outsideBand(Math.max(m, n), Math.min(m, n), largest);
  }
  return asymptoticKsP(largest / (m * n), m, n);
}

/** The asymptotic p of a distance between samples of m and n values (scipy `ks_2samp`, method `asymp`). */
export function asymptoticKsP(statistic: number, m: number, n: number): number {
  return kolmogorovOneSampleSurvival(statistic, Math.max(1, roundHalfToEven((m * n) / (m + n))));
}

/**
 * Share of the lattice paths from (0, 0) to (m, n) that leave the open band |x n - y m| < largest. `share` holds it for the paths to the points
 * of one column: a path to (x, y) comes from the left with probability x / (x + y). Only sums of positive parts: small p keep their digits.
 */
function outsideBand(m: number, n: number, largest: number): number {
  let share = new Float64Array(n + 2).fill(1);
  let next = new Float64Array(n + 2).fill(1);
  const bounds = (x: number): readonly [number, number] => [
    Math.max(0, Math.floor((x * n - largest) / m) + 1),
    Math.min(n, Math.ceil((x * n + largest) / m) - 1),
  ];
  let [low, high] = bounds(0);
  share.fill(0, low, high + 1);
  for (let x = 1; x <= m; x += 1) {
    const [from, to] = bounds(x);
    // Whatever lies outside of either column's band has left it.
    for (let y = from; y <= to; y += 1) {
      const left = y >= low && y <= high ? share[y]! : 1;
      const below = y === 0 ? 0 : y - 1 >= from ? next[y - 1]! : 1;
      next[y] = (x * left + y * below) / (x + y);
    }
    [share, next] = [next, share];
    [low, high] = [from, to];
    if (high < low) return 1;
  }
  return high >= n ? share[n]! : 1;
}

/** The same for samples of n values each and |x - y| < h, by reflection (Gnedenko and Koroljuk 1951), arranged so that nothing cancels. */
function outsideSquare(n: number, h: number): number {
  const steps = Math.round(h);
  let share = 0;
  for (let k = Math.floor(n / steps); k >= 0; k -= 1) {
    let ratio = 1;
    for (let j = 0; j < steps; j += 1) ratio *= (n - k * steps - j) / (n + k * steps + j + 1);
    share = ratio * (1 - share);
  }
  return 2 * share;
}

/** As numpy rounds, so that p can be compared with scipy's. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}
