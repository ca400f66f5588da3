// Row-wise scores of probabilities of a binary task: log loss, Brier score and accuracy.
// In all: no rows (or no weight) gives NaN, a probability that is NaN gives NaN, a label other than 0 and 1 is an error (`INTERNAL`).
import { inspectBinary, type Weights } from '../../inputs';

/** Log loss never sees a probability nearer to 0 or 1 than this: the machine epsilon of a double, as scikit-learn's `log_loss`. */
export const LOG_LOSS_CLIP = 2.220446049250313e-16;

/** Negative natural logarithm of the probability of what happened, clipped at {@link LOG_LOSS_CLIP}; NaN stays NaN. */
export function surprise(probabilityOfTruth: number): number {
  return -Math.log(Math.min(Math.max(probabilityOfTruth, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP));
}

function logLossOfRow(label: number, probability: number): number {
  return surprise(label === 1 ? probability : 1 - probability);
}

function brierOfRow(label: number, probability: number): number {
  return (probability - label) ** 2;
}

/** Weighted mean of a score per row. Rows of weight 0 take no part: 0 x infinity would spoil the sum. */
function meanOf(
  statistic: string,
  score: (label: number, probability: number) => number,
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights: Weights | undefined,
): number {
  const { total, hasNaN } = inspectBinary(statistic, labels, probabilities, weights);
  if (hasNaN) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    if (weights === undefined) sum += score(labels[i]!, probabilities[i]!);
    else if (weights[i] !== 0) sum += weights[i]! * score(labels[i]!, probabilities[i]!);
  }
  return sum / total;
}

/**
 * Negative natural logarithm of the probability given to each row's true label, clipped at {@link LOG_LOSS_CLIP}.
 * The mean of it is {@link logLoss}. A probability outside [0, 1] counts as the nearer end; NaN stays NaN in its row.
 */
export function rowLogLoss(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Float64Array {
  inspectBinary('row log loss', labels, probabilities);
  return Float64Array.from(labels, (label, i) => logLossOfRow(label, probabilities[i]!));
}

/** Squared difference of each row's probability and label; the mean of it is {@link brierScore}. NaN stays NaN in its row. */
export function rowBrier(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Float64Array {
  inspectBinary('row Brier score', labels, probabilities);
  return Float64Array.from(labels, (label, i) => brierOfRow(label, probabilities[i]!));
}

/**
 * Mean log loss in nats (scikit-learn `log_loss` with labels [0, 1]); lower is better. One class alone is no problem.
 * A probability outside [0, 1] counts as the nearer end.
 */
export function logLoss(labels: ArrayLike<number>, probabilities: ArrayLike<number>, weights?: Weights): number {
  return meanOf('log loss', logLossOfRow, labels, probabilities, weights);
}

/** Mean squared difference of probability and label (Brier 1950; scikit-learn `brier_score_loss`); lower is better. */
export function brierScore(labels: ArrayLike<number>, probabilities: ArrayLike<number>, weights?: Weights): number {
  return meanOf('Brier score', brierOfRow, labels, probabilities, weights);
}

/**
 * Share of rows on the right side of the threshold, where a probability equal to it counts as positive; higher is better.
 * @param threshold in the scale of the probabilities; 0.5 by default.
 */
export function accuracy(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  weights?: Weights,
  threshold = 0.5,
): number {
  const right = (label: number, probability: number): number => (probability >= threshold === (label === 1) ? 1 : 0);
  return meanOf('accuracy', right, labels, probabilities, weights);
}
