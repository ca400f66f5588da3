// What is measured of one version's predictions: metrics with intervals, slices, groups. The same predictions give the same numbers.
import type { Estimate, Measures, MetricSet, SliceMetrics } from '../../domain/evaluation';
import type { FairnessPlan } from '../../domain/evaluation-plan';
import type { GroupGap } from '../../domain/gates/absolute';
import type { ModelPlan } from '../../domain/plan';
import type { MatrixRows } from '../../data/snapshot/read-matrix';
import { evaluateBinary } from '../../statistics/metrics/binary/evaluate';
import { logLoss } from '../../statistics/metrics/binary/probabilities';
import { groupGap, type GroupedRows } from '../../statistics/metrics/group-gap';
import { clusterInterval } from '../../statistics/significance/cluster-intervals';
import { slicesOf, type JudgedRows, type JudgedSet } from './rows';

/** Probabilities on each set, in the order of its rows. */
export type Predictions = Readonly<Record<JudgedSet, Float32Array>>;

/** JSON knows no NaN: what cannot be computed is null. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

export function estimate({ value, low, high }: { value: number; low: number; high: number }): Estimate {
  return { value: finite(value), low: finite(low), high: finite(high) };
}

/** Metrics of both sets and the slices of the holdout. */
export function measure(
  plan: ModelPlan,
  rows: Readonly<Record<JudgedSet, JudgedRows>>,
  predictions: Predictions,
): Pick<Measures, 'holdout' | 'truth' | 'slices'> {
  return {
    holdout: metricSet(rows.holdout, predictions.holdout),
    truth: metricSet(rows.truth, predictions.truth),
    slices: sliceMetrics(plan, rows.holdout, predictions.holdout),
  };
}

function metricSet({ labels, days }: JudgedRows, predictions: Float32Array): MetricSet {
  const { n, clusters, positives, ...metrics } = evaluateBinary(labels, predictions, days);
  return {
    n,
    days: clusters,
    positives,
    metrics: {
      log_loss: estimate(metrics.log_loss),
      roc_auc: estimate(metrics.roc_auc),
      pr_auc: estimate(metrics.pr_auc),
      brier: estimate(metrics.brier),
      ece: estimate(metrics.ece),
      accuracy: estimate(metrics.accuracy),
    },
  };
}

/** Log loss on each value of the declared categories that has enough rows. */
function sliceMetrics({ evaluation }: ModelPlan, rows: JudgedRows, predictions: Float32Array): SliceMetrics[] {
  const { slices } = slicesOf(rows, evaluation.slices, evaluation.sliceMinRows);
  return slices.flatMap(({ column, value, rows: members }) => {
    if (value === null) return [];
    const pick = (values: ArrayLike<number>): number[] => members.map((row) => values[row]!);
    const interval = clusterInterval(logLoss, pick(rows.labels), pick(predictions), pick(rows.days));
    return [{ column, value, n: members.length, logLoss: estimate(interval) }];
  });
}

/** What predicting the training rows' share of positives for every row would lose. */
export function baseRateOf(
  train: Pick<MatrixRows, 'labels'>,
  rows: Readonly<Record<JudgedSet, JudgedRows>>,
): Measures['baseRate'] {
  let positives = 0;
  for (const label of train.labels) positives += label;
  const rate = positives / train.labels.length;
  const constant = (set: JudgedRows): number => logLoss(set.labels, new Float64Array(set.rows).fill(rate));
  return { rate, holdoutLogLoss: constant(rows.holdout), truthLogLoss: constant(rows.truth) };
}

/** The rows by the groups of a column; null: the snapshot has no such category. */
export function groupedRows(rows: JudgedRows, column: string): GroupedRows | null {
  const groups = rows.category(column);
  return groups && { labels: rows.labels, groups, days: rows.days };
}

/** The declared gaps on the holdout. One that cannot be had has null, which no gate passes. */
export function gapsOf(
  fairness: readonly FairnessPlan[],
  rows: JudgedRows,
  predictions: Float32Array,
): readonly GroupGap[] {
  return fairness.map((plan) => {
    const grouped = groupedRows(rows, plan.column);
    if (!grouped)
      return { plan, value: null, low: null, high: null, n: 0, days: 0, lowest: null, highest: null, tooSmall: [] };
    const found = groupGap(grouped, predictions, plan);
    const isKnown = finite(found.value) !== null;
    return {
      plan,
      ...estimate(found),
      n: found.n,
      days: found.days,
      lowest: isKnown ? groupName(found.lowest) : null,
      highest: isKnown ? groupName(found.highest) : null,
      tooSmall: found.tooSmall.map(({ group, n }) => ({ group: groupName(group), n })),
    };
  });
}

function groupName(group: string | number | boolean | null): string {
  return group === null ? '(missing)' : String(group);
}
