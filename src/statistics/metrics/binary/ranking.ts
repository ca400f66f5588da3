// How well scores order the rows of a binary task: area under the ROC curve and average precision.
// Invariant: only the order of the scores counts, so any real scores will do; tied scores are one step and row order never matters.
import { inspectBinary, inspectWeights, type Weights } from '../../inputs';
import { descendingOrder } from './order';

/** A metric of fixed rows under any weights: what depends on the rows alone (their order by score) is done once. */
export type OfWeights = (weights?: Weights) => number;

/** Rows by falling score, as compact arrays: a bootstrap goes over them thousands of times. */
export interface RankedRows {
  readonly order: Uint32Array;
  /** By place in the order: the label. */
  readonly labels: Uint8Array;
  /** The place after the last row of each group of equal scores. */
  readonly groupEnds: Uint32Array;
}

/**
 * Ranks rows; null when a score is NaN.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function rankRows(statistic: string, labels: ArrayLike<number>, scores: ArrayLike<number>): RankedRows | null {
  if (inspectBinary(statistic, labels, scores).hasNaN) return null;
  const order = descendingOrder(scores);
  const ends = new Uint32Array(order.length);
  const rankedLabels = new Uint8Array(order.length);
  let groups = 0;
  for (let place = 0; place < order.length; place += 1) {
    const row = order[place]!;
    rankedLabels[place] = labels[row]!;
    if (place + 1 === order.length || scores[order[place + 1]!] !== scores[row]) ends[groups++] = place + 1;
  }
  return { order, labels: rankedLabels, groupEnds: ends.subarray(0, groups) };
}

/** Visits each group of equal scores, best score first, with its weight (number) of positive and negative rows. */
export function visitTies(
  { order, labels, groupEnds }: RankedRows,
  weights: Weights | undefined,
  visit: (positives: number, negatives: number, lastRow: number) => void,
): void {
  // One kind of array keeps this loop fast.
  const exact = weights === undefined || weights instanceof Float64Array ? weights : Float64Array.from(weights);
  let place = 0;
  for (const end of groupEnds) {
    let positives = 0;
    let negatives = 0;
    for (; place < end; place += 1) {
      const weight = exact === undefined ? 1 : exact[order[place]!]!;
      if (labels[place] === 1) positives += weight;
      else negatives += weight;
    }
    visit(positives, negatives, order[end - 1]!);
  }
}

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting one half
 * (Mann-Whitney U by mid-ranks; scikit-learn `roc_auc_score`). With weights a pair counts by the product of its weights.
 * Higher is better. NaN with one class (by weight), without rows, and when a score is NaN.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, different lengths, or bad weights.
 */
export function rocAuc(labels: ArrayLike<number>, scores: ArrayLike<number>, weights?: Weights): number {
  return rocAucOf(labels, scores)(weights);
}

/** {@link rocAuc} of the same rows under many weightings: the rows are sorted once. */
export function rocAucOf(labels: ArrayLike<number>, scores: ArrayLike<number>): OfWeights {
  const ranked = rankRows('ROC AUC', labels, scores);
  return (weights) => {
    inspectWeights('ROC AUC', labels.length, weights);
    if (ranked === null) return Number.NaN;
    let positives = 0;
    let negatives = 0;
    let wins = 0;
    visitTies(ranked, weights, (groupPositives, groupNegatives) => {
      wins += groupNegatives * (positives + groupPositives / 2);
      positives += groupPositives;
      negatives += groupNegatives;
    });
    return wins / (positives * negatives);
  };
}

/**
 * Average precision: sum over distinct scores, from the best, of (gain in recall) x (precision there): the step sum without
 * interpolation (scikit-learn `average_precision_score`). Higher is better; random scores give the share of positives.
 * NaN without positive rows (scikit-learn: 0 and a warning), without rows, and when a score is NaN; 1 without negative rows.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, different lengths, or bad weights.
 */
export function averagePrecision(labels: ArrayLike<number>, scores: ArrayLike<number>, weights?: Weights): number {
  return averagePrecisionOf(labels, scores)(weights);
}

/** {@link averagePrecision} of the same rows under many weightings: the rows are sorted once. */
export function averagePrecisionOf(labels: ArrayLike<number>, scores: ArrayLike<number>): OfWeights {
  const ranked = rankRows('average precision', labels, scores);
  return (weights) => {
    inspectWeights('average precision', labels.length, weights);
    if (ranked === null) return Number.NaN;
    let sum = 0;
    let positives = 0;
    let seen = 0;
    visitTies(ranked, weights, (groupPositives, groupNegatives) => {
      positives += groupPositives;
      seen += groupPositives + groupNegatives;
      if (groupPositives > 0) sum += groupPositives * (positives / seen);
    });
    return sum / positives;
  };
}
