// The one comparison of the statistics tests: by relative difference, so that tiny p values are compared in their digits too.

/** |actual - expected| over the larger of |expected| and `floor`; 0 when both are the same, infinities included. NaN is never close. */
export function relativeDifference(actual: number, expected: number, floor = 0): number {
  if (actual === expected) return 0;
  return Math.abs(actual - expected) / Math.max(Math.abs(expected), floor);
}
