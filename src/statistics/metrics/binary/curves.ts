// The ROC and the precision-recall curve of a binary task, thinned for plots.
// Invariant: the first and the last point are always kept, points are real points of the full curve, and there are at most `maxPoints`.
import { inspectWeights, requireThat, type Weights } from '../../inputs';
import { rankRows, visitTies } from './ranking';

/** How a curve is made. */
export interface CurveOptions {
  /** At least 3; 200 by default. */
  readonly maxPoints?: number | undefined;
  readonly weights?: Weights | undefined;
}

/** A point of the ROC curve: the rates when scores of at least `threshold` are a yes; null: no score is, the first point. */
export interface RocPoint {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
  readonly threshold: number | null;
}

/** A point of the precision-recall curve: precision and recall when scores of at least `threshold` are a yes. */
export interface PrecisionRecallPoint {
  readonly recall: number;
  readonly precision: number;
  readonly threshold: number;
}

/** Sums of positive and negative weight down to each distinct score, best first. */
interface Cumulated {
  readonly thresholds: Float64Array;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  readonly length: number;
}

function cumulate(
  statistic: string,
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: Weights | undefined,
): Cumulated | null {
  inspectWeights(statistic, labels.length, weights);
  const ranked = rankRows(statistic, labels, scores);
  if (ranked === null) return null;
  const thresholds = new Float64Array(labels.length);
  const positives = new Float64Array(labels.length);
  const negatives = new Float64Array(labels.length);
  let length = 0;
  let positivesSoFar = 0;
  let negativesSoFar = 0;
  visitTies(ranked, weights, (groupPositives, groupNegatives, lastRow) => {
    if (groupPositives + groupNegatives === 0) return;
    positivesSoFar += groupPositives;
    negativesSoFar += groupNegatives;
    thresholds[length] = scores[lastRow]!;
    positives[length] = positivesSoFar;
    negatives[length] = negativesSoFar;
    length += 1;
  });
  return positivesSoFar === 0 ? null : { thresholds, positives, negatives, length };
}

/**
 * The points kept: those that first reach each of `maxPoints` even steps of (share of positives seen + share of negatives seen). No
 * point left out is further than one step, 2 / (maxPoints - 1), from the kept one before it, in both rates together.
 */
function keptPoints({ positives, negatives, length }: Cumulated, maxPoints: number): number[] {
  const last = length - 1;
  const perPositive = 1 / positives[last]!;
  const perNegative = negatives[last] === 0 ? 0 : 1 / negatives[last]!;
  const reached = (i: number): number => positives[i]! * perPositive + negatives[i]! * perNegative;
  if (length <= maxPoints) return Array.from({ length }, (_, i) => i);
  const kept = [0];
  let step = 1;
  for (let i = 1; i < last; i += 1) {
    const target = (step * reached(last)) / (maxPoints - 1);
    if (reached(i) < target) continue;
    if (kept.length < maxPoints - 1) kept.push(i);
    while (step < maxPoints && (step * reached(last)) / (maxPoints - 1) <= reached(i)) step += 1;
  }
  return [...kept, last];
}

function inspectMaxPoints(statistic: string, maxPoints: number): void {
  const holds = Number.isInteger(maxPoints) && maxPoints >= 3;
  requireThat(holds, statistic, `maxPoints ${String(maxPoints)}`, 'a whole number of at least 3');
}

/**
 * The ROC curve from (0, 0) to (1, 1), one point per distinct score (scikit-learn `roc_curve` with every point), thinned.
 * Null with one class (by weight), without rows, and when a score is NaN.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, different lengths, bad weights, or fewer than 3 points.
 */
export function rocCurve(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { maxPoints = 200, weights }: CurveOptions = {},
): RocPoint[] | null {
  inspectMaxPoints('ROC curve', maxPoints);
  const curve = cumulate('ROC curve', labels, scores, weights);
  if (curve === null) return null;
  const { thresholds, positives, negatives, length } = curve;
  const allPositives = positives[length - 1]!;
  const allNegatives = negatives[length - 1]!;
  if (allNegatives === 0) return null;
  const points = keptPoints(curve, maxPoints - 1).map((i) => ({
    falsePositiveRate: negatives[i]! / allNegatives,
    truePositiveRate: positives[i]! / allPositives,
    threshold: thresholds[i]!,
  }));
  return [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: null }, ...points];
}

/**
 * The precision-recall curve by rising recall, one point per distinct score (scikit-learn `precision_recall_curve` the other way
 * round, without its artificial last point of precision 1), thinned. Null without positive rows and when a score is NaN.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, different lengths, bad weights, or fewer than 3 points.
 */
export function precisionRecallCurve(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  { maxPoints = 200, weights }: CurveOptions = {},
): PrecisionRecallPoint[] | null {
  inspectMaxPoints('precision-recall curve', maxPoints);
  const curve = cumulate('precision-recall curve', labels, scores, weights);
  if (curve === null) return null;
  const { thresholds, positives, negatives, length } = curve;
  return keptPoints(curve, maxPoints).map((i) => ({
    recall: positives[i]! / positives[length - 1]!,
    precision: positives[i]! / (positives[i]! + negatives[i]!),
    threshold: thresholds[i]!,
  }));
}
