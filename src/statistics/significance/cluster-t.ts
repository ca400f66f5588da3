// The paired t test for rows that come in clusters (the days of a holdout), where rows of one day err together.
// Invariant: only clusters count as independent; t has clusters - 1 degrees.
import { studentTCdf, studentTQuantile } from '../distributions';
import { inspectWeights, requireSameLength, type Weights } from '../inputs';
import { numberClusters } from './numbered-clusters';

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
  return clusterTotalsTest(clusterTotals(lossA, lossB, clusters), level);
}

/** Rows of one cluster and the sum of their differences (B minus A). */
export interface ClusterTotal {
  readonly rows: number;
  readonly difference: number;
  /** Sum of the weights of its rows, where they have some; `difference` is then the sum of weight x difference. Absent: every row weighs 1. */
  readonly weight?: number;
}

/** What a cluster counts for: the weight of its rows, or their number. */
export function weightOfTotal({ rows, weight }: ClusterTotal): number {
  return weight ?? rows;
}

/**
 * The totals of each cluster, by first appearance. With weights a row of weight 0 is as good as absent, and so is a cluster of such rows; all
 * statistics of weighted totals are those of `clusterMeanInterval` with the same weights.
 * @throws UnderstudyError `INTERNAL` when the arrays differ in length, or on bad weights.
 */
export function clusterTotals(
  lossA: ArrayLike<number>,
  lossB: ArrayLike<number>,
  clusters: ArrayLike<number | string>,
  weights?: Weights,
): ClusterTotal[] {
  const n = lossA.length;
  requireSameLength('paired cluster test', { lossA: n, lossB: lossB.length, clusters: clusters.length });
  const { ofRow, count } = numberClusters(clusters);
  if (weights !== undefined) {
    inspectWeights('paired cluster test', n, weights);
    const totals = Array.from({ length: count }, () => ({ rows: 0, difference: 0, weight: 0 }));
    for (let i = 0; i < n; i += 1) {
      const total = totals[ofRow[i]!]!;
      const difference = lossB[i]! - lossA[i]!;
      if (weights[i]! === 0 && !Number.isNaN(difference)) continue;
      total.rows += 1;
      total.weight += weights[i]!;
      total.difference += weights[i]! * difference;
    }
    return totals.filter(({ rows }) => rows > 0);
  }
  const totals = Array.from({ length: count }, () => ({ rows: 0, difference: 0 }));
  for (let i = 0; i < n; i += 1) {
    const total = totals[ofRow[i]!]!;
    total.rows += 1;
    total.difference += lossB[i]! - lossA[i]!;
  }
  return totals;
}

/** The t of {@link pairedClusterTest} with what it is made of; the same values are NaN. */
export interface ClusterStatistic {
  readonly meanDifference: number;
  readonly standardError: number;
  readonly t: number;
  readonly degreesOfFreedom: number;
}

/** The statistic alone, for those who compare it with a critical value of their own: p and interval take a hundred times as long. */
export function clusterStatistic(totals: readonly ClusterTotal[]): ClusterStatistic {
  const count = totals.length;
  const all = totals.reduce((sum, total) => sum + weightOfTotal(total), 0);
  const meanDifference = totals.reduce((sum, total) => sum + total.difference, 0) / all;
  const squares = totals.reduce(
    (sum, total) => sum + (total.difference - weightOfTotal(total) * meanDifference) ** 2,
    0,
  );
  const standardError = count < 2 ? Number.NaN : Math.sqrt((count / (count - 1)) * squares) / all;
  const t = standardError === 0 && meanDifference === 0 ? 0 : meanDifference / standardError;
  return { meanDifference, standardError, t, degreesOfFreedom: Math.max(count - 1, 0) };
}

function rowsOf(totals: readonly ClusterTotal[]): number {
  return totals.reduce((sum, total) => sum + total.rows, 0);
}

/** {@link pairedClusterTest} from what it needs to know of each cluster: for windows whose rows were added up day by day. */
export function clusterTotalsTest(totals: readonly ClusterTotal[], level = 0.95): PairedClusterTest {
  const statistic = clusterStatistic(totals);
  const { meanDifference, standardError, t, degreesOfFreedom } = statistic;
  const halfWidth = studentTQuantile((1 + level) / 2, degreesOfFreedom) * standardError;
  return {
    ...statistic,
    pOneSided: studentTCdf(t, degreesOfFreedom),
    pTwoSided: 2 * studentTCdf(-Math.abs(t), degreesOfFreedom),
    low: meanDifference - halfWidth,
    high: meanDifference + halfWidth,
    n: rowsOf(totals),
    clusters: totals.length,
  };
}
