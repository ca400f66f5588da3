// The author's own measure of what predictions are worth: how a plan declares it for evaluation, and what is kept of it.
import { z } from 'zod';
import type { Estimate } from '../evaluation/evaluation';
import { Name, Sql } from './plan-words';

/** A number over labelled rows, by which versions are shown and, where `gates` say so, judged. */
export const BusinessMetricPlan = z
  .object({
    name: Name,
    unit: z.string(),
    better: z.enum(['higher', 'lower']),
    /** One number, as SQL over `scored`: the entity table's columns, and prediction and label by the task. */
    sql: Sql,
    /** Bounds on every candidate; `maxWorse`: by how much it may be worse than the version that it is compared with. */
    gates: z
      .array(
        z
          .object({
            on: z.enum(['holdout', 'truth']),
            min: z.number().optional(),
            max: z.number().optional(),
            maxWorse: z.number().nonnegative().optional(),
          })
          .readonly(),
      )
      .default([]),
  })
  .readonly();
export type BusinessMetricPlan = z.infer<typeof BusinessMetricPlan>;

/** The metric of one version on one set of rows; the interval is of 95 %, by day. */
export interface BusinessSet extends Estimate {
  /** Rows, and their days. */
  readonly n: number;
  readonly days: number;
  /** The metric without each day in turn, the earliest first: what intervals of differences are made of. */
  readonly withoutDay: readonly (number | null)[];
}

/** What is kept of a version's business metric. */
export interface BusinessMeasures extends Pick<BusinessMetricPlan, 'name' | 'unit' | 'better'> {
  /** SHA-256 of the SQL, by which a changed metric is noticed. */
  readonly sqlDigest: string;
  readonly holdout: BusinessSet;
  readonly truth: BusinessSet;
}

/** How much more a version has of the metric than another, on the same rows. */
export interface BusinessDifference extends Estimate {
  readonly n: number;
  readonly days: number;
}
