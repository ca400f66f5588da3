// The named metrics of a binary task and their evaluation on rows that come in clusters (days).
// Invariant: the names are those that a plan may ask for; the compiler refuses a table that lacks one.
import type { MetricName } from '../../../domain/plan/plan';
import { expectedCalibrationError } from './calibration';
import { accuracy, brierScore, logLoss } from './probabilities';
import { clusterIntervals, type Metric } from '../../significance/cluster-intervals';
import { averagePrecision, rocAuc } from './ranking';

/** One named metric: which direction is better, and its value on labels (0, 1) and probabilities of 1. */
export interface BinaryMetric {
  readonly name: MetricName;
  readonly direction: 'lower' | 'higher';
  readonly compute: Metric;
}

/** All metrics of a binary task by name. `ece` has 10 equal bins (a, b]; `accuracy` cuts at 0.5; `pr_auc` is average precision. */
export const BINARY_METRICS = {
  log_loss: { name: 'log_loss', direction: 'lower', compute: (labels, p) => logLoss(labels, p) },
  roc_auc: { name: 'roc_auc', direction: 'higher', compute: rocAuc },
  pr_auc: { name: 'pr_auc', direction: 'higher', compute: averagePrecision },
  brier: { name: 'brier', direction: 'lower', compute: brierScore },
  ece: {
    name: 'ece',
    direction: 'lower',
    compute: (labels, probabilities) => expectedCalibrationError(labels, probabilities),
  },
  accuracy: { name: 'accuracy', direction: 'higher', compute: accuracy },
} as const satisfies { readonly [Name in MetricName]: BinaryMetric & { readonly name: Name } };

/** A metric's value and two-sided interval; NaN for what cannot be had (JSON has no NaN: records hold null there). */
export interface MetricEstimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Every metric of one set of rows, with the numbers of rows, clusters and positive rows behind them. */
export type BinaryEvaluation = Readonly<Record<MetricName, MetricEstimate>> & {
  readonly n: number;
  readonly clusters: number;
  readonly positives: number;
};

/**
 * Every metric of {@link BINARY_METRICS} with its delete-one-cluster jackknife interval. No rows: every number NaN; one class: the
 * ranking metrics NaN as they document; fewer than 2 clusters: bounds NaN. The jackknife's interval of `ece` is rough: its value is
 * an absolute amount, biased upwards when rows are few.
 * @param clusters the cluster of each row, such as its day.
 * @param level of the intervals, in (0, 1).
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function evaluateBinary(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  clusters: ArrayLike<number | string>,
  level = 0.95,
): BinaryEvaluation {
  const metrics: readonly BinaryMetric[] = Object.values(BINARY_METRICS);
  const computes = metrics.map((metric) => metric.compute);
  const intervals = clusterIntervals(computes, labels, probabilities, clusters, level);
  const estimates = metrics.map(({ name }, i) => {
    const { value, low, high } = intervals[i]!;
    return [name, { value, low, high }] as const;
  });
  return {
    ...(Object.fromEntries(estimates) as Record<MetricName, MetricEstimate>),
    n: labels.length,
    clusters: intervals[0]!.clusters,
    positives: Array.from(labels).filter((label) => label === 1).length,
  };
}
