// How many days it takes to show a difference: the power of the paired t test clustered by day.
import { normalCdf, studentTQuantile } from '../distributions';
import { logGamma } from '../special-functions';

/** A one-sided comparison by days of about equal size. */
export interface PowerQuestion {
  /** True improvement of the mean loss, above 0. */
  readonly improvement: number;
  /** Standard deviation of a day's mean difference (n - 1). */
  readonly dayDeviation: number;
  /** One-sided, in (0, 1). */
  readonly level: number;
}

/**
 * Chance that the one-sided paired t test over `days` days finds the improvement (statsmodels `TTestPower.power`, alternative larger): the
 * noncentral t distribution with days - 1 degrees, noncentrality improvement / deviation x sqrt(days). It takes daily differences as normal
 * and independent. NaN with fewer than 2 days; without any deviation 1.
 */
export function clusterPower({ improvement, dayDeviation, level }: PowerQuestion, days: number): number {
  if (!(days >= 2) || !(dayDeviation >= 0) || !(improvement > 0)) return Number.NaN;
  if (dayDeviation === 0) return 1;
  const critical = studentTQuantile(1 - level, days - 1);
  return 1 - noncentralTCdf(critical, days - 1, (improvement / dayDeviation) * Math.sqrt(days));
}

/**
 * The least number of days with which {@link clusterPower} reaches `power`.
 * @param options `leastDays`: not fewer, default 14 as a superiority gate demands; `mostDays`: null beyond, default 3,650.
 */
export function daysNeeded(
  question: PowerQuestion,
  power: number,
  { leastDays = 14, mostDays = 3650 }: { readonly leastDays?: number; readonly mostDays?: number } = {},
): number | null {
  if (!(clusterPower(question, mostDays) >= power)) return null;
  let low = Math.max(2, leastDays);
  let high = mostDays;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (clusterPower(question, middle) >= power) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The improvement that `days` days find with chance `power`, in units of `dayDeviation`; NaN with fewer than 2 days. */
export function detectableImprovement(
  { dayDeviation, level }: Omit<PowerQuestion, 'improvement'>,
  days: number,
  power: number,
): number {
  if (!(days >= 2)) return Number.NaN;
  let low = 0;
  let high = 1;
  const powerOf = (improvement: number) => clusterPower({ improvement, dayDeviation: 1, level }, days);
  while (powerOf(high) < power) high *= 2;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (powerOf(middle) < power) low = middle;
    else high = middle;
  }
  return high * dayDeviation;
}

/**
 * P(T <= t) of the noncentral t distribution, by Simpson's rule over the scale s = sqrt(chi-squared / degrees), whose density is smooth: the
 * integral of P(Z <= t s - noncentrality). Within 1e-9 of scipy `nct` for 1 to 1,000 degrees. NaN for degrees not above 0.
 */
export function noncentralTCdf(t: number, degreesOfFreedom: number, noncentrality: number): number {
  const nu = degreesOfFreedom;
  if (!(nu > 0)) return Number.NaN;
  const spread = 12 / Math.sqrt(2 * nu);
  const from = Math.max(0, 1 - spread);
  const to = 1 + spread;
  const steps = 1000;
  const width = (to - from) / steps;
  const logScale = Math.LN2 + (nu / 2) * Math.log(nu / 2) - logGamma(nu / 2);
  let sum = 0;
  for (let i = 0; i <= steps; i += 1) {
    const s = from + i * width;
    const density =
      s === 0 ? (nu === 1 ? Math.exp(logScale) : 0) : Math.exp(logScale + (nu - 1) * Math.log(s) - (nu * s * s) / 2);
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * density * normalCdf(t * s - noncentrality);
  }
  return Math.min(1, (sum * width) / 3);
}
