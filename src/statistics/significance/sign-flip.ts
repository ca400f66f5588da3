// The permutation test that swaps champion and challenger day by day: exact for any distribution of the days' differences.
// Invariant: only the sign of a whole cluster is random, so rows of one day stay together.
import { randomNumbers } from '../../domain/random';
import { weightOfTotal, type ClusterTotal } from './cluster-t';

/** Up to this many clusters every one of the 2^G swaps is counted. */
export const EXACT_FLIPS_UP_TO = 20;

/** What {@link signFlipTest} found; the difference is B minus A: negative when B is better. */
export interface SignFlipTest {
  readonly meanDifference: number;
  /** Against the alternative that B's mean loss is smaller than A's. At least 2^-G where exact. */
  readonly pOneSided: number;
  readonly pTwoSided: number;
  /** Every swap was counted; else a seeded sample of them. */
  readonly exact: boolean;
  readonly swaps: number;
  readonly clusters: number;
}

/**
 * Sign-flip test of the mean row loss of B against A, clustered (Fisher 1935, section 21; Canay, Romano and Shaikh 2017 for few clusters): under
 * the hypothesis that each cluster's difference is as likely to have the other sign, p is the share of the sign swaps whose sum is as small as the
 * one seen. Exact up to {@link EXACT_FLIPS_UP_TO} clusters, else (1 + hits) / (1 + draws) of random swaps (Phipson and Smyth 2010).
 *
 * No clusters, no rows or a NaN: p is NaN, so that no comparison passes. All differences 0: p 1.
 * @param options `draws`: default 9,999; `seed`: default 1.
 */
export function signFlipTest(
  totals: readonly ClusterTotal[],
  options: { readonly draws?: number; readonly seed?: number } = {},
): SignFlipTest {
  const differences = totals.map(({ difference }) => difference);
  const weight = totals.reduce((sum, total) => sum + weightOfTotal(total), 0);
  const seen = differences.reduce((sum, difference) => sum + difference, 0);
  const clusters = differences.length;
  const exact = clusters <= EXACT_FLIPS_UP_TO;
  const head = { meanDifference: seen / weight, exact, clusters };
  if (clusters === 0 || weight === 0 || Number.isNaN(seen)) {
    return { ...head, pOneSided: Number.NaN, pTwoSided: Number.NaN, swaps: 0 };
  }
  // Sums of the same numbers in another order differ in their last digits; they count as equal.
  const slack = 1e-12 * differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const hits = { one: 0, two: 0 };
  const count = (sum: number): void => {
    if (sum <= seen + slack) hits.one += 1;
    if (Math.abs(sum) >= Math.abs(seen) - slack) hits.two += 1;
  };
  const swaps = exact ? 2 ** clusters : (options.draws ?? 9999);
  if (exact) everySwap(differences, count);
  else randomSwaps(differences, swaps, options.seed ?? 1, count);
  const share = (found: number): number => (exact ? found / swaps : (found + 1) / (swaps + 1));
  return { ...head, pOneSided: share(hits.one), pTwoSided: share(hits.two), swaps };
}

/** The sums of all sign swaps: the halves' sums are made once, so that no rounding builds up. */
function everySwap(differences: readonly number[], count: (sum: number) => void): void {
  const half = differences.length >>> 1;
  const firsts = sumsOfSwaps(differences.slice(0, half));
  const seconds = sumsOfSwaps(differences.slice(half));
  for (const first of firsts) for (const second of seconds) count(first + second);
}

function sumsOfSwaps(differences: readonly number[]): Float64Array {
  let sums = Float64Array.of(0);
  for (const difference of differences) {
    const next = new Float64Array(2 * sums.length);
    sums.forEach((sum, i) => {
      next[2 * i] = sum + difference;
      next[2 * i + 1] = sum - difference;
    });
    sums = next;
  }
  return sums;
}

function randomSwaps(differences: readonly number[], draws: number, seed: number, count: (sum: number) => void): void {
  const random = randomNumbers(seed);
  for (let draw = 0; draw < draws; draw += 1) {
    let sum = 0;
    for (const difference of differences) sum += random() < 0.5 ? difference : -difference;
    count(sum);
  }
}
