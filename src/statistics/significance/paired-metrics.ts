// The difference of two models in any metric on the same rows, with an interval for rows that come in clusters (the days of a holdout).
// Invariant: only clusters count as independent; t has clusters - 1 degrees.
import { studentTQuantile } from '../distributions';
import { requireSameLength } from '../inputs';
import type { ClusterInterval, Metric } from './cluster-intervals';
import { numberClusters } from './numbered-clusters';

/**
 * Metric of B minus metric of A with the delete-one-cluster jackknife's interval (Efron and Tibshirani 1993, chapter 11; as `clusterIntervals`).
 * Fewer than 2 clusters, or a metric that is NaN on all rows or without one cluster: NaN bounds.
 * @param level share of intervals that should hold the true difference, in (0, 1).
 * @throws UnderstudyError `INTERNAL` when the arrays differ in length.
 */
export function pairedMetricInterval(
  metric: Metric,
  labels: ArrayLike<number>,
  { a, b }: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> },
  clusters: ArrayLike<number | string>,
  level = 0.95,
): ClusterInterval {
  const n = labels.length;
  requireSameLength('paired metric', { labels: n, a: a.length, b: b.length, clusters: clusters.length });
  const { ofRow, count } = numberClusters(clusters);
  const without = (cluster: number): number => {
    const rows = Uint32Array.from({ length: n }, (_, row) => row).filter((row) => ofRow[row] !== cluster);
    const pick = (values: ArrayLike<number>): Float64Array => Float64Array.from(rows, (row) => values[row]!);
    const kept = pick(labels);
    return metric(kept, pick(b)) - metric(kept, pick(a));
  };
  const value = metric(labels, b) - metric(labels, a);
  const bounds = jackknifeBounds(value, count < 2 ? [] : Array.from({ length: count }, (_, g) => without(g)), level);
  return { value, ...bounds, n, clusters: count };
}

/** value -/+ t x sqrt((G - 1)/G x sum of (value without cluster g - mean of these)^2); NaN with fewer than 2 clusters. */
export function jackknifeBounds(
  value: number,
  withoutEach: readonly number[],
  level = 0.95,
): { readonly low: number; readonly high: number } {
  const count = withoutEach.length;
  if (count < 2) return { low: Number.NaN, high: Number.NaN };
  const mean = withoutEach.reduce((sum, each) => sum + each, 0) / count;
  const squares = withoutEach.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const halfWidth = studentTQuantile((1 + level) / 2, count - 1) * Math.sqrt(((count - 1) / count) * squares);
  return { low: value - halfWidth, high: value + halfWidth };
}
