// The metrics of one set of rows by the task of its labels, and what the best constant of the training rows would lose on it.
// Invariant: a metric that has no value is null, and a name that is no metric of the task is left out: its gate has no number and fails.
import type { Estimate, Measures, MetricSet } from '../../domain/evaluation/evaluation';
import { REPORTED_METRICS } from '../../domain/plan/evaluation-plan';
import { UnderstudyError } from '../../domain/failures';
import { factsOf, parseMetric, type MetricNameOf } from '../../domain/evaluation/metrics';
import { evaluateBinary } from '../../statistics/metrics/binary/evaluate';
import { estimateMetric } from '../../statistics/metrics/estimate';
import { clusterMeanInterval } from '../../statistics/metrics/intervals/means';
import { constantPredictions, rowLossOf, rowsOfTask } from '../../statistics/metrics/row-loss';
import { estimate, finite, withinRange } from './estimates';
import type { JudgedRows, JudgedSet } from './rows';

/** The metrics of every evaluation of the task, then the others that are named, with intervals by day. */
export function setOfTask(set: JudgedRows, predictions: Float32Array, named: readonly string[]): MetricSet {
  const { task, classes } = set.target;
  const reported: readonly string[] = REPORTED_METRICS[task];
  const others = [...new Set(named)].filter((name) => !reported.includes(name));
  if (task === 'binary') return binarySet(set, predictions, others);
  const shared = {
    n: set.rows,
    days: new Set(set.days).size,
    metrics: estimates(set, predictions, [...reported, ...others]),
  };
  if (task === 'multiclass') return { ...shared, classRows: countsOf(set.labels, classes?.length ?? 0) };
  const losses = rowLossOf(set)(set.labels, predictions);
  return {
    ...shared,
    labels: momentsOf(set.labels),
    rowLoss: estimate(clusterMeanInterval(losses, { clusters: set.days })),
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
  const rows = rowsOfTask(set.target, set.labels, predictions);
  const found: Record<string, Estimate> = {};
  for (const name of names) {
    const parsed = parseMetric(set.target.task, name);
    if (!parsed.ok) continue;
    const { value, low, high } = estimateMetric(parsed.metric, rows, { clusters: set.days });
    found[name] = withinRange(parsed.facts, { value, low, high });
  }
  return found;
}

function countsOf(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let row = 0; row < labels.length; row++) counts[labels[row]!]! += 1;
  return counts;
}

/** Mean and population variance; 0 without rows, as there is no NaN in JSON. */
function momentsOf(labels: ArrayLike<number>): { mean: number; variance: number } {
  const values = Float64Array.from(labels);
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, values.length) };
}

/**
 * What always predicting the training rows' shares of the classes, or their mean, would lose.
 * @throws UnderstudyError `INTERNAL` when the snapshot does not have them.
 */
export function baseRateOfTask(rows: Readonly<Record<JudgedSet, JudgedRows>>): Measures['baseRate'] {
  const labels = rows.holdout.trained;
  if (!labels) throw new UnderstudyError('INTERNAL', 'the snapshot says nothing of the labels of its training rows');
  const constant = (set: JudgedRows): number => {
    const losses = rowLossOf(set)(set.labels, constantPredictions(labels, set.rows));
    // Where it is unknown (labels that never change) so is the loss of every version, and the gate fails.
    return finite(losses.reduce((sum, loss) => sum + loss, 0) / losses.length) ?? 0;
  };
  return { labels, holdoutLogLoss: constant(rows.holdout), truthLogLoss: constant(rows.truth) };
}
