// The part of a plan that says how versions are judged: what ranks them, margins, evidence, slices, groups and bounds.
import { z } from 'zod';
import { BusinessMetricPlan } from './business-metric';
import type { MetricNameOf, Task } from '../evaluation/metrics';
import { Name } from './plan-words';
import { productionPlan } from '../evaluation/production';

/** The metrics of every evaluation of a `binary` task. */
export const MetricName = z.enum(['log_loss', 'roc_auc', 'pr_auc', 'brier', 'ece', 'accuracy']);
export type MetricName = z.infer<typeof MetricName>;

/** The metrics that every evaluation has, by task; a plan's rank and gates may name any other of `METRICS`. */
export const REPORTED_METRICS: { readonly [T in Task]: readonly MetricNameOf<T>[] } = {
  binary: MetricName.options,
  multiclass: [
    ...(['log_loss', 'brier', 'accuracy', 'precision_macro', 'recall_macro', 'f1_macro', 'f1_weighted'] as const),
    ...(['roc_auc_macro', 'roc_auc_weighted'] as const),
  ],
  regression: ['rmse', 'mae', 'median_absolute_error', 'r2', 'bias'],
};

/** What ranks versions unless the plan says so. */
export const USUAL_PRIMARY: Readonly<Record<Task, string>> = {
  binary: 'log_loss',
  multiclass: 'log_loss',
  regression: 'rmse',
};

/** A metric of the plan's task, as `parseMetric` reads it: `log_loss`, `precision@0.3`. */
const MetricText = z.string();

/** Fewer holdout days are no evidence for a switch: with few clusters a t test by day is too sure or has no power. */
export const LEAST_SWITCH_DAYS = 14;

/** Rates whose gap between groups a gate can bound; each is defined as in fairlearn. */
export const FAIRNESS_METRICS = [
  'selection_rate',
  'true_positive_rate',
  'false_positive_rate',
  'equalized_odds',
  'accuracy',
] as const;
export type FairnessMetric = (typeof FAIRNESS_METRICS)[number];

const Level = z.number().gt(0).lt(0.5);

/** A bound on the gap between the groups of a category feature, on the holdout. */
export const FairnessPlan = z
  .object({
    column: Name,
    metric: z.enum(FAIRNESS_METRICS),
    /** A probability of at least this is a yes. */
    threshold: z.number().gt(0).lt(1).default(0.5),
    /** A group with fewer rows behind its rate is not compared. */
    minRows: z.number().int().positive().default(200),
    maxGap: z.number().gt(0).max(1),
    /** How much wider than the champion's the gap may be. */
    maxIncrease: z.number().nonnegative().max(1).default(0.05),
  })
  .readonly();
export type FairnessPlan = z.infer<typeof FairnessPlan>;

export const EvaluationPlan = z
  .object({
    /** Default: {@link USUAL_PRIMARY} of the task. */
    primary: MetricText.default(USUAL_PRIMARY.binary),
    /**
     * Refresh: how much worse (mean row loss, minus the champion's) the new version may be and still replace its own parent. `estimate`: the
     * difference itself is compared with the margin; `interval`: the upper end of its two-sided 95 % interval is, which proves non-inferiority.
     */
    nonInferiority: z
      .object({
        holdout: z.number().positive().default(0.01),
        truth: z.number().positive().default(0.01),
        evidence: z.enum(['estimate', 'interval']).default('estimate'),
      })
      .readonly()
      .prefault({}),
    /**
     * Switch: one-sided level of the paired, day-clustered test on the holdout, which holds for all challengers of `looks` decisions together;
     * and the least number of days and rows for it.
     */
    superiority: z
      .object({
        level: Level.default(0.05),
        minDays: z.number().int().min(2).default(LEAST_SWITCH_DAYS),
        minRows: z.number().int().positive().default(1000),
        looks: z.number().int().positive().max(1000).default(8),
      })
      .readonly()
      .prefault({}),
    /** Every labelled row counts as much as its `label.weight` says in whatever versions are judged by. Default: every row counts the same. */
    weighted: z.boolean().optional(),
    slices: z.array(Name).default([]),
    sliceMinRows: z.number().int().positive().default(200),
    /** A slice fails a candidate that is worse than the champion on it by more than the margin with evidence of this level, over all slices. */
    sliceGate: z
      .object({ margin: z.number().nonnegative().default(0.02), level: Level.default(0.05) })
      .readonly()
      .prefault({}),
    /** Greatest p99 of scoring one row and a batch in ms, and greatest size of the ONNX graph in bytes. */
    limits: z
      .object({
        oneRowMs: z.number().positive().optional(),
        batchMs: z.number().positive().optional(),
        bytes: z.number().int().positive().optional(),
      })
      .readonly()
      .default({}),
    fairness: z.array(FairnessPlan).default([]),
    /** The author's own measure of every version, by SQL over predictions, labels and the entity's rows. */
    businessMetric: BusinessMetricPlan.optional(),
    /** A third set: rows that the champion has served since its promotion. */
    production: productionPlan(MetricText).optional(),
    /** Absolute gates on every candidate. */
    gates: z
      .array(
        z
          .object({
            metric: MetricText,
            on: z.enum(['holdout', 'truth']),
            min: z.number().optional(),
            max: z.number().optional(),
          })
          .readonly(),
      )
      .default([]),
  })
  .readonly();
export type EvaluationPlan = z.infer<typeof EvaluationPlan>;
