// The interval of a proportion that was counted: never shorter than it claims.
import { incompleteBeta } from '../special-functions';

/** A counted share with its two-sided interval. */
export interface ProportionInterval {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Clopper and Pearson's (1934) exact interval of a binomial proportion (statsmodels `proportion_confint`, `beta`).
 * No trials: all NaN. None or all of them hits: the bound on that side is 0 or 1.
 * @param level in (0, 1).
 */
export function clopperPearson(hits: number, trials: number, level = 0.95): ProportionInterval {
  if (!(trials > 0) || !(hits >= 0 && hits <= trials)) return { share: NaN, low: NaN, high: NaN };
  const tail = (1 - level) / 2;
  return {
    share: hits / trials,
    low: hits === 0 ? 0 : betaQuantile(tail, hits, trials - hits + 1),
    high: hits === trials ? 1 : 1 - betaQuantile(tail, trials - hits, hits + 1),
  };
}

/** The x with I_x(a, b) = p, by bisection down to neighbouring doubles or 1e-15. */
function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  while (high - low > 1e-15) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (incompleteBeta(a, b, middle) < p) low = middle;
    else high = middle;
  }
  return high;
}
