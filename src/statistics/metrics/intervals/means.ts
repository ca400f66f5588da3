// The interval of a mean over rows that come in clusters (days), or over independent rows.
import { inspectWeights, requireSameLength, type Weights } from '../../inputs';
import { clusterTotalsTest } from '../../significance/cluster-t';
import { numberClusters } from '../../significance/numbered-clusters';
import type { Interval } from './interval';

/** How rows hang together, and how sure the interval shall be. */
export interface ClusterOptions {
  /** The cluster of each row, such as its day; left out: every row is independent. */
  readonly clusters?: ArrayLike<number | string> | undefined;
  readonly weights?: Weights | undefined;
  /** In (0, 1); 0.95 by default. */
  readonly level?: number | undefined;
}

/**
 * Weighted mean with the t interval that is robust to clusters of any size (Liang and Zeger 1986): standard error =
 * sqrt(G/(G - 1) x sum over clusters of (sum of weight x (value - mean))^2) / sum of weights, t with G - 1 degrees of freedom
 * (statsmodels `WLS` on a constant, `cov_type='cluster'`). Without clusters and weights it is the usual t interval of a mean.
 * Clusters without weight do not count. Value and bounds NaN without weight and when a value is NaN; bounds with fewer than 2 clusters.
 * @throws UnderstudyError `INTERNAL` on different lengths or bad weights.
 */
export function clusterMeanInterval(values: ArrayLike<number>, options: ClusterOptions = {}): Interval {
  const { clusters, weights, level = 0.95 } = options;
  const n = values.length;
  if (clusters !== undefined) requireSameLength('cluster mean', { values: n, clusters: clusters.length });
  inspectWeights('cluster mean', n, weights);
  const { ofRow, count } = clusters === undefined ? { ofRow: null, count: n } : numberClusters(clusters);
  const weightOf = new Float64Array(count);
  const sumOf = new Float64Array(count);
  for (let i = 0; i < n; i += 1) {
    const cluster = ofRow === null ? i : ofRow[i]!;
    const weight = weights === undefined ? 1 : weights[i]!;
    if (weight === 0 && !Number.isNaN(values[i]!)) continue;
    weightOf[cluster]! += weight;
    sumOf[cluster]! += weight * values[i]!;
  }
  const totals = Array.from(weightOf, (rows, i) => ({ rows, difference: sumOf[i]! })).filter(
    ({ rows, difference }) => rows > 0 || Number.isNaN(difference),
  );
  const { meanDifference, low, high } = clusterTotalsTest(totals, level);
  const independent = clusters === undefined ? null : totals.length;
  return { value: meanDifference, low, high, level, method: 'cluster-t', n, clusters: independent };
}
