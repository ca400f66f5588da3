// A metric on rows with its interval, or the reason why it has no value: what gates, slices and reports are made of.
import { metricLabel, type MetricRef, type Task } from '../../domain/evaluation/metrics';
import { confusionAt } from './binary/threshold';
import { bootstrapInterval } from './intervals/bootstrap';
import type { Interval, IntervalMethod } from './intervals/interval';
import { clusterJackknife } from './intervals/jackknife';
import { clusterMeanInterval } from './intervals/means';
import { wilsonInterval } from './intervals/proportions';
import { delongInterval } from './intervals/roc-auc';
import { hasRowValues, prepareMetric, rowMetric } from './registry';
import type { RowsOf } from './rows';
import { whyUndefined, type UndefinedReason } from './undefined';

/** A metric with its interval, as JSON: null for what cannot be had. */
export interface MetricOnRows {
  /** As a plan names it, such as `log_loss` or `precision@0.3`. */
  readonly metric: string;
  readonly value: number | null;
  /** Why `value` is null; null when it is not. */
  readonly undefinedBecause: UndefinedReason | null;
  readonly low: number | null;
  readonly high: number | null;
  /** In (0, 1). */
  readonly level: number;
  readonly method: IntervalMethod;
  readonly n: number;
  /** Clusters (days) that were taken to be independent; null: the rows were. */
  readonly clusters: number | null;
  /** Of the bootstrap; null for other methods. */
  readonly seed: number | null;
}

/** How the interval is made. */
export interface EstimateOptions {
  /** The cluster of each row, such as its day. Left out: rows are taken to be independent, which those of one day are not. */
  readonly clusters?: ArrayLike<number | string> | undefined;
  /** In (0, 1); 0.95 by default. */
  readonly level?: number | undefined;
  /** Of the bootstrap, where it is used; 1 by default. */
  readonly seed?: number | undefined;
}

/** Enough for bounds of a report; tests of differences take more. */
const RESAMPLES = 1000;

/**
 * A metric with a two-sided interval. With clusters: for a mean over rows the cluster-robust t interval, else the jackknife that leaves
 * out one cluster at a time. Without: Wilson's for unweighted shares (accuracy, precision, recall, top-k), DeLong's for an unweighted
 * ROC AUC, t for other means over rows, and the percentile bootstrap (1,000 resamples of rows) for the rest.
 * @throws UnderstudyError `INTERNAL` on labels that are not the task's, different lengths, or bad weights.
 */
export function estimateMetric<T extends Task>(
  metric: MetricRef<T>,
  rows: RowsOf[T],
  options: EstimateOptions = {},
): MetricOnRows {
  const prepared = prepareMetric(metric, rows);
  const value = prepared(rows.weights);
  const interval = intervalOf(metric, rows, prepared, options);
  const isDefined = Number.isFinite(value);
  return {
    metric: metricLabel(metric),
    value: isDefined ? value : null,
    undefinedBecause: isDefined ? null : whyUndefined(metric, rows),
    low: isDefined ? finite(interval.low) : null,
    high: isDefined ? finite(interval.high) : null,
    level: interval.level,
    method: interval.method,
    n: rows.labels.length,
    clusters: interval.clusters,
    seed: 'seed' in interval ? interval.seed : null,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function intervalOf<T extends Task>(
  metric: MetricRef<T>,
  rows: RowsOf[T],
  prepared: ReturnType<typeof prepareMetric>,
  { clusters, level = 0.95, seed = 1 }: EstimateOptions,
): Interval & { readonly seed?: number } {
  const { weights } = rows;
  if (clusters === undefined && weights === undefined) {
    const known = shareOf(metric, rows);
    if (known !== null) return wilsonInterval(known.successes, known.rows, level);
    if (metric.name === 'roc_auc' && 'probabilities' in rows && !('classes' in rows.probabilities)) {
      return delongInterval(rows.labels, rows.probabilities, level);
    }
  }
  if (hasRowValues(metric)) return clusterMeanInterval(rowMetric(metric, rows), { clusters, weights, level });
  if (clusters !== undefined) return clusterJackknife(prepared, clusters, { weights, level });
  return bootstrapInterval(prepared, rows.labels.length, { seed, resamples: RESAMPLES, level, weights });
}

/** The counts behind a metric that is a share of rows; null for others. */
function shareOf<T extends Task>(
  metric: MetricRef<T>,
  rows: RowsOf[T],
): { readonly successes: number; readonly rows: number } | null {
  if (metric.name === 'accuracy' || metric.name === 'top_k_accuracy') {
    const right = rowMetric(metric, rows);
    return { successes: right.reduce((sum, each) => sum + each, 0), rows: right.length };
  }
  if ((metric.name !== 'precision' && metric.name !== 'recall') || !('probabilities' in rows)) return null;
  if ('classes' in rows.probabilities) return null;
  const confusion = confusionAt(rows.labels, rows.probabilities, metric.parameter ?? undefined);
  const { truePositives, falsePositives, falseNegatives } = confusion;
  return {
    successes: truePositives,
    rows: truePositives + (metric.name === 'precision' ? falsePositives : falseNegatives),
  };
}
