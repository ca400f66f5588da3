// Gates on the author's business metric: bounds on a version by itself, and how much worse than another it may be.
import type { BusinessDifference, BusinessMetricPlan } from '../plan/business-metric';
import type { GateResult, Measures } from '../evaluation/evaluation';
import type { EvaluationPlan } from '../plan/evaluation-plan';
import { gate } from './gate';

/** The declared bounds. A metric that has no number passes none. */
export function businessGates(metric: BusinessMetricPlan | undefined, { business }: Measures): GateResult[] {
  if (!metric) return [];
  const { name, unit, gates } = metric;
  return gates.flatMap(({ on, min, max }) => {
    const { value = null, low = null, high = null, n = 0, days = null } = business?.[on] ?? {};
    const found = { value, low, high, n, days };
    const what = `${name} in ${unit}, ${on === 'truth' ? 'truth set' : on}`;
    return [
      ...(min === undefined ? [] : [gate('business-min', on, '>=', min, found, what, { of: name })]),
      ...(max === undefined ? [] : [gate('business-max', on, '<=', max, found, what, { of: name })]),
    ];
  });
}

/**
 * Not worse than the other version by more than the margin: the difference itself, or with `nonInferiority.evidence: 'interval'` the upper end of
 * its two-sided 95 % interval.
 * @param differenceOn the candidate's metric minus the other's on a set.
 */
export function businessAgainst(
  { businessMetric: metric, nonInferiority }: EvaluationPlan,
  against: { readonly version: number; readonly name: string },
  differenceOn: (on: 'holdout' | 'truth') => BusinessDifference,
): GateResult[] {
  if (!metric) return [];
  return metric.gates.flatMap(({ on, maxWorse }) => {
    if (maxWorse === undefined) return [];
    const { n, days, ...more } = differenceOn(on);
    const turned = (value: number | null): number | null => (value === null || value === 0 ? value : -value);
    const worse =
      metric.better === 'lower' ? more : { value: turned(more.value), low: turned(more.high), high: turned(more.low) };
    const isProof = nonInferiority.evidence === 'interval';
    const how = `by how much ${metric.name} in ${metric.unit} is worse than that of ${against.name}, ${on === 'truth' ? 'truth set' : on}`;
    const found = { ...worse, ...(isProof ? { value: worse.high } : {}), n, days };
    const what = isProof ? `upper end of the 95 % interval of ${how}` : how;
    return [gate('business-worse', on, '<=', maxWorse, found, what, { of: metric.name, against: against.version })];
  });
}
