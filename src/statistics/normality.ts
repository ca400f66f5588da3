// Does a sample look as if drawn from a normal distribution? The test of Jarque and Bera (1980, 1987) on skewness and kurtosis.
import type { TestResult } from './significance/test-result';
import { chiSquaredSurvival } from './distributions';

/** Central moments of a sample: means of the powers of the differences from its mean. */
export interface CentralMoments {
  readonly count: number;
  readonly second: number;
  readonly third: number;
  readonly fourth: number;
}

/**
 * Jarque–Bera test: n/6 × (S² + (K − 3)²/4) with skewness S = m3 / m2^1.5 and kurtosis K = m4 / m2²; p by the chi-squared distribution with 2
 * degrees of freedom (scipy `jarque_bera`). The limit holds for large samples: below some 2,000 rows p is too large more often than not.
 * NaN with fewer than 2 rows or without spread.
 */
export function jarqueBera({ count, second, third, fourth }: CentralMoments): TestResult {
  if (count < 2 || !(second > 0)) return { statistic: Number.NaN, p: Number.NaN };
  const skewness = third / second ** 1.5;
  const excess = fourth / second ** 2 - 3;
  const statistic = (count / 6) * (skewness ** 2 + excess ** 2 / 4);
  return { statistic, p: chiSquaredSurvival(statistic, 2) };
}
