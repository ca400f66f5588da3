// DeLong's test of two areas under the ROC curve on the same independent rows, with its interval.
// Rows that come in clusters (days) are not independent: then the p values here are too small, and `pairedClusterTest` is the test.
import { normalCdf, normalQuantile } from '../../distributions';
import { inspectBinary } from '../../inputs';

/** What {@link delongTest} found; the difference is B minus A. */
export interface DelongTest {
  readonly aucA: number;
  readonly aucB: number;
  readonly difference: number;
  readonly standardError: number;
  readonly varianceA: number;
  readonly varianceB: number;
  readonly covariance: number;
  readonly z: number;
  readonly pTwoSided: number;
  /** Two-sided interval of the difference at the level asked for. */
  readonly low: number;
  readonly high: number;
}

/** How many of the rising `sorted` are below `value`, plus half of those equal to it. */
function midPosition(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  const below = low;
  high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return (below + low) / 2;
}

type Placements = readonly [negatives: Float64Array, positives: Float64Array];

/** Each row's part in the AUC: for a positive row the share of negatives below it, for a negative the share of positives above. O(n log n). */
function placements(labels: ArrayLike<number>, scores: ArrayLike<number>): Placements {
  const all = Float64Array.from(scores);
  const [negatives, positives] = [all.filter((_, i) => labels[i] === 0), all.filter((_, i) => labels[i] === 1)];
  const [risingNegatives, risingPositives] = [negatives.slice().sort(), positives.slice().sort()];
  return [
    negatives.map((score) => 1 - midPosition(risingPositives, score) / positives.length),
    positives.map((score) => midPosition(risingNegatives, score) / negatives.length),
  ];
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample covariance (n - 1); NaN for a single value. */
function covarianceOf(x: Float64Array, y: Float64Array): number {
  const meanX = mean(x);
  const meanY = mean(y);
  return x.reduce((sum, value, i) => sum + (value - meanX) * (y[i]! - meanY), 0) / (x.length - 1);
}

/** Covariance of two areas from the placements behind them (Sen 1960). */
function covarianceOfAreas(x: Placements, y: Placements): number {
  return covarianceOf(x[0], y[0]) / x[0].length + covarianceOf(x[1], y[1]) / x[1].length;
}

/**
 * Paired test of two ROC AUCs on the same rows (DeLong and others 1988, in the time of a sort as by Sun and Xu 2014).
 * Both models rank alike: z 0, p 1 (a difference without any error has infinite z and p 0). One class, no rows or a NaN score: all
 * NaN; a single row of a class: the areas are known, the rest is NaN.
 * @param level of the interval, in (0, 1).
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function delongTest(
  labels: ArrayLike<number>,
  scoresA: ArrayLike<number>,
  scoresB: ArrayLike<number>,
  level = 0.95,
): DelongTest {
  const { positives, hasNaN } = inspectBinary('DeLong test', labels, scoresA);
  const { hasNaN: hasNaNInB } = inspectBinary('DeLong test', labels, scoresB);
  if (hasNaN || hasNaNInB || positives === 0 || positives === labels.length) {
    const nothing = Number.NaN;
    const variances = { varianceA: nothing, varianceB: nothing, covariance: nothing };
    const test = { standardError: nothing, z: nothing, pTwoSided: nothing, low: nothing, high: nothing };
    return { aucA: nothing, aucB: nothing, difference: nothing, ...variances, ...test };
  }
  const a = placements(labels, scoresA);
  const b = placements(labels, scoresB);
  const aucA = mean(a[1]);
  const aucB = mean(b[1]);
  const difference = aucB - aucA;
  // Not varA + varB - 2 cov, which loses its digits, and may turn negative, when the two models are nearly the same.
  const apart = [b[0].map((part, i) => part - a[0][i]!), b[1].map((part, i) => part - a[1][i]!)] as const;
  const standardError = Math.sqrt(covarianceOfAreas(apart, apart));
  const halfWidth = normalQuantile((1 + level) / 2) * standardError;
  const z = standardError === 0 && difference === 0 ? 0 : difference / standardError;
  return {
    aucA,
    aucB,
    difference,
    standardError,
    varianceA: covarianceOfAreas(a, a),
    varianceB: covarianceOfAreas(b, b),
    covariance: covarianceOfAreas(a, b),
    z,
    pTwoSided: 2 * normalCdf(-Math.abs(z)),
    low: difference - halfWidth,
    high: difference + halfWidth,
  };
}
