// The plan of a search for a contender's parameters: what may be tried, how often, how long, and how a trial is judged.
import { z } from 'zod';
import type { Task } from '../evaluation/metrics';
import { Duration } from './plan-words';

/** What a trial may be judged by: its mean over the folds. */
export const TUNING_METRICS = ['log_loss', 'brier', 'roc_auc', 'pr_auc', 'accuracy', 'rmse', 'mae'] as const;
export type TuningMetric = (typeof TUNING_METRICS)[number];

/** Whether less of a metric is better. */
export function isLowerBetter(metric: TuningMetric): boolean {
  return metric === 'log_loss' || metric === 'brier' || metric === 'rmse' || metric === 'mae';
}

/** The metrics of {@link TUNING_METRICS} that a task has, the usual one first. */
export function tuningMetricsOf(task: Task): readonly TuningMetric[] {
  if (task === 'regression') return ['rmse', 'mae'];
  return task === 'multiclass'
    ? ['log_loss', 'brier', 'accuracy']
    : ['log_loss', 'brier', 'roc_auc', 'pr_auc', 'accuracy'];
}

/** One parameter: a range, or a list. Which of the two, and what fits together, is checked with the definition. */
export const Dimension = z
  .object({
    low: z.number().optional(),
    high: z.number().optional(),
    /** Tried on a logarithmic scale; `low` is above 0. */
    log: z.boolean().optional(),
    /** Distance between values that are tried; with a whole `low` and a whole step only whole numbers are. */
    step: z.number().positive().optional(),
    choices: z
      .array(z.union([z.number(), z.string(), z.boolean()]))
      .readonly()
      .optional(),
  })
  .readonly();
export type Dimension = z.infer<typeof Dimension>;

export const TuningPlan = z
  .object({
    /** Parameter of the trainer, by the trainer's own name → what is tried. */
    space: z.record(z.string().min(1), Dimension).readonly(),
    trials: z.number().int().min(1).max(1000).default(20),
    /** The search ends with the best so far after this; default: no limit. */
    timeLimit: Duration.optional(),
    /** Trials at once; with more than 1 what is tried depends on which of them ends first. */
    parallel: z.number().int().min(1).max(16).default(1),
    folds: z.number().int().min(1).max(20).default(3),
    /** Days that each fold is judged on; default: as many as the holdout has. */
    foldDays: z.number().int().positive().optional(),
    /** Default of a `regression`: `rmse`. */
    metric: z.enum(TUNING_METRICS).default('log_loss'),
    /** The first trials are drawn at random. */
    randomTrials: z.number().int().min(1).default(10),
    /** A trial may be given up after so many of its folds, once so many trials are complete; folds as many as `folds`: never. */
    pruneAfter: z
      .object({ trials: z.number().int().min(1).default(5), folds: z.number().int().min(1).default(1) })
      .readonly()
      .prefault({}),
  })
  .readonly();
export type TuningPlan = z.infer<typeof TuningPlan>;
