// What is measured of one version's predictions: metrics with intervals, slices, groups. The same predictions give the same numbers.
import type { Measures, MetricSet, SliceMetrics } from '../../domain/evaluation/evaluation';
import type { FairnessPlan } from '../../domain/plan/evaluation-plan';
import type { GroupGap } from '../../domain/gates/absolute';
import type { ModelPlan } from '../../domain/plan/plan';
import type { MatrixRows } from '../../data/snapshot/read-matrix';
import { logLoss } from '../../statistics/metrics/binary/probabilities';
import { groupGap, type GroupedRows } from '../../statistics/metrics/group-gap';
import { clusterMeanInterval } from '../../statistics/metrics/intervals/means';
import { rowLossOf } from '../../statistics/metrics/row-loss';
import { clusterInterval } from '../../statistics/significance/cluster-intervals';
import { estimate, finite } from './estimates';
import { slicesOf, type JudgedRows, type JudgedSet } from './rows';
import { baseRateOfTask, setOfTask } from './task-measures';

/** Predictions on each set, row by row in the order of its rows. */
export type Predictions = Readonly<Record<JudgedSet, Float32Array>>;

/** Metrics of both sets and the slices of the holdout. `named`: metrics besides those of the plan and of every evaluation. */
export function measure(
  plan: ModelPlan,
  rows: Readonly<Record<JudgedSet, JudgedRows>>,
  predictions: Predictions,
  named: readonly string[] = [],
): Pick<Measures, 'task' | 'classes' | 'holdout' | 'truth' | 'slices'> {
  const { task, classes } = rows.holdout.target;
  const metrics = [...metricsOfPlan(plan), ...named];
  const of = (set: JudgedSet): MetricSet => setOfTask(rows[set], predictions[set], metrics);
  return {
    ...(task !== 'binary' && { task }),
    ...(classes && { classes }),
    holdout: of('holdout'),
    truth: of('truth'),
    slices: sliceMetrics(plan, rows.holdout, predictions.holdout),
  };
}

/** What the plan's rank and gates look at. */
export function metricsOfPlan({ evaluation }: Pick<ModelPlan, 'evaluation'>): string[] {
  const { primary, gates, production } = evaluation;
  return [primary, ...[...gates, ...(production?.gates ?? [])].map(({ metric }) => metric)];
}

/** Mean row loss on each value of the declared categories that has enough rows. */
function sliceMetrics({ evaluation }: ModelPlan, rows: JudgedRows, predictions: Float32Array): SliceMetrics[] {
  const { slices } = slicesOf(rows, evaluation.slices, evaluation.sliceMinRows);
  const isPlain = rows.target.task === 'binary' && rows.weights === undefined;
  const losses = isPlain ? null : rowLossOf(rows)(rows.labels, predictions);
  return slices.flatMap(({ column, value, rows: members }) => {
    if (value === null) return [];
    const pick = (values: ArrayLike<number>): number[] => members.map((row) => values[row]!);
    const clusters = pick(rows.days);
    const interval = losses
      ? clusterMeanInterval(pick(losses), { clusters, weights: rows.weights && pick(rows.weights) })
      : clusterInterval(logLoss, pick(rows.labels), pick(predictions), clusters);
    return [{ column, value, n: members.length, logLoss: estimate(interval) }];
  });
}

/**
 * What predicting the best constant of the training rows for every row would lose: their share of positives, shares of classes, or mean. Training
 * rows with weights are counted by them.
 */
export function baseRateOf(
  train: Pick<MatrixRows, 'labels'> & { readonly weights?: Float32Array | undefined },
  rows: Readonly<Record<JudgedSet, JudgedRows>>,
): Measures['baseRate'] {
  if (rows.holdout.target.task !== 'binary') return baseRateOfTask(train, rows);
  let [positives, total] = [0, 0];
  train.labels.forEach((label, row) => {
    const weight = train.weights === undefined ? 1 : train.weights[row]!;
    positives += weight * label;
    total += weight;
  });
  const rate = positives / total;
  const constant = (set: JudgedRows): number => logLoss(set.labels, new Float64Array(set.rows).fill(rate), set.weights);
  return { rate, holdoutLogLoss: constant(rows.holdout), truthLogLoss: constant(rows.truth) };
}

/** The rows by the groups of a column; null: the snapshot has no such category. */
export function groupedRows(rows: JudgedRows, column: string): GroupedRows | null {
  const groups = rows.category(column);
  return groups && { labels: rows.labels, groups, days: rows.days, weights: rows.weights };
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
