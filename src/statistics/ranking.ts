// How well scores order the rows of a binary task: area under the ROC curve and average precision.
// Invariant: only the order of the scores counts, so any real scores will do; tied scores are one step and row order never matters.
import { inspectBinary } from './inputs';

/**
 * Row numbers by falling score. Rows that already are in that order cost one pass: the cluster jackknife sorts its rows once
 * and then hands over dozens of sorted subsets.
 */
function descendingOrder(scores: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(scores.length);
  let sorted = true;
  for (let i = 0; i < scores.length; i += 1) {
    order[i] = i;
    if (i > 0 && scores[i]! > scores[i - 1]!) sorted = false;
  }
  // Two equal infinities differ by NaN, which must count as a tie.
  return sorted ? order : order.sort((a, b) => scores[b]! - scores[a]! || 0);
}

/** Visits each group of equal scores, best score first, with its count of positive and negative rows. */
function visitTies(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  visit: (positives: number, negatives: number) => void,
): void {
  const order = descendingOrder(scores);
  let start = 0;
  while (start < order.length) {
    const score = scores[order[start]!]!;
    let end = start;
    let positives = 0;
    while (end < order.length && scores[order[end]!]! === score) {
      positives += labels[order[end]!]!;
      end += 1;
    }
    visit(positives, end - start - positives);
    start = end;
  }
}

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting one half
 * (Mann-Whitney U by mid-ranks; scikit-learn `roc_auc_score`). Higher is better.
 * NaN with one class, without rows, and when a score is NaN.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function rocAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  const { positives, hasNaN } = inspectBinary('ROC AUC', labels, scores);
  const negatives = labels.length - positives;
  if (hasNaN || positives === 0 || negatives === 0) return Number.NaN;
  let wins = 0;
  let negativesBelow = negatives;
  visitTies(labels, scores, (groupPositives, groupNegatives) => {
    negativesBelow -= groupNegatives;
    wins += groupPositives * (negativesBelow + groupNegatives / 2);
  });
  return wins / (positives * negatives);
}

/**
 * Average precision: sum over distinct scores, from the best, of (gain in recall) x (precision there): the step sum without
 * interpolation (scikit-learn `average_precision_score`). Higher is better; random scores give the share of positives.
 * NaN without positive rows (scikit-learn: 0 and a warning), without rows, and when a score is NaN; 1 without negative rows.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function averagePrecision(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  const { positives, hasNaN } = inspectBinary('average precision', labels, scores);
  if (hasNaN || positives === 0) return Number.NaN;
  let sum = 0;
  let foundPositives = 0;
  let seen = 0;
  visitTies(labels, scores, (groupPositives, groupNegatives) => {
    foundPositives += groupPositives;
    seen += groupPositives + groupNegatives;
    sum += groupPositives * (foundPositives / seen);
  });
  return sum / positives;
}
