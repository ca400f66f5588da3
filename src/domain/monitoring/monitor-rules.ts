// What a day's numbers ask for, as pure rules: k bad days of n, a champion that is worse than previous with evidence, drift that only alerts.
import type { MonitorReport, MonitorVerdict, SkewReport } from './monitoring';
import type { MonitoringPlan } from '../plan/plan';
import { lossName } from '../evaluation/row-loss';
import type { Task } from '../evaluation/task';

/** Champion against previous on the labelled days since the promotion: mean row loss, champion minus previous. */
export interface SincePromotion {
  readonly days: number;
  readonly rows: number;
  readonly value: number | null;
  /** Lower bound of the day-clustered interval, its level divided by the looks so far. */
  readonly low: number | null;
}

export type Observed = Omit<MonitorReport, 'badDay' | 'verdict' | 'reasons'>;

/** A labelled day on which the champion did worse than the constant prediction of the reference days would have. */
export function isBadDay(plan: MonitoringPlan, observed: Observed): boolean {
  const champion = observed.performance.find(({ role }) => role === 'champion');
  if (!champion || observed.baseRateLogLoss === null || champion.n < plan.performance.minRows) return false;
  return champion.logLoss > observed.baseRateLogLoss + plan.performance.worseThanBaseRateBy;
}

/** The verdict of a day. `earlier`: reports of the days before it, in any order. `holdFallback`: a person asked not to fall back for now.
 * `truth`: champion against previous on a truth set that has been revised. */
export function judgeDay(
  plan: MonitoringPlan,
  observed: Observed,
  earlier: readonly MonitorReport[],
  since: SincePromotion | null,
  holdFallback: boolean,
  truth: { readonly worse: boolean; readonly reason: string } | null = null,
): Pick<MonitorReport, 'badDay' | 'verdict' | 'reasons'> {
  const badDay = isBadDay(plan, observed);
  const found: { readonly verdict: MonitorVerdict; readonly reason: string }[] = [];

  if (since && isWorse(plan, since)) {
    const shown = `the champion's ${lossName(observed.task)} is ${since.value!.toFixed(4)} above previous' on ${since.rows} rows of ${since.days} days since its promotion (at least ${since.low!.toFixed(4)})`;
    found.push(
      holdFallback
        ? { verdict: 'alert', reason: `${shown}; fallback is held by a person` }
        : { verdict: 'fallback', reason: shown },
    );
  }
  if (truth?.worse) {
    const held = { verdict: 'alert', reason: `${truth.reason}; fallback is held by a person` } as const;
    found.push(holdFallback ? held : { verdict: 'fallback', reason: truth.reason });
  }
  const { performance, predictionDrift, drift } = plan;
  const badDays = countRecent(earlier, performance.n - 1, (report) => report.badDay) + Number(badDay);
  if (badDay && badDays >= performance.k) {
    found.push({
      verdict: 'retrain',
      reason: `the champion did worse than ${constantOfReference(observed.task)} on ${badDays} of the last ${performance.n} days`,
    });
  }
  const drifted = (report: { readonly predictionPsi: number | null }): boolean =>
    report.predictionPsi !== null && report.predictionPsi > predictionDrift.psi;
  const driftDays = countRecent(earlier, predictionDrift.n - 1, drifted) + Number(drifted(observed));
  if (drifted(observed) && driftDays >= predictionDrift.k) {
    found.push({
      verdict: 'retrain',
      reason: `predictions drifted (PSI ${observed.predictionPsi!.toFixed(3)}) on ${driftDays} of the last ${predictionDrift.n} days`,
    });
  }
  const driftedFeatures = observed.drift.filter((feature) => feature.drifted);
  if (driftedFeatures.length > 0) {
    const names = driftedFeatures.map(({ feature, psi }) => `${feature} (PSI ${psi?.toFixed(3)})`).join(', ');
    found.push({ verdict: 'alert', reason: `drift above ${drift.psiAlert}: ${names}` });
  }
  if (observed.skew.differing > 0) found.push({ verdict: 'alert', reason: skewReason(observed.skew) });
  const order: readonly MonitorVerdict[] = ['fallback', 'retrain', 'alert'];
  const verdict = order.find((candidate) => found.some((item) => item.verdict === candidate)) ?? 'nothing';
  return { badDay, verdict, reasons: found.map(({ reason }) => reason) };
}

function constantOfReference(task: Task = 'binary'): string {
  const always = {
    binary: 'the base rate',
    multiclass: 'always predicting the shares of the classes',
    regression: 'always predicting the mean',
  };
  return always[task];
}

/** One sentence that names the worst value. */
function skewReason({ compared, differing, worst }: SkewReport): string {
  const shown = (value: number | string | null | undefined): string => JSON.stringify(value ?? null);
  const example = worst
    ? ` (${worst.feature} of ${worst.key}: online ${shown(worst.online)}, offline ${shown(worst.offline)})`
    : '';
  return `online features differ from offline ones in ${differing} of ${compared} values${example}`;
}

function isWorse(plan: MonitoringPlan, { days, rows, value, low }: SincePromotion): boolean {
  const { minDays, minRows, margin } = plan.fallback;
  return days >= minDays && rows >= minRows && value !== null && low !== null && value > margin && low > 0;
}

/** How many of the latest `days` reports have the property. */
function countRecent(reports: readonly MonitorReport[], days: number, has: (report: MonitorReport) => boolean): number {
  const latest = [...reports].sort((a, b) => (a.day < b.day ? 1 : -1)).slice(0, days);
  return latest.filter(has).length;
}
