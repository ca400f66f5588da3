// Row-wise scores of the probabilities of a multi-class task: log loss, Brier score, accuracy and top-k accuracy.
// In all: no rows (or no weight) gives NaN, a probability that is NaN gives NaN, a label that is no class is an error (`INTERNAL`).
import { requireThat, type Weights } from '../../inputs';
import { surprise } from '../binary/probabilities';
import { inspectMulticlass, type ClassProbabilities } from './inputs';

/** A score of one row, from its class and where its probabilities begin. */
type RowScore = (label: number, probabilities: ClassProbabilities, start: number) => number;

function logLossOfRow(label: number, { values }: ClassProbabilities, start: number): number {
  return surprise(values[start + label]!);
}

function brierOfRow(label: number, { values, classes }: ClassProbabilities, start: number): number {
  let sum = 0;
  for (let k = 0; k < classes; k += 1) sum += (values[start + k]! - (k === label ? 1 : 0)) ** 2;
  return sum;
}

/** How many classes come before the true one; of equal probabilities the lower class number comes first. */
function rankOfTruth(label: number, { values, classes }: ClassProbabilities, start: number): number {
  const ofTruth = values[start + label]!;
  let before = 0;
  for (let k = 0; k < classes; k += 1) {
    if (values[start + k]! > ofTruth || (values[start + k] === ofTruth && k < label)) before += 1;
  }
  return before;
}

function scoresOf(
  statistic: string,
  score: RowScore,
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
): Float64Array {
  inspectMulticlass(statistic, labels, probabilities);
  return Float64Array.from(labels, (label, i) => score(label, probabilities, i * probabilities.classes));
}

function meanOf(
  statistic: string,
  score: RowScore,
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
  weights: Weights | undefined,
): number {
  const { total, hasNaN } = inspectMulticlass(statistic, labels, probabilities, weights);
  if (hasNaN) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const weight = weights === undefined ? 1 : weights[i]!;
    if (weight > 0) sum += weight * score(labels[i]!, probabilities, i * probabilities.classes);
  }
  return sum / total;
}

/** Each row's log loss; the mean of it is {@link multiclassLogLoss}. NaN where the true class's probability is. */
export function rowMulticlassLogLoss(labels: ArrayLike<number>, probabilities: ClassProbabilities): Float64Array {
  return scoresOf('row log loss', logLossOfRow, labels, probabilities);
}

/** Each row's Brier score; the mean of it is {@link multiclassBrier}. */
export function rowMulticlassBrier(labels: ArrayLike<number>, probabilities: ClassProbabilities): Float64Array {
  return scoresOf('row Brier score', brierOfRow, labels, probabilities);
}

/**
 * Mean negative natural logarithm of the true class's probability, clipped at the machine epsilon of a double (scikit-learn `log_loss`
 * with all labels given); lower is better. Probabilities are not rescaled to sum to 1.
 */
export function multiclassLogLoss(
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
  weights?: Weights,
): number {
  return meanOf('log loss', logLossOfRow, labels, probabilities, weights);
}

/**
 * Mean over rows of the sum over classes of (probability - is it the class)^2: the score as Brier defined it in 1950, in [0, 2]
 * (scikit-learn `brier_score_loss` for more than two classes). For two classes it is twice the binary score, which looks at one only.
 */
export function multiclassBrier(
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
  weights?: Weights,
): number {
  return meanOf('Brier score', brierOfRow, labels, probabilities, weights);
}

/** {@link topKAccuracy} with k 1: the share of rows whose class is the most probable one. */
export function multiclassAccuracy(
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
  weights?: Weights,
): number {
  return topKAccuracy(labels, probabilities, 1, weights);
}

/**
 * Share of rows whose class is among the k most probable; of equal probabilities the lower class number comes first, as the most
 * probable class is chosen everywhere (scikit-learn `top_k_accuracy_score` prefers the higher one). 1 from k = classes on.
 * @param k a positive integer.
 */
export function topKAccuracy(
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
  k: number,
  weights?: Weights,
): number {
  return meanOf('top-k accuracy', isAmongTop(k), labels, probabilities, weights);
}

/** 1 for each row whose class is among the k most probable, else 0; the mean of it is {@link topKAccuracy}. */
export function rowTopK(labels: ArrayLike<number>, probabilities: ClassProbabilities, k: number): Float64Array {
  return scoresOf('row top-k accuracy', isAmongTop(k), labels, probabilities);
}

function isAmongTop(k: number): RowScore {
  requireThat(Number.isInteger(k) && k > 0, 'top-k accuracy', `k ${String(k)}`, 'a whole number of at least 1');
  return (label, probabilities, start) => {
    for (let i = 0; i < probabilities.classes; i += 1) {
      if (Number.isNaN(probabilities.values[start + i]!)) return Number.NaN;
    }
    return rankOfTruth(label, probabilities, start) < k ? 1 : 0;
  };
}
