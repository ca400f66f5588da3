// Metrics of one version minus those of another on exactly the same rows, with intervals by day.
import type { Estimate } from '../../domain/evaluation/evaluation';
import { REPORTED_METRICS } from '../../domain/plan/evaluation-plan';
import { parseMetric } from '../../domain/evaluation/metrics';
import { BINARY_METRICS } from '../../statistics/metrics/binary/evaluate';
import { clusterJackknife } from '../../statistics/metrics/intervals/jackknife';
import { prepareMetric } from '../../statistics/metrics/registry';
import { rowsOfTask } from '../../statistics/metrics/row-loss';
import { pairedMetricInterval } from '../../statistics/significance/paired-metrics';
import { estimate } from './estimates';
import type { JudgedRows } from './rows';

/**
 * B minus A for every metric of the task's evaluations, and those that are named besides. Intervals: one day left out at a time.
 * @param named names as a plan has them; what is no metric of the task is left out.
 */
export function pairedMetrics(
  { target, labels, days, weights: own }: JudgedRows,
  { a, b }: { readonly a: Float32Array; readonly b: Float32Array },
  named: readonly string[],
): Record<string, Estimate> {
  const found: Record<string, Estimate> = {};
  const names = new Set<string>([...REPORTED_METRICS[target.task], ...named]);
  if (target.task === 'binary' && own === undefined) {
    for (const { name, compute } of Object.values(BINARY_METRICS)) {
      found[name] = estimate(pairedMetricInterval(compute, labels, { a, b }, days));
      names.delete(name);
    }
  }
  for (const name of names) {
    const parsed = parseMetric(target.task, name);
    if (!parsed.ok) continue;
    const [ofA, ofB] = [a, b].map((predictions) =>
      prepareMetric(parsed.metric, rowsOfTask(target, labels, predictions)),
    ) as [ReturnType<typeof prepareMetric>, ReturnType<typeof prepareMetric>];
    found[name] = estimate(clusterJackknife((weights) => ofB(weights) - ofA(weights), days, { weights: own }));
  }
  return found;
}
