// Medians of errors and the coverage of predicted quantiles and intervals.
// In all: no rows (or no weight) gives NaN, a prediction that is NaN gives NaN, a label that is not finite is an error (`INTERNAL`).
import { inspectWeights, type Weights } from '../../inputs';
import { absoluteError, meanOfErrors, rowErrors } from './errors';
import { inspectRegression } from './inputs';

/**
 * Weighted quantile as numpy's `averaged_inverted_cdf`: the least value with at least `share` of the weight at or below it; the mean
 * of it and the next value when exactly `share` is. For weights of 1 and share 0.5 this is the median. Values of weight 0 count as
 * absent. NaN without weight and when a value is NaN.
 * @param share in (0, 1).
 */
export function weightedQuantile(values: ArrayLike<number>, share: number, weights?: Weights): number {
  return weightedQuantileOf(values, share)(weights);
}

/** {@link weightedQuantile} of the same values under many weightings: they are sorted once. */
export function weightedQuantileOf(values: ArrayLike<number>, share: number): (weights?: Weights) => number {
  let hasNaN = false;
  for (let i = 0; i < values.length; i += 1) hasNaN ||= Number.isNaN(values[i]!);
  const order = new Uint32Array(values.length).map((_, i) => i);
  if (!hasNaN) order.sort((a, b) => values[a]! - values[b]! || a - b);
  return (weights) => {
    if (hasNaN) return Number.NaN;
    let total = 0;
    for (let i = 0; i < values.length; i += 1) total += weights === undefined ? 1 : weights[i]!;
    let below = 0;
    let half: number | null = null;
    for (const row of order) {
      const weight = weights === undefined ? 1 : weights[row]!;
      if (weight === 0) continue;
      if (half !== null) return (half + values[row]!) / 2;
      below += weight;
      // Sums of weights such as 0.1 hit the share only up to rounding.
      if (Math.abs(below - share * total) <= 1e-12 * total) half = values[row]!;
      else if (below > share * total) return values[row]!;
    }
    return half ?? Number.NaN;
  };
}

/**
 * Median of |prediction - label| (scikit-learn `median_absolute_error`), by {@link weightedQuantile}; lower is better.
 * @throws UnderstudyError `INTERNAL` on a label that is not finite, different lengths, or bad weights.
 */
export function medianAbsoluteError(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  weights?: Weights,
): number {
  return medianAbsoluteErrorOf(labels, predictions)(weights);
}

/** {@link medianAbsoluteError} of the same rows under many weightings: the errors are sorted once. */
export function medianAbsoluteErrorOf(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
): (weights?: Weights) => number {
  const median = weightedQuantileOf(rowErrors(absoluteError, labels, predictions), 0.5);
  return (weights) => {
    inspectWeights('median absolute error', labels.length, weights);
    return median(weights);
  };
}

/**
 * Share of rows whose label is at most the prediction: near q for predictions of the quantile q.
 * @throws UnderstudyError `INTERNAL` on a label that is not finite, different lengths, or bad weights.
 */
export function quantileCoverage(labels: ArrayLike<number>, predictions: ArrayLike<number>, weights?: Weights): number {
  return meanOfErrors((label, prediction) => (label <= prediction ? 1 : 0), labels, predictions, weights);
}

/**
 * Share of rows whose label lies in [low, high], both ends included.
 * @throws UnderstudyError `INTERNAL` on a label that is not finite, different lengths, or bad weights.
 */
export function intervalCoverage(
  labels: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  weights?: Weights,
): number {
  const { hasNaN } = inspectRegression('interval coverage', labels, high, weights);
  if (hasNaN) return Number.NaN;
  const isInside = Float64Array.from(labels, (label, i) => (label >= low[i]! && label <= high[i]! ? 1 : 0));
  const inspected = inspectRegression('interval coverage', labels, low, weights);
  return inspected.hasNaN ? Number.NaN : meanOfErrors((_, inside) => inside, labels, isInside, weights);
}
