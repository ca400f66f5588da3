// Metrics of one version minus those of another on exactly the same rows, with intervals by day.
// Invariant: a mean over rows has the interval that the gates judge by (paired cluster t), so that `compare` and `explain` say the same.
import type { Estimate } from '../../domain/evaluation/evaluation';
import type { MetricName } from '../../domain/plan/plan';
import { REPORTED_METRICS } from '../../domain/plan/evaluation-plan';
import { parseMetric } from '../../domain/evaluation/metrics';
import { BINARY_METRICS } from '../../statistics/metrics/binary/evaluate';
import { clusterJackknife } from '../../statistics/metrics/intervals/jackknife';
import { hasRowValues, prepareMetric, rowMetric } from '../../statistics/metrics/registry';
import { rowsOfTask } from '../../statistics/metrics/row-loss';
import { clusterTotals, clusterTotalsTest } from '../../statistics/significance/cluster-t';
import { pairedMetricInterval } from '../../statistics/significance/paired-metrics';
import { estimate } from './estimates';
import type { JudgedRows } from './rows';

/**
 * B minus A for every metric of the task's evaluations, and those that are named besides. Intervals: of a mean over rows the paired t by day
 * (Liang and Zeger 1986), of the others one day left out at a time (Efron and Tibshirani 1993). A difference is not cut off at a range.
 * @param named names as a plan has them; what is no metric of the task is left out.
 */
export function pairedMetrics(
  { target, labels, days, weights: own }: JudgedRows,
  { a, b }: { readonly a: Float32Array; readonly b: Float32Array },
  named: readonly string[],
): Record<string, Estimate> {
  const found: Record<string, Estimate> = {};
  const [ofA, ofB] = [rowsOfTask(target, labels, a), rowsOfTask(target, labels, b)];
  for (const name of new Set<string>([...REPORTED_METRICS[target.task], ...named])) {
    const parsed = parseMetric(target.task, name);
    if (!parsed.ok) continue;
    const { metric } = parsed;
    const binary = target.task === 'binary' && name in BINARY_METRICS ? BINARY_METRICS[name as MetricName] : null;
    if (hasRowValues(metric)) {
      const totals = clusterTotals(rowMetric(metric, ofA), rowMetric(metric, ofB), days, own);
      const { meanDifference: value, low, high } = clusterTotalsTest(totals);
      found[name] = estimate({ value, low, high });
    } else if (binary && own === undefined) {
      found[name] = estimate(pairedMetricInterval(binary.compute, labels, { a, b }, days));
    } else {
      const [preparedA, preparedB] = [prepareMetric(metric, ofA), prepareMetric(metric, ofB)];
      found[name] = estimate(
        clusterJackknife((weights) => preparedB(weights) - preparedA(weights), days, { weights: own }),
      );
    }
  }
  return found;
}
