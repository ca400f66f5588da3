// Intervals of metrics for rows that come in clusters (the days of a holdout), where rows of one day err together and the
// usual row-wise formulas would be far too sure. Invariant: only clusters count as independent; every t has clusters - 1 degrees.
import { studentTQuantile } from '../distributions';
import { requireSameLength } from '../inputs';
import { numberClusters } from './numbered-clusters';

/** A metric of a whole set of rows. It must not depend on the order of the rows. */
export type Metric = (labels: ArrayLike<number>, probabilities: ArrayLike<number>) => number;

/** A metric with its two-sided interval. Bounds are not cut off at the metric's range. */
export interface ClusterInterval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Rows. */
  readonly n: number;
  readonly clusters: number;
}

/**
 * Intervals of several metrics on the same rows by the delete-one-cluster jackknife (Efron and Tibshirani 1993, chapter 11):
 * value -/+ t x sqrt((G - 1)/G x sum of (value without cluster g - mean of these)^2), t with G - 1 degrees of freedom.
 *
 * Bounds are NaN with fewer than 2 clusters, and when the metric is NaN on all rows or without one cluster (as ROC AUC is when
 * one cluster holds all positives). Cost: each metric once per cluster; rows are sorted by probability only once, which the
 * ranking metrics notice.
 * @param clusters the cluster of each row, such as its day.
 * @param level share of intervals that should hold the true value, in (0, 1).
 * @throws UnderstudyError `INTERNAL` when the arrays differ in length.
 */
export function clusterIntervals(
  metrics: readonly Metric[],
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  clusters: ArrayLike<number | string>,
  level = 0.95,
): ClusterInterval[] {
  const n = labels.length;
  requireSameLength('cluster interval', { labels: n, probabilities: probabilities.length, clusters: clusters.length });
  const { ofRow, count } = numberClusters(clusters);
  const values = metrics.map((metric) => metric(labels, probabilities));
  const withoutCluster = metrics.map(() => new Float64Array(count));
  if (count >= 2) {
    const order = new Uint32Array(n).map((_, i) => i).sort((a, b) => probabilities[b]! - probabilities[a]! || 0);
    const keptLabels = new Uint8Array(n);
    const keptProbabilities = new Float64Array(n);
    for (let cluster = 0; cluster < count; cluster += 1) {
      let kept = 0;
      for (const row of order) {
        if (ofRow[row] === cluster) continue;
        keptLabels[kept] = labels[row]!;
        keptProbabilities[kept] = probabilities[row]!;
        kept += 1;
      }
      metrics.forEach((metric, m) => {
        withoutCluster[m]![cluster] = metric(keptLabels.subarray(0, kept), keptProbabilities.subarray(0, kept));
      });
    }
  }
  const t = studentTQuantile((1 + level) / 2, count - 1);
  return values.map((value, m) => {
    const mean = withoutCluster[m]!.reduce((sum, other) => sum + other, 0) / count;
    const squares = withoutCluster[m]!.reduce((sum, other) => sum + (other - mean) ** 2, 0);
    const halfWidth = t * Math.sqrt(((count - 1) / count) * squares);
    return { value, low: value - halfWidth, high: value + halfWidth, n, clusters: count };
  });
}

/** {@link clusterIntervals} of one metric. */
export function clusterInterval(
  metric: Metric,
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  clusters: ArrayLike<number | string>,
  level = 0.95,
): ClusterInterval {
  return clusterIntervals([metric], labels, probabilities, clusters, level)[0]!;
}
