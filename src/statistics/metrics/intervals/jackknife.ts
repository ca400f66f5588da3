// The interval of any metric on rows that come in clusters, by leaving out one cluster at a time.
import { studentTQuantile } from '../../distributions';
import { inspectWeights, requireSameLength, type Weights } from '../../inputs';
import { numberClusters } from '../../significance/numbered-clusters';
import type { OfWeights } from '../binary/ranking';
import type { Interval } from './interval';

/**
 * Delete-one-cluster jackknife (Efron and Tibshirani 1993, chapter 11): value -/+ t x sqrt((G - 1)/G x sum of (value without cluster
 * g - mean of these)^2), t with G - 1 degrees of freedom. A cluster is left out by giving its rows the weight 0, so rows are prepared
 * (sorted) once. Clusters without weight do not count. Right for smooth metrics; rough for medians and for ECE, whose value is an amount biased upwards when rows are few.
 * Bounds are NaN with fewer than 2 clusters, and when the metric is NaN without one of them.
 * @param clusters the cluster of each row, such as its day.
 * @throws UnderstudyError `INTERNAL` on different lengths, bad weights, or what the metric refuses.
 */
export function clusterJackknife(
  metric: OfWeights,
  clusters: ArrayLike<number | string>,
  options: { readonly weights?: Weights | undefined; readonly level?: number | undefined } = {},
): Interval {
  const { weights, level = 0.95 } = options;
  const n = clusters.length;
  if (weights !== undefined) requireSameLength('cluster jackknife', { clusters: n, weights: weights.length });
  inspectWeights('cluster jackknife', n, weights);
  const { ofRow } = numberClusters(clusters);
  const weighing = [...new Set(ofRow.filter((_, i) => weights?.[i] !== 0))];
  const count = weighing.length;
  const value = metric(weights);
  const kept = new Float64Array(n);
  const without = Float64Array.from(count < 2 ? [] : weighing, (cluster) => {
    for (let i = 0; i < n; i += 1) kept[i] = ofRow[i] === cluster ? 0 : (weights?.[i] ?? 1);
    return metric(kept);
  });
  const mean = without.reduce((sum, other) => sum + other, 0) / count;
  const squares = without.reduce((sum, other) => sum + (other - mean) ** 2, 0);
  const halfWidth = studentTQuantile((1 + level) / 2, count - 1) * Math.sqrt(((count - 1) / count) * squares);
  return {
    value,
    low: value - halfWidth,
    high: value + halfWidth,
    level,
    method: 'cluster-jackknife',
    n,
    clusters: count,
  };
}
