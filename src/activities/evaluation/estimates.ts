// Numbers as records hold them: JSON knows no NaN, so what cannot be computed is null.
import type { Estimate } from '../../domain/evaluation/evaluation';

/** JSON knows no NaN: what cannot be computed is null. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The value with its bounds, each null where it cannot be computed. */
export function estimate({ value, low, high }: { value: number; low: number; high: number }): Estimate {
  return { value: finite(value), low: finite(low), high: finite(high) };
}
