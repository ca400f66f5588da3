// The checks that every regression metric makes: finite labels, one prediction per row.
import { inspectWeights, requireSameLength, requireThat, type Weights } from '../../inputs';

/** What {@link inspectRegression} found. */
export interface RegressionInputs {
  /** Weight of all rows. */
  readonly total: number;
  /** Some prediction is NaN: a statistic of such rows is NaN. */
  readonly hasNaN: boolean;
}

/**
 * Refuses labels that are not finite, different lengths, and bad weights.
 * @throws UnderstudyError `INTERNAL`: a missing label must be removed by the caller, who knows why it is there.
 */
export function inspectRegression(
  statistic: string,
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  weights?: Weights,
): RegressionInputs {
  if (labels.length !== predictions.length) {
    requireSameLength(statistic, { labels: labels.length, predictions: predictions.length });
  }
  const total = inspectWeights(statistic, labels.length, weights);
  let hasNaN = false;
  for (let i = 0; i < labels.length; i += 1) {
    if (!Number.isFinite(labels[i]!)) {
      requireThat(false, statistic, `row ${String(i)} has label ${String(labels[i]!)}`, 'finite numbers');
    }
    hasNaN ||= Number.isNaN(predictions[i]!);
  }
  return { total, hasNaN };
}
