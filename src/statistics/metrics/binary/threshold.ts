// Yes-or-no answers of a binary task: the confusion at a threshold, and the rates that are ratios of its four numbers.
// Invariant: a rate whose denominator is empty is NaN, never a silent 0 (scikit-learn: 0 and a warning).
import { inspectBinary, type Weights } from '../../inputs';

/** Weights (numbers) of rows by answer and truth. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/**
 * Counts answers: a probability of at least `threshold` is a yes. All four are NaN when a probability is NaN, 0 without rows.
 * @param threshold in the scale of the probabilities; 0.5 by default.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, different lengths, or bad weights.
 */
export function confusionAt(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  threshold = 0.5,
  weights?: Weights,
): Confusion {
  const { hasNaN } = inspectBinary('confusion', labels, probabilities, weights);
  // Indexed by 2 x answer + truth.
  const cells: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i += 1) {
    const cell = (probabilities[i]! >= threshold ? 2 : 0) + labels[i]!;
    cells[cell]! += weights === undefined ? 1 : weights[i]!;
  }
  const [trueNegatives, falseNegatives, falsePositives, truePositives] = hasNaN ? cells.map(() => Number.NaN) : cells;
  return {
    truePositives: truePositives!,
    falsePositives: falsePositives!,
    falseNegatives: falseNegatives!,
    trueNegatives: trueNegatives!,
  };
}

/** Share of right answers among the yes answers; NaN without a yes. */
export function precisionOf({ truePositives, falsePositives }: Confusion): number {
  return truePositives / (truePositives + falsePositives);
}

/** Share of the positive rows that got a yes (sensitivity, true positive rate); NaN without positive rows. */
export function recallOf({ truePositives, falseNegatives }: Confusion): number {
  return truePositives / (truePositives + falseNegatives);
}

/** Share of the negative rows that got a yes (1 - specificity); NaN without negative rows. */
export function falsePositiveRateOf({ falsePositives, trueNegatives }: Confusion): number {
  return falsePositives / (falsePositives + trueNegatives);
}

/** Share of all rows that got a yes (selection rate); NaN without rows. */
export function selectionRateOf({ truePositives, falsePositives, falseNegatives, trueNegatives }: Confusion): number {
  const yes = truePositives + falsePositives;
  return yes / (yes + falseNegatives + trueNegatives);
}

/** Harmonic mean of precision and recall, as 2 TP / (2 TP + FP + FN): 0 when no yes is right; NaN with neither a yes nor a positive row. */
export function f1Of({ truePositives, falsePositives, falseNegatives }: Confusion): number {
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}

/** Mean of the shares of right answers of both classes; 0.5 for any constant answer; NaN with one class. */
export function balancedAccuracyOf(confusion: Confusion): number {
  return (recallOf(confusion) + 1 - falsePositiveRateOf(confusion)) / 2;
}

/**
 * Matthews correlation of answer and truth (Matthews 1975), in [-1, 1]; NaN when answers or truth have one value (scikit-learn: 0).
 */
export function matthewsOf(confusion: Confusion): number {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = confusion;
  const product =
    (truePositives + falsePositives) *
    (truePositives + falseNegatives) *
    (trueNegatives + falsePositives) *
    (trueNegatives + falseNegatives);
  return (truePositives * trueNegatives - falsePositives * falseNegatives) / Math.sqrt(product);
}
