// What is measured of one version's predictions on the labelled rows of a day, by task.
import { REPORTED_METRICS } from '../../domain/plan/evaluation-plan';
import { parseMetric } from '../../domain/evaluation/metrics';
import type { DailyPerformance } from '../../domain/monitoring/monitoring';
import { widthOf, type Target } from '../../domain/evaluation/task';
import { logLoss } from '../../statistics/metrics/binary/probabilities';
import { rocAuc } from '../../statistics/metrics/binary/ranking';
import { prepareMetric } from '../../statistics/metrics/registry';
import { rowsOfTask, type RowLoss } from '../../statistics/metrics/row-loss';
import { finite } from '../evaluation/estimates';

/** The numbers of a {@link DailyPerformance}. */
export type DayMeasures = Pick<
  DailyPerformance,
  'logLoss' | 'rocAuc' | 'meanPrediction' | 'meanProbabilities' | 'metrics'
>;

/** @param predictions - row by row, as `src/domain/evaluation/task.ts` says. */
export function dayMeasures(
  target: Target,
  labels: readonly number[],
  predictions: readonly number[],
  rowLoss: RowLoss,
): DayMeasures {
  const means = meansOf(predictions, widthOf(target));
  if (target.task === 'binary') {
    return {
      logLoss: logLoss(labels, predictions),
      rocAuc: finite(rocAuc(labels, predictions)),
      meanPrediction: means[0]!,
    };
  }
  const loss = rowLoss(labels, predictions).reduce((sum, each) => sum + each, 0) / labels.length;
  const rows = rowsOfTask(target, labels, predictions);
  const metrics = REPORTED_METRICS[target.task].map((name): [string, number | null] => {
    const parsed = parseMetric(target.task, name);
    return [name, parsed.ok ? finite(prepareMetric(parsed.metric, rows)(undefined)) : null];
  });
  return {
    logLoss: loss,
    rocAuc: null,
    ...(target.task === 'multiclass'
      ? { meanPrediction: null, meanProbabilities: means }
      : { meanPrediction: means[0]! }),
    metrics: Object.fromEntries(metrics),
  };
}

/** The mean of each of the numbers of a row. */
function meansOf(predictions: readonly number[], width: number): number[] {
  const sums = new Array<number>(width).fill(0);
  predictions.forEach((value, at) => (sums[at % width]! += value));
  return sums.map((sum) => (sum * width) / predictions.length);
}
