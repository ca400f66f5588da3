// Row-wise scores of probabilities of a binary task: log loss, Brier score and accuracy.
// In all: no rows gives NaN, a probability that is NaN gives NaN, a label other than 0 and 1 is an error (`INTERNAL`).
import { inspectBinary } from './inputs';

/** Log loss never sees a probability nearer to 0 or 1 than this: the machine epsilon of a double, as scikit-learn's `log_loss`. */
export const LOG_LOSS_CLIP = 2.220446049250313e-16;

function logLossOfRow(label: number, probability: number): number {
  const ofTheTruth = label === 1 ? probability : 1 - probability;
  return -Math.log(Math.min(Math.max(ofTheTruth, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP));
}

/**
 * Negative natural logarithm of the probability given to each row's true label, clipped at {@link LOG_LOSS_CLIP}.
 * The mean of it is {@link logLoss}. A probability outside [0, 1] counts as the nearer end; NaN stays NaN in its row.
 */
export function rowLogLoss(labels: ArrayLike<number>, probabilities: ArrayLike<number>): Float64Array {
  inspectBinary('row log loss', labels, probabilities);
  return Float64Array.from(labels, (label, i) => logLossOfRow(label, probabilities[i]!));
}

/**
 * Mean log loss in nats (scikit-learn `log_loss` with labels [0, 1]); lower is better. One class alone is no problem.
 * A probability outside [0, 1] counts as the nearer end.
 */
export function logLoss(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  inspectBinary('log loss', labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    sum += logLossOfRow(labels[i]!, probabilities[i]!);
  }
  return sum / labels.length;
}

/** Mean squared difference of probability and label (Brier 1950; scikit-learn `brier_score_loss`); lower is better. */
export function brierScore(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  inspectBinary('Brier score', labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    sum += (probabilities[i]! - labels[i]!) ** 2;
  }
  return sum / labels.length;
}

/** Share of rows on the right side of 0.5, where a probability of exactly 0.5 counts as positive; higher is better. */
export function accuracy(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  const { hasNaN } = inspectBinary('accuracy', labels, probabilities);
  if (hasNaN) return Number.NaN;
  let right = 0;
  for (let i = 0; i < labels.length; i += 1) {
    if (probabilities[i]! >= 0.5 === (labels[i] === 1)) right += 1;
  }
  return right / labels.length;
}
