// The distributions that tests and intervals need: normal, Student t, chi-squared, binomial and Kolmogorov.
// Tails are computed as tails, never as 1 - (almost 1), so that tiny p values keep their digits. Arguments outside a domain give NaN.
import { incompleteBeta, lowerIncompleteGamma, upperIncompleteGamma } from './special-functions';

/** P(Z <= x) of the standard normal distribution. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  return x < 0 ? upperIncompleteGamma(0.5, (x * x) / 2) / 2 : 0.5 + lowerIncompleteGamma(0.5, (x * x) / 2) / 2;
}

/** The x with P(Z <= x) = p, for p in [0, 1] (the ends are infinite); NaN outside. */
export function normalQuantile(p: number): number {
  return symmetricQuantile(normalCdf, p);
}

/** P(T <= t) of Student's t distribution with `degreesOfFreedom` > 0 (need not be whole). A t beyond 1e154 counts as infinite. */
export function studentTCdf(t: number, degreesOfFreedom: number): number {
  if (Number.isNaN(t) || !(degreesOfFreedom > 0) || degreesOfFreedom === Number.POSITIVE_INFINITY) return Number.NaN;
  const square = t * t;
  if (square === Number.POSITIVE_INFINITY) return t < 0 ? 0 : 1;
  const sum = degreesOfFreedom + square;
  const tail = incompleteBeta(degreesOfFreedom / 2, 0.5, degreesOfFreedom / sum, square / sum) / 2;
  return t < 0 ? tail : 1 - tail;
}

/** The t with P(T <= t) = p, for p in [0, 1] (the ends are infinite) and `degreesOfFreedom` > 0; NaN outside. */
export function studentTQuantile(p: number, degreesOfFreedom: number): number {
  if (!(degreesOfFreedom > 0) || degreesOfFreedom === Number.POSITIVE_INFINITY) return Number.NaN;
  return symmetricQuantile((t) => studentTCdf(t, degreesOfFreedom), p);
}

/** P(X > x) of the chi-squared distribution; 1 for x <= 0. With 0 degrees of freedom X is always 0, so 0 for any x > 0. */
export function chiSquaredSurvival(x: number, degreesOfFreedom: number): number {
  if (Number.isNaN(x) || !(degreesOfFreedom >= 0)) return Number.NaN;
  if (x <= 0) return 1;
  return degreesOfFreedom === 0 ? 0 : upperIncompleteGamma(degreesOfFreedom / 2, x / 2);
}

/** P(X <= successes) of the binomial distribution, for whole `trials` >= 0 and a probability in (0, 1). */
export function binomialCdf(successes: number, trials: number, probability: number): number {
  if (Number.isNaN(successes) || !(trials >= 0) || !(probability > 0 && probability < 1)) return Number.NaN;
  if (successes < 0) return 0;
  const whole = Math.floor(successes);
  return whole >= trials ? 1 : incompleteBeta(trials - whole, whole + 1, 1 - probability);
}

/** P(K > x) of the Kolmogorov distribution, the limit of sqrt(n) times the Kolmogorov-Smirnov distance; 1 for x <= 0. */
export function kolmogorovSurvival(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 1;
  let sum = 0;
  if (x < 1) {
    // The theta function turned over: three terms do where the alternating series would need dozens.
    for (let k = 1; k <= 9; k += 2) sum += Math.exp(-(k * k * Math.PI * Math.PI) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  for (let k = 1; k <= 9; k += 1) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return sum;
}

/** Quantile of a distribution symmetric about 0, by bisection down to neighbouring doubles. */
function symmetricQuantile(cdf: (x: number) => number, p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 0.5) return 0;
  if (p > 0.5) return -symmetricQuantile(cdf, 1 - p);
  let low = -1;
  let high = 0;
  while (cdf(low) > p) {
    high = low;
    low *= 2;
  }
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (cdf(middle) > p) high = middle;
    else low = middle;
  }
}
