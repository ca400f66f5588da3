// Distances and tests between two samples of one column: Kolmogorov-Smirnov, chi-squared, Jensen-Shannon.
// On months of data every p value is tiny (and underflows to 0), so compare the statistics and take p as a footnote.
import { chiSquaredSurvival, kolmogorovSurvival } from './distributions';
import { requireSameBins, sortedPresent, totalOf, type PairedCounts } from './samples';
import type { TestResult } from './significance';

/**
 * Two-sided Kolmogorov-Smirnov test: the largest distance of the two empirical distribution functions, and its asymptotic p
 * (Kolmogorov's limit with Vrbik's 2018 correction for the number of rows: within 3e-5 of scipy on the flights and weather of a month).
 * Ties make p too large, never too small.
 * Missing values (null, NaN) are left out, infinite ones kept, as by scipy `ks_2samp`. NaN when a sample has no value.
 */
export function kolmogorovSmirnov(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): TestResult {
  const a = sortedPresent(reference);
  const b = sortedPresent(current);
  if (a.length === 0 || b.length === 0) return { statistic: Number.NaN, p: Number.NaN };
  let statistic = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i] === value) i += 1;
    while (j < b.length && b[j] === value) j += 1;
    statistic = Math.max(statistic, Math.abs(i / a.length - j / b.length));
  }
  // Rounded as scipy rounds it, so that p can be compared; it is at least 1/2.
  const size = Math.round((a.length * b.length) / (a.length + b.length));
  const scaled = Math.sqrt(size) * statistic;
  const corrected = scaled + 1 / (6 * Math.sqrt(size)) + (scaled - 1) / (4 * size);
  return { statistic, p: statistic === 0 ? 1 : kolmogorovSurvival(corrected) };
}

/** A chi-squared test with its degrees of freedom. */
export interface ChiSquaredTest extends TestResult {
  readonly degreesOfFreedom: number;
}

/**
 * Pearson's chi-squared test that both samples have the same shares, on the 2 x K table of counts, without Yates' correction
 * (scipy `chi2_contingency`). Bins empty in both samples are left out. One bin only: statistic 0, p 1. NaN when a sample is empty.
 * Doubtful when expected counts are below about 5.
 * @throws UnderstudyError `INTERNAL` when the bins differ in number.
 */
export function chiSquared(counts: PairedCounts): ChiSquaredTest {
  requireSameBins('chi-squared test', counts);
  const totalReference = totalOf(counts.reference);
  const totalCurrent = totalOf(counts.current);
  if (totalReference === 0 || totalCurrent === 0) return { statistic: Number.NaN, p: Number.NaN, degreesOfFreedom: 0 };
  const total = totalReference + totalCurrent;
  let statistic = 0;
  let bins = 0;
  counts.reference.forEach((reference, i) => {
    const current = counts.current[i]!;
    const both = reference + current;
    if (both === 0) return;
    bins += 1;
    const expectedReference = (both * totalReference) / total;
    const expectedCurrent = (both * totalCurrent) / total;
    statistic += (reference - expectedReference) ** 2 / expectedReference;
    statistic += (current - expectedCurrent) ** 2 / expectedCurrent;
  });
  return { statistic, p: chiSquaredSurvival(statistic, bins - 1), degreesOfFreedom: bins - 1 };
}

/**
 * Jensen-Shannon distance of the shares: square root of the divergence, natural logarithm (scipy `jensenshannon`), so between 0 and
 * sqrt(ln 2) = 0.8326. Empty bins need no filling. NaN when a sample is empty.
 * @throws UnderstudyError `INTERNAL` when the bins differ in number.
 */
export function jensenShannonDistance(counts: PairedCounts): number {
  requireSameBins('Jensen-Shannon distance', counts);
  const totalReference = totalOf(counts.reference);
  const totalCurrent = totalOf(counts.current);
  const divergence = counts.reference.reduce((sum, count, i) => {
    const p = count / totalReference;
    const q = counts.current[i]! / totalCurrent;
    const middle = (p + q) / 2;
    return sum + relativeEntropy(p, middle) + relativeEntropy(q, middle);
  }, 0);
  // Rounding can leave a sum just below 0 for equal shares.
  return totalReference === 0 || totalCurrent === 0 ? Number.NaN : Math.sqrt(Math.max(divergence, 0) / 2);
}

function relativeEntropy(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log(p / q);
}
