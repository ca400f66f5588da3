// The interval of a share of independent rows.
import { normalQuantile } from '../../distributions';
import { requireThat } from '../../inputs';
import type { Interval } from './interval';

/**
 * Wilson's score interval of a share (Wilson 1927, without continuity correction; statsmodels `proportion_confint`, method `wilson`):
 * good from a handful of rows on, and at shares of 0 and 1. Value and bounds NaN without rows, and when a count is NaN.
 * @param successes of `rows`; rows must be independent and unweighted.
 * @throws UnderstudyError `INTERNAL` when there are more successes than rows, or fewer than 0.
 */
export function wilsonInterval(successes: number, rows: number, level = 0.95): Interval {
  const isShare = Number.isNaN(successes) || Number.isNaN(rows) || (successes >= 0 && successes <= rows);
  requireThat(isShare, 'Wilson interval', `${String(successes)} of ${String(rows)} rows`, '0 to all of them');
  const z = normalQuantile((1 + level) / 2);
  const value = successes / rows;
  const scale = 1 + (z * z) / rows;
  const middle = (value + (z * z) / (2 * rows)) / scale;
  const halfWidth = (z * Math.sqrt((value * (1 - value)) / rows + (z * z) / (4 * rows * rows))) / scale;
  // At the ends the formula gives 0 and 1 up to rounding.
  const low = successes === 0 ? 0 : middle - halfWidth;
  const high = successes === rows && rows > 0 ? 1 : middle + halfWidth;
  return { value, low: rows === 0 ? Number.NaN : low, high, level, method: 'wilson', n: rows, clusters: null };
}
