// Corrections of p values for making many tests at once. Adjusted values can be compared with the level directly.

/**
 * Holm's (1979) step-down adjustment, which bounds the chance of even one false finding whatever the tests' dependence (statsmodels
 * `multipletests`, `holm`): sorted upwards, the largest so far of (m - i) x p, at most 1. For several challengers against one champion.
 * In the order given. A NaN p is a test that was not made: it stays NaN and does not count among the m.
 */
export function holmAdjusted(ps: readonly number[]): number[] {
  const order = testsMade(ps).sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = ps.map(() => Number.NaN);
  let largest = 0;
  order.forEach((index, i) => {
    largest = Math.max(largest, Math.min(1, (order.length - i) * ps[index]!));
    adjusted[index] = largest;
  });
  return adjusted;
}

/**
 * Holm's step-down procedure where each test has critical values of its own: with i tests left, the one that lies lowest under its critical value
 * for one of i has to be below it (Maurer and Bretz 2013, "Multiple testing in group sequential trials using graphical approaches"). As an
 * adjusted p, to be compared with the test's critical value as the only one, `criticals[i][0]`. With criticals level / i it is Holm's.
 * @param criticals of each test: as the only one, as one of two, and so on, for all tests that were made, falling.
 */
export function holmAdjustedBy(ps: readonly number[], criticals: readonly (readonly number[])[]): number[] {
  const left = new Set(testsMade(ps));
  const adjusted = ps.map(() => Number.NaN);
  let largest = 0;
  while (left.size > 0) {
    const excess = (i: number): number => ps[i]! / criticals[i]![left.size - 1]!;
    const next = [...left].reduce((best, i) => (excess(i) < excess(best) ? i : best));
    largest = Math.max(largest, excess(next));
    adjusted[next] = Math.min(1, Math.max(ps[next]!, largest * criticals[next]![0]!));
    left.delete(next);
  }
  return adjusted;
}

/**
 * Benjamini and Hochberg's (1995) step-up adjustment, which bounds the expected share of false findings among all findings for independent or
 * positively dependent tests (statsmodels `multipletests`, `fdr_bh`): sorted downwards, the smallest so far of m / rank x p. For the drift of
 * many features. In the order given. A NaN p is a test that was not made: it stays NaN and does not count among the m.
 */
export function benjaminiHochbergAdjusted(ps: readonly number[]): number[] {
  const order = testsMade(ps).sort((a, b) => ps[b]! - ps[a]!);
  const adjusted = ps.map(() => Number.NaN);
  let smallest = 1;
  order.forEach((index, i) => {
    smallest = Math.min(smallest, (order.length / (order.length - i)) * ps[index]!);
    adjusted[index] = smallest;
  });
  return adjusted;
}

function testsMade(ps: readonly number[]): number[] {
  return ps.flatMap((p, i) => (Number.isNaN(p) ? [] : [i]));
}
