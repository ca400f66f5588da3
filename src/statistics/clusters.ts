// Intervals and tests for rows that come in clusters (the days of a holdout), where rows of one day err together and the
// usual row-wise formulas would be far too sure. Invariant: only clusters count as independent; every t has clusters - 1 degrees.
import { studentTCdf, studentTQuantile } from './distributions';
import { requireSameLength } from './inputs';

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

/** Names of clusters to 0, 1, 2 ... by first appearance. */
function numberClusters(names: ArrayLike<number | string>): { readonly ofRow: Uint32Array; readonly count: number } {
  const numbers = new Map<number | string, number>();
  const ofRow = new Uint32Array(names.length);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i]!;
    let number = numbers.get(name);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(name, number);
    }
    ofRow[i] = number;
  }
  return { ofRow, count: numbers.size };
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

/** What {@link pairedClusterTest} found. Every difference is B minus A: negative when B is better. */
export interface PairedClusterTest {
  readonly meanDifference: number;
  readonly standardError: number;
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** Against the alternative that B's mean loss is smaller than A's: small when B is better. */
  readonly pOneSided: number;
  readonly pTwoSided: number;
  /** Two-sided interval of the mean difference at the level asked for. */
  readonly low: number;
  readonly high: number;
  /** Rows. */
  readonly n: number;
  readonly clusters: number;
}

/**
 * Paired t test of the mean row loss of B against A on the same rows, robust to clusters of any size (Liang and Zeger 1986; the
 * mean as a ratio of cluster totals to cluster sizes, linearised): standard error = sqrt(G/(G - 1) x sum over clusters of
 * (sum of (row difference - mean difference))^2) / n. It equals least squares on a constant with clustered covariance.
 *
 * Fewer than 2 clusters, no rows, or a NaN loss: all but `n`, `clusters`, degrees and what is known of the mean are NaN, so that no
 * comparison of a p value passes. All differences zero: t 0, one-sided p 0.5, two-sided p 1. A standard error of
 * exactly 0 with another mean: t is infinite.
 * @param clusters the cluster of each row, such as its day.
 * @param level of the interval, in (0, 1).
 * @throws UnderstudyError `INTERNAL` when the arrays differ in length.
 */
export function pairedClusterTest(
  lossA: ArrayLike<number>,
  lossB: ArrayLike<number>,
  clusters: ArrayLike<number | string>,
  level = 0.95,
): PairedClusterTest {
  const n = lossA.length;
  requireSameLength('paired cluster test', { lossA: n, lossB: lossB.length, clusters: clusters.length });
  const { ofRow, count } = numberClusters(clusters);
  const totals = Array.from({ length: count }, () => ({ rows: 0, difference: 0 }));
  for (let i = 0; i < n; i += 1) {
    const total = totals[ofRow[i]!]!;
    total.rows += 1;
    total.difference += lossB[i]! - lossA[i]!;
  }
  return clusterTotalsTest(totals, level);
}

/** Rows of one cluster and the sum of their differences (B minus A). */
export interface ClusterTotal {
  readonly rows: number;
  readonly difference: number;
}

/** {@link pairedClusterTest} from what it needs to know of each cluster: for windows whose rows were added up day by day. */
export function clusterTotalsTest(totals: readonly ClusterTotal[], level = 0.95): PairedClusterTest {
  const count = totals.length;
  const n = totals.reduce((sum, total) => sum + total.rows, 0);
  const meanDifference = totals.reduce((sum, total) => sum + total.difference, 0) / n;
  const squares = totals.reduce((sum, total) => sum + (total.difference - total.rows * meanDifference) ** 2, 0);
  const degreesOfFreedom = Math.max(count - 1, 0);
  const standardError = count < 2 ? Number.NaN : Math.sqrt((count / (count - 1)) * squares) / n;
  const t = standardError === 0 && meanDifference === 0 ? 0 : meanDifference / standardError;
  const halfWidth = studentTQuantile((1 + level) / 2, degreesOfFreedom) * standardError;
  return {
    meanDifference,
    standardError,
    t,
    degreesOfFreedom,
    pOneSided: studentTCdf(t, degreesOfFreedom),
    pTwoSided: 2 * studentTCdf(-Math.abs(t), degreesOfFreedom),
    low: meanDifference - halfWidth,
    high: meanDifference + halfWidth,
    n,
    clusters: count,
  };
}
