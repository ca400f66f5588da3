// The metrics of one set of rows by the task of its labels, and what the best constant of the training rows would lose on it.
// Invariant: a metric that has no value is null, and a name that is no metric of the task is left out: its gate has no number and fails.
import type { Estimate, Measures, MetricSet } from '../../domain/evaluation/evaluation';
import type { LabelStatistics } from '../../domain/evaluation/task';
import { REPORTED_METRICS } from '../../domain/plan/evaluation-plan';
import { UnderstudyError } from '../../domain/failures';
import { factsOf, parseMetric, type MetricNameOf } from '../../domain/evaluation/metrics';
import { evaluateBinary } from '../../statistics/metrics/binary/evaluate';
import { estimateMetric } from '../../statistics/metrics/estimate';
import { clusterMeanInterval } from '../../statistics/metrics/intervals/means';
import { constantPredictions, rowLossOf, rowsOfTask } from '../../statistics/metrics/row-loss';
import { estimate, finite, withinRange } from './estimates';
import { countOf, daysOf, type JudgedRows, type JudgedSet } from './rows';

/** The metrics of every evaluation of the task, then the others that are named, with intervals by day. */
export function setOfTask(set: JudgedRows, predictions: Float32Array, named: readonly string[]): MetricSet {
  const { task, classes } = set.target;
  const reported: readonly string[] = REPORTED_METRICS[task];
  const others = [...new Set(named)].filter((name) => !reported.includes(name));
  if (task === 'binary' && !set.weights) return binarySet(set, predictions, others);
  const shared = {
    n: countOf(set),
    days: daysOf(set),
    metrics: estimates(set, predictions, [...reported, ...others]),
  };
  if (task === 'binary') return { ...shared, positives: countsOf(set, 2)[1]! };
  if (task === 'multiclass') return { ...shared, classRows: countsOf(set, classes?.length ?? 0) };
  const losses = rowLossOf(set)(set.labels, predictions);
  return {
    ...shared,
    labels: momentsOf(set.labels, set.weights),
    rowLoss: estimate(clusterMeanInterval(losses, { clusters: set.days, weights: set.weights })),
  };
}

function binarySet(set: JudgedRows, predictions: Float32Array, others: readonly string[]): MetricSet {
  const ranged = (name: MetricNameOf<'binary'>, found: Estimate) =>
    withinRange(factsOf({ task: 'binary', name }), found);
  const { n, clusters, positives, ...metrics } = evaluateBinary(set.labels, predictions, set.days);
  return {
    n,
    days: clusters,
    positives,
    metrics: {
      log_loss: ranged('log_loss', estimate(metrics.log_loss)),
      roc_auc: ranged('roc_auc', estimate(metrics.roc_auc)),
      pr_auc: ranged('pr_auc', estimate(metrics.pr_auc)),
      brier: ranged('brier', estimate(metrics.brier)),
      ece: ranged('ece', estimate(metrics.ece)),
      accuracy: ranged('accuracy', estimate(metrics.accuracy)),
      ...estimates(set, predictions, others),
    },
  };
}

function estimates(set: JudgedRows, predictions: Float32Array, names: readonly string[]): Record<string, Estimate> {
  const rows = rowsOfTask(set.target, set.labels, predictions, set.weights);
  const found: Record<string, Estimate> = {};
  for (const name of names) {
    const parsed = parseMetric(set.target.task, name);
    if (!parsed.ok) continue;
    const { value, low, high } = estimateMetric(parsed.metric, rows, { clusters: set.days });
    found[name] = withinRange(parsed.facts, { value, low, high });
  }
  return found;
}

/** Rows that count, by class. */
function countsOf({ labels, weights }: Pick<JudgedRows, 'labels' | 'weights'>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  labels.forEach((label, row) => (counts[label]! += weights?.[row] === 0 ? 0 : 1));
  return counts;
}

/** Mean and population variance; 0 without rows, as there is no NaN in JSON. */
function momentsOf(labels: ArrayLike<number>, weights?: Float32Array): { mean: number; variance: number } {
  const values = Float64Array.from(labels);
  const weightOf = (row: number): number => (weights === undefined ? 1 : weights[row]!);
  const total = values.reduce((sum, _, row) => sum + weightOf(row), 0) || 1;
  const mean = values.reduce((sum, value, row) => sum + weightOf(row) * value, 0) / total;
  const squares = values.reduce((sum, value, row) => sum + weightOf(row) * (value - mean) ** 2, 0);
  return { mean, variance: squares / total };
}

/** The training labels' statistics by weight; the scale of a row loss stays that of the snapshot, where every row counts the same. */
function weightedStatistics(
  { labels, weights }: { readonly labels: Float32Array; readonly weights: Float32Array },
  { task, classes = [] }: JudgedRows['target'],
): LabelStatistics {
  if (task === 'regression') return momentsOf(labels, weights);
  const shares = new Array<number>(classes.length).fill(0);
  labels.forEach((label, row) => (shares[label]! += weights[row]!));
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  return { shares: shares.map((share) => share / total) };
}

/**
 * What always predicting the training rows' shares of the classes, or their mean, would lose.
 * @throws UnderstudyError `INTERNAL` when the snapshot does not have them.
 */
export function baseRateOfTask(
  train: { readonly labels: Float32Array; readonly weights?: Float32Array | undefined },
  rows: Readonly<Record<JudgedSet, JudgedRows>>,
): Measures['baseRate'] {
  const { target, trained } = rows.holdout;
  const { weights } = train;
  const labels = trained && weights ? weightedStatistics({ ...train, weights }, target) : trained;
  if (!labels) throw new UnderstudyError('INTERNAL', 'the snapshot says nothing of the labels of its training rows');
  const constant = (set: JudgedRows): number => {
    const losses = rowLossOf(set)(set.labels, constantPredictions(labels, set.rows));
    // Where it is unknown (labels that never change) so is the loss of every version, and the gate fails.
    return finite(clusterMeanInterval(losses, { weights: set.weights }).value) ?? 0;
  };
  return { labels, holdoutLogLoss: constant(rows.holdout), truthLogLoss: constant(rows.truth) };
}
