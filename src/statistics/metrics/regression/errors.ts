// Errors of a regression: squared, absolute, relative and pinball, their means, and the share of variance explained.
// In all: no rows (or no weight) gives NaN, a prediction that is NaN gives NaN, a label that is not finite is an error (`INTERNAL`).
import { requireThat, type Weights } from '../../inputs';
import { inspectRegression } from './inputs';

/** The error of one row. */
export type RowError = (label: number, prediction: number) => number;

/** (prediction - label)^2. */
export const squaredError: RowError = (label, prediction) => (prediction - label) ** 2;
/** |prediction - label|. */
export const absoluteError: RowError = (label, prediction) => Math.abs(prediction - label);
/** prediction - label: above 0 where the prediction is too high. */
export const signedError: RowError = (label, prediction) => prediction - label;
/** |prediction - label| / |label|; NaN at a label of 0 (see {@link meanAbsolutePercentageError}). */
export const relativeError: RowError = (label, prediction) =>
  label === 0 ? Number.NaN : Math.abs(prediction - label) / Math.abs(label);

/**
 * The loss that the quantile `quantile` of the label makes least (Koenker and Bassett 1978): quantile x (label - prediction) when the
 * prediction is too low, (1 - quantile) x (prediction - label) when too high.
 * @throws UnderstudyError `INTERNAL` when the quantile is not in (0, 1).
 */
export function pinballError(quantile: number): RowError {
  requireThat(quantile > 0 && quantile < 1, 'pinball loss', `quantile ${String(quantile)}`, 'between 0 and 1');
  return (label, prediction) => Math.max(quantile * (label - prediction), (quantile - 1) * (label - prediction));
}

/** The error of every row; the mean of it is {@link meanOfErrors}. */
export function rowErrors(error: RowError, labels: ArrayLike<number>, predictions: ArrayLike<number>): Float64Array {
  inspectRegression('row errors', labels, predictions);
  return Float64Array.from(labels, (label, i) => error(label, predictions[i]!));
}

/**
 * Weighted mean of an error: MSE of {@link squaredError}, MAE of {@link absoluteError}, bias of {@link signedError}, pinball loss of
 * {@link pinballError} (scikit-learn `mean_squared_error`, `mean_absolute_error`, `mean_pinball_loss`).
 * @throws UnderstudyError `INTERNAL` on a label that is not finite, different lengths, or bad weights.
 */
export function meanOfErrors(
  error: RowError,
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  weights?: Weights,
): number {
  const { total, hasNaN } = inspectRegression('mean error', labels, predictions, weights);
  if (hasNaN) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const weight = weights === undefined ? 1 : weights[i]!;
    if (weight > 0) sum += weight * error(labels[i]!, predictions[i]!);
  }
  return sum / total;
}

/** Square root of the mean squared error, in the label's unit (scikit-learn `root_mean_squared_error`); lower is better. */
export function rootMeanSquaredError(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  weights?: Weights,
): number {
  return Math.sqrt(meanOfErrors(squaredError, labels, predictions, weights));
}

/** What MAPE makes of rows whose label is 0: `undefined` makes it NaN, `skip` leaves them out, `epsilon` divides by 2.22e-16. */
export type AtZeroLabel = 'undefined' | 'skip' | 'epsilon';

/**
 * Mean of |prediction - label| / |label|, as a share (0.1 is 10 %); lower is better.
 * @param atZero rows with label 0: by default the metric is undefined, NaN. `epsilon` is scikit-learn's
 * `mean_absolute_percentage_error`, which gives about 1e14 then. Rows of weight 0 do not matter.
 * @throws UnderstudyError `INTERNAL` as {@link meanOfErrors}.
 */
export function meanAbsolutePercentageError(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  weights?: Weights,
  atZero: AtZeroLabel = 'undefined',
): number {
  if (atZero === 'epsilon') {
    const error: RowError = (label, prediction) =>
      Math.abs(prediction - label) / Math.max(Math.abs(label), Number.EPSILON);
    return meanOfErrors(error, labels, predictions, weights);
  }
  if (atZero === 'undefined') return meanOfErrors(relativeError, labels, predictions, weights);
  const ofOthers = Float64Array.from(labels, (label, i) => (label === 0 ? 0 : (weights?.[i] ?? 1)));
  return meanOfErrors(relativeError, labels, predictions, ofOthers);
}

/**
 * Share of the label's variance that is explained: 1 - sum of squared errors / sum of squared deviations from the (weighted) mean
 * label (scikit-learn `r2_score`); 1 is perfect, 0 as good as the mean, below 0 worse. NaN when all labels are the same, a single
 * row among them (scikit-learn: 1 or 0 for constant labels, NaN for one row).
 * @throws UnderstudyError `INTERNAL` as {@link meanOfErrors}.
 */
export function rSquared(labels: ArrayLike<number>, predictions: ArrayLike<number>, weights?: Weights): number {
  const squared = meanOfErrors(squaredError, labels, predictions, weights);
  const constant = (value: number): Float64Array => new Float64Array(labels.length).fill(value);
  const mean = meanOfErrors((label) => label, labels, constant(0), weights);
  // The mean of equal labels may differ from them by rounding, which would make a variance out of nothing.
  let first = Number.NaN;
  let isConstant = true;
  for (let i = 0; i < labels.length; i += 1) {
    if (weights !== undefined && weights[i] === 0) continue;
    if (Number.isNaN(first)) first = labels[i]!;
    isConstant &&= labels[i] === first;
  }
  return isConstant ? Number.NaN : 1 - squared / meanOfErrors(squaredError, labels, constant(mean), weights);
}
