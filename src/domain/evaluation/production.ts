// Recent production as a third set of rows: how a plan asks for it, and what a decision keeps of it.
import { z } from 'zod';
import type { MetricSet } from './evaluation';

/**
 * Judges candidates on rows that the champion has served since its promotion, with its predictions as they were served. Declared: every candidate
 * needs so many of them, whether or not more is asked.
 */
export function productionPlan<M extends z.ZodType>(metric: M) {
  return z
    .object({
      /** Fewer served rows or days with labels: no promotion while there is a champion. */
      minRows: z.number().int().positive().default(500),
      minDays: z.number().int().min(2).default(2),
      /** By how much the mean row loss may be above that of what was served. */
      nonInferiority: z.number().positive().optional(),
      gates: z
        .array(z.object({ metric, min: z.number().optional(), max: z.number().optional() }).readonly())
        .default([]),
    })
    .readonly();
}

/** Metrics on the served rows; the champion's are of the predictions that were served. */
export interface ProductionReport {
  readonly n: number;
  readonly days: number;
  readonly champion: MetricSet;
  readonly candidates: readonly { readonly version: number; readonly metrics: MetricSet }[];
}
