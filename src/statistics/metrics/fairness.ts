// Fairness of a binary model between declared groups of rows: rates of yes answers by group, and the gaps between groups.
// Invariant: a rate takes part in a gap only with at least `minRows` rows behind it; groups left out are named.
import type { MetricRef } from '../../domain/evaluation/metrics';
import { inspectBinary, requireSameLength, requireThat, type Weights } from '../inputs';
import { gapBetween, type Gap, type OfGroup } from './gaps';
import { clusterMeanInterval } from './intervals/means';
import { wilsonInterval } from './intervals/proportions';
import { rowsByGroup, type RowsOf } from './rows';
import { sliceMetric, type SliceValue } from './slices';

/** How answers are made and groups judged. */
export interface FairnessOptions {
  /** A probability of at least this is a yes; 0.5 by default. */
  readonly threshold?: number | undefined;
  /** A group's rate with fewer rows behind it is not compared: all rows, positive rows or negative rows, by rate. At least 1. */
  readonly minRows: number;
  /** The cluster of each row, such as its day; left out: rows are taken to be independent. */
  readonly clusters?: ArrayLike<number | string> | undefined;
  /** In (0, 1); 0.95 by default. */
  readonly level?: number | undefined;
  /** Of the bootstrap, where an interval needs it; 1 by default. */
  readonly seed?: number | undefined;
}

/** A rate by group, the gap between groups, and the groups whose rate has too few rows behind it. */
export interface RateByGroup {
  readonly groups: readonly OfGroup[];
  readonly tooSmall: readonly { readonly slice: SliceValue; readonly n: number }[];
  readonly gap: Gap;
}

/** What {@link fairnessBetween} found. Every gap is 0 for perfect parity. */
export interface Fairness {
  /** Share of yes answers: demographic parity (difference and ratio). */
  readonly selectionRate: RateByGroup;
  /** Share of yes among positive rows: equal opportunity (Hardt, Price and Srebro 2016). */
  readonly truePositiveRate: RateByGroup;
  /** Share of yes among negative rows. */
  readonly falsePositiveRate: RateByGroup;
  /** Equalized odds: the greater of the gaps of both rates (fairlearn `equalized_odds_difference`); null when one is not known. */
  readonly equalizedOdds: Gap;
  readonly accuracy: RateByGroup;
  readonly rocAuc: RateByGroup;
  readonly threshold: number;
  readonly minRows: number;
}

/**
 * Rates of yes answers and the quality of scores by group, with the gaps between the groups that fare best and worst (fairlearn
 * `MetricFrame`, `difference` between groups). Intervals: Wilson's for unweighted independent rows, cluster-robust t else; of ROC AUC
 * as `estimateMetric`.
 * @param groups the group of each row; null (not declared) is a group of its own.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, a NaN probability, different lengths, or bad weights.
 */
export function fairnessBetween(
  rows: RowsOf['binary'],
  groups: ArrayLike<SliceValue>,
  options: FairnessOptions,
): Fairness {
  const { threshold = 0.5, minRows } = options;
  const { labels, probabilities, weights } = rows;
  requireThat(minRows >= 1, 'fairness', `minRows ${String(minRows)}`, 'at least 1');
  const { hasNaN } = inspectBinary('fairness', labels, probabilities, weights);
  requireThat(!hasNaN, 'fairness', 'a probability that is NaN', 'numbers');
  if (options.clusters) requireSameLength('fairness', { rows: labels.length, clusters: options.clusters.length });
  const byGroup = rowsByGroup('fairness', labels.length, groups);
  const isYes = (row: number): boolean => probabilities[row]! >= threshold;
  const rate = (ofRow: (row: number) => boolean, among: (row: number) => boolean): RateByGroup =>
    rateByGroup(byGroup, ofRow, among, weights, options);
  const truePositiveRate = rate(isYes, (row) => labels[row] === 1);
  const falsePositiveRate = rate(isYes, (row) => labels[row] === 0);
  return {
    selectionRate: rate(isYes, () => true),
    truePositiveRate,
    falsePositiveRate,
    equalizedOdds: worstOf(truePositiveRate.gap, falsePositiveRate.gap),
    accuracy: rate(
      (row) => isYes(row) === (labels[row] === 1),
      () => true,
    ),
    rocAuc: rocAucByGroup(rows, groups, options),
    threshold,
    minRows,
  };
}

function rateByGroup(
  byGroup: ReadonlyMap<SliceValue, readonly number[]>,
  ofRow: (row: number) => boolean,
  among: (row: number) => boolean,
  weights: Weights | undefined,
  { minRows, clusters, level = 0.95 }: FairnessOptions,
): RateByGroup {
  const all = [...byGroup].map(([slice, members]) => {
    const behind = members.filter(among);
    const isIn = behind.map((row) => (ofRow(row) ? 1 : 0));
    const { value, low, high } =
      weights === undefined && clusters === undefined
        ? wilsonInterval(
            isIn.reduce<number>((sum, each) => sum + each, 0),
            behind.length,
            level,
          )
        : clusterMeanInterval(isIn, {
            level,
            clusters: clusters && behind.map((row) => clusters[row]!),
            weights: weights && behind.map((row) => weights[row]!),
          });
    return { slice, value: finite(value), low: finite(low), high: finite(high), n: behind.length };
  });
  return compared(
    all.filter(({ n }) => n >= minRows),
    all.filter(({ n }) => n < minRows),
  );
}

const ROC_AUC: MetricRef<'binary'> = { task: 'binary', name: 'roc_auc', parameter: null };

function rocAucByGroup(rows: RowsOf['binary'], groups: ArrayLike<SliceValue>, options: FairnessOptions): RateByGroup {
  const { minRows, clusters, level, seed } = options;
  const sliced = sliceMetric(ROC_AUC, rows, groups, { minRows, clusters, level, seed });
  return compared(sliced.slices, sliced.tooSmall);
}

function compared(groups: readonly OfGroup[], tooSmall: readonly { slice: SliceValue; n: number }[]): RateByGroup {
  return {
    groups: groups.map(({ slice, value, low, high, n }) => ({ slice, value, low, high, n })),
    tooSmall: tooSmall.map(({ slice, n }) => ({ slice, n })),
    gap: gapBetween(groups),
  };
}

function worstOf(a: Gap, b: Gap): Gap {
  if (a.value === null) return a;
  if (b.value === null) return b;
  return a.value >= b.value ? a : b;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
