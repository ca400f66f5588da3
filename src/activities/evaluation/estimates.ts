// Numbers as records hold them: JSON knows no NaN, so what cannot be computed is null.
import type { Estimate } from '../../domain/evaluation/evaluation';
import type { MetricFacts } from '../../domain/evaluation/metrics';

/** JSON knows no NaN: what cannot be computed is null. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The value with its bounds, each null where it cannot be computed. */
export function estimate({ value, low, high }: { value: number; low: number; high: number }): Estimate {
  return { value: finite(value), low: finite(low), high: finite(high) };
}

/** The estimate with its bounds cut off at the metric's range: a value near its end has a symmetric interval that would go beyond. */
export function withinRange({ range: [least, greatest] }: Pick<MetricFacts, 'range'>, found: Estimate): Estimate {
  const cut = (bound: number | null): number | null =>
    bound === null ? null : Math.min(Math.max(bound, least ?? -Infinity), greatest ?? Infinity);
  return { value: found.value, low: cut(found.low), high: cut(found.high) };
}
