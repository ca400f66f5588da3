// Chi-squared tests on the categories of two samples, and the effect size that goes with them.
// On months of data every p value is tiny (and underflows to 0), so compare the effect size and take p as a footnote.
import { chiSquaredSurvival } from '../distributions';
import type { TestResult } from '../significance/test-result';
import { requireSameBins, totalOf, type PairedCounts } from './samples';

/** A chi-squared test with its degrees of freedom. */
export interface ChiSquaredTest extends TestResult {
  readonly degreesOfFreedom: number;
  /** The least expected count: below about 5 the p value is doubtful. NaN when a sample is empty. */
  readonly leastExpected: number;
}

/**
 * Pearson's chi-squared test that both samples have the same shares, on the 2 x K table of counts (scipy `chi2_contingency`). Bins empty in
 * both samples are left out. One bin only: statistic 0, p 1. NaN when a sample is empty.
 * @param options `yates`: the correction for continuity, which counts with two bins only; default false.
 * @throws UnderstudyError `INTERNAL` when the bins differ in number.
 */
export function chiSquared(counts: PairedCounts, options: { readonly yates?: boolean } = {}): ChiSquaredTest {
  requireSameBins('chi-squared test', counts);
  const totalReference = totalOf(counts.reference);
  const totalCurrent = totalOf(counts.current);
  if (totalReference === 0 || totalCurrent === 0) {
    return { statistic: Number.NaN, p: Number.NaN, degreesOfFreedom: 0, leastExpected: Number.NaN };
  }
  const total = totalReference + totalCurrent;
  const bins = counts.reference.filter((count, i) => count + counts.current[i]! > 0).length;
  const most = options.yates === true && bins === 2 ? 0.5 : 0;
  let statistic = 0;
  let leastExpected = Number.POSITIVE_INFINITY;
  counts.reference.forEach((reference, i) => {
    const current = counts.current[i]!;
    const both = reference + current;
    if (both === 0) return;
    const expectedReference = (both * totalReference) / total;
    const expectedCurrent = (both * totalCurrent) / total;
    const apart = Math.abs(reference - expectedReference);
    const corrected = apart - Math.min(most, apart);
    statistic += corrected ** 2 / expectedReference + corrected ** 2 / expectedCurrent;
    leastExpected = Math.min(leastExpected, expectedReference, expectedCurrent);
  });
  return { statistic, p: chiSquaredSurvival(statistic, bins - 1), degreesOfFreedom: bins - 1, leastExpected };
}

/**
 * Cramér's V (1946) of a 2 x K table: sqrt(chi-squared / rows), in [0, 1], without correction for its bias (about sqrt((K - 1) / rows)).
 * NaN when a sample is empty.
 */
export function cramersV(counts: PairedCounts): number {
  return Math.sqrt(chiSquared(counts).statistic / (totalOf(counts.reference) + totalOf(counts.current)));
}

/**
 * The test that Evidently 0.7.23 calls `chisquare`: goodness of fit of the current counts to the reference's shares, taken as known without error
 * (scipy `chisquare`). Its p is therefore far smaller than that of {@link chiSquared}, and 0, with an infinite statistic, once a category is new.
 * NaN when a sample is empty.
 * @throws UnderstudyError `INTERNAL` when the bins differ in number.
 */
export function chiSquaredGoodnessOfFit(counts: PairedCounts): TestResult {
  requireSameBins('chi-squared test', counts);
  const totalReference = totalOf(counts.reference);
  const totalCurrent = totalOf(counts.current);
  if (totalReference === 0 || totalCurrent === 0) return { statistic: Number.NaN, p: Number.NaN };
  let statistic = 0;
  let bins = 0;
  counts.reference.forEach((reference, i) => {
    const current = counts.current[i]!;
    if (reference + current === 0) return;
    bins += 1;
    const expected = (reference * totalCurrent) / totalReference;
    statistic += (current - expected) ** 2 / expected;
  });
  return { statistic, p: chiSquaredSurvival(statistic, bins - 1) };
}
