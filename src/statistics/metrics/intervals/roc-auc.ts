// The interval of one area under the ROC curve on independent rows.
import { normalQuantile } from '../../distributions';
import { rankRows, rocAuc, visitTies } from '../binary/ranking';
import type { Interval } from './interval';

/**
 * ROC AUC -/+ z x standard error, the error from the variances of the rows' placements among the other class (DeLong and others 1988;
 * R pROC `ci.auc`, method `delong`, which cuts the bounds at 0 and 1). Takes O(n log n).
 * All NaN with one class, without rows, and when a score is NaN; bounds NaN with a single row of a class. Areas of 0 and 1 have
 * a standard error of 0: the interval says nothing there, use the bootstrap.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function delongInterval(labels: ArrayLike<number>, scores: ArrayLike<number>, level = 0.95): Interval {
  const value = rocAuc(labels, scores);
  const rows = { level, method: 'delong', n: labels.length, clusters: null } as const;
  const ranked = rankRows('DeLong interval', labels, scores);
  if (ranked === null || Number.isNaN(value)) return { value, low: Number.NaN, high: Number.NaN, ...rows };
  const positives = ranked.labels.reduce((sum, label) => sum + label, 0);
  const negatives = labels.length - positives;
  let positivesAbove = 0;
  let negativesBelow = negatives;
  let squaresOfPositives = 0;
  let squaresOfNegatives = 0;
  visitTies(ranked, undefined, (groupPositives, groupNegatives) => {
    negativesBelow -= groupNegatives;
    const ofPositive = (negativesBelow + groupNegatives / 2) / negatives;
    const ofNegative = (positivesAbove + groupPositives / 2) / positives;
    positivesAbove += groupPositives;
    squaresOfPositives += groupPositives * (ofPositive - value) ** 2;
    squaresOfNegatives += groupNegatives * (ofNegative - value) ** 2;
  });
  const variance = squaresOfPositives / (positives - 1) / positives + squaresOfNegatives / (negatives - 1) / negatives;
  const halfWidth = normalQuantile((1 + level) / 2) * Math.sqrt(variance);
  return { value, low: value - halfWidth, high: value + halfWidth, ...rows };
}
