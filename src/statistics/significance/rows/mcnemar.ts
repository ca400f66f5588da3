// McNemar's test of two classifiers on the same independent rows: which of them is right where the other is wrong.
// Rows that come in clusters (days) are not independent: then the p values here are too small, and `pairedClusterTest` is the test.
import { binomialCdf, chiSquaredSurvival } from '../../distributions';
import { inspectBinary } from '../../inputs';
import type { TestResult } from '../test-result';

/** What {@link mcnemarTest} found: the discordant rows, and the three usual forms of the test (all two-sided). */
export interface McnemarTest {
  readonly onlyARight: number;
  readonly onlyBRight: number;
  /** Binomial; its statistic is the smaller of the two counts. */
  readonly exact: TestResult;
  readonly chiSquaredCorrected: TestResult;
  readonly chiSquaredUncorrected: TestResult;
}

/**
 * Test of two classifiers on the same rows from the rows that only one got right (McNemar 1947; statsmodels `mcnemar`).
 * No such rows: exact p 1; corrected statistic 0 and p 1 (the bare formula would say infinite and p 0);
 * uncorrected NaN, being 0/0.
 */
export function mcnemarFromCounts(onlyARight: number, onlyBRight: number): McnemarTest {
  const smaller = Math.min(onlyARight, onlyBRight);
  const discordant = onlyARight + onlyBRight;
  const apart = Math.abs(onlyARight - onlyBRight);
  const corrected = discordant === 0 ? 0 : (apart - 1) ** 2 / discordant;
  const uncorrected = apart ** 2 / discordant;
  return {
    onlyARight,
    onlyBRight,
    exact: { statistic: smaller, p: Math.min(1, 2 * binomialCdf(smaller, discordant, 0.5)) },
    chiSquaredCorrected: { statistic: corrected, p: chiSquaredSurvival(corrected, 1) },
    chiSquaredUncorrected: { statistic: uncorrected, p: chiSquaredSurvival(uncorrected, 1) },
  };
}

/**
 * {@link mcnemarFromCounts} on the answers that probabilities give at 0.5 (0.5 itself is positive). A NaN probability makes all NaN.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function mcnemarTest(
  labels: ArrayLike<number>,
  probabilitiesA: ArrayLike<number>,
  probabilitiesB: ArrayLike<number>,
): McnemarTest {
  const { hasNaN } = inspectBinary('McNemar test', labels, probabilitiesA);
  const { hasNaN: hasNaNInB } = inspectBinary('McNemar test', labels, probabilitiesB);
  if (hasNaN || hasNaNInB) return mcnemarFromCounts(Number.NaN, Number.NaN);
  let onlyARight = 0;
  let onlyBRight = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const rightA = probabilitiesA[i]! >= 0.5 === (labels[i] === 1);
    const rightB = probabilitiesB[i]! >= 0.5 === (labels[i] === 1);
    if (rightA && !rightB) onlyARight += 1;
    if (rightB && !rightA) onlyBRight += 1;
  }
  return mcnemarFromCounts(onlyARight, onlyBRight);
}
