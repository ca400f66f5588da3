// Tests of two models on the same independent rows: DeLong on the areas under the ROC curve, McNemar on right and wrong answers.
// Rows that come in clusters (days) are not independent: then the p values here are too small, and `pairedClusterTest` is the test.
import { binomialCdf, chiSquaredSurvival, normalCdf } from './distributions';
import { inspectBinary } from './inputs';

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
}

/** Ranks from 1 on, equal values sharing the mean of their ranks. */
function midRanks(values: Float64Array): Float64Array {
  const order = new Uint32Array(values.length).map((_, i) => i).sort((a, b) => values[a]! - values[b]! || 0);
  const ranks = new Float64Array(values.length);
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1;
    for (let i = start; i < end; i += 1) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/** Each row's part in the AUC: for a positive row the share of negatives below it, for a negative the share of positives above. */
function placements(labels: ArrayLike<number>, scores: ArrayLike<number>, positives: number) {
  const n = labels.length;
  const all = Float64Array.from(scores);
  const ofClass = [all.filter((_, i) => labels[i] === 0), all.filter((_, i) => labels[i] === 1)] as const;
  const overall = midRanks(all);
  const within = [midRanks(ofClass[0]), midRanks(ofClass[1])] as const;
  const parts = [new Float64Array(n - positives), new Float64Array(positives)] as const;
  const next: [number, number] = [0, 0];
  for (let i = 0; i < n; i += 1) {
    const label = labels[i] === 1 ? 1 : 0;
    const k = next[label]++;
    const others = overall[i]! - within[label][k]!;
    parts[label][k] = label === 1 ? others / (n - positives) : 1 - others / positives;
  }
  return parts;
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

/**
 * Paired test of two ROC AUCs on the same rows (DeLong and others 1988, with the mid-rank algorithm of Sun and Xu 2014).
 * Both models rank alike: z 0, p 1 (a difference without any error has infinite z and p 0). One class, no rows or a NaN score: all
 * NaN; a single row of a class: the areas are known, the rest is NaN.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function delongTest(
  labels: ArrayLike<number>,
  scoresA: ArrayLike<number>,
  scoresB: ArrayLike<number>,
): DelongTest {
  const { positives, hasNaN } = inspectBinary('DeLong test', labels, scoresA);
  const { hasNaN: hasNaNInB } = inspectBinary('DeLong test', labels, scoresB);
  if (hasNaN || hasNaNInB || positives === 0 || positives === labels.length) {
    const nothing = Number.NaN;
    const variances = { varianceA: nothing, varianceB: nothing, covariance: nothing };
    const test = { standardError: nothing, z: nothing, pTwoSided: nothing };
    return { aucA: nothing, aucB: nothing, difference: nothing, ...variances, ...test };
  }
  const a = placements(labels, scoresA, positives);
  const b = placements(labels, scoresB, positives);
  const covariance = (x: typeof a, y: typeof a): number =>
    covarianceOf(x[0], y[0]) / x[0].length + covarianceOf(x[1], y[1]) / x[1].length;
  const aucA = mean(a[1]);
  const aucB = mean(b[1]);
  const difference = aucB - aucA;
  // Not varA + varB - 2 cov, which loses its digits, and may turn negative, when the two models are nearly the same.
  const apart = [b[0].map((part, i) => part - a[0][i]!), b[1].map((part, i) => part - a[1][i]!)] as const;
  const standardError = Math.sqrt(covariance(apart, apart));
  const z = standardError === 0 && difference === 0 ? 0 : difference / standardError;
  return {
    aucA,
    aucB,
    difference,
    standardError,
    varianceA: covariance(a, a),
    varianceB: covariance(b, b),
    covariance: covariance(a, b),
    z,
    pTwoSided: 2 * normalCdf(-Math.abs(z)),
  };
}

/** A test statistic with its p value. */
export interface TestResult {
  readonly statistic: number;
  readonly p: number;
}

/** What {@link mcnemarTest} found: the discordant rows, and the three usual forms of the test (all two-sided). */
export interface McnemarTest {
  readonly onlyARight: number;
  readonly onlyBRight: number;
  /** Binomial; its statistic is the smaller of the two counts. */
  readonly exact: TestResult;
  readonly chiSquaredCorrected: TestResult;
  readonly chiSquaredUncorrected: TestResult;
}

/**
 * Test of two classifiers on the same rows from the rows that only one got right (McNemar 1947; statsmodels `mcnemar`).
 * No such rows: exact p 1; corrected statistic 0 and p 1 (the bare formula would say infinite and p 0);
 * uncorrected NaN, being 0/0.
 */
export function mcnemarFromCounts(onlyARight: number, onlyBRight: number): McnemarTest {
  const smaller = Math.min(onlyARight, onlyBRight);
  const discordant = onlyARight + onlyBRight;
  const apart = Math.abs(onlyARight - onlyBRight);
  const corrected = discordant === 0 ? 0 : (apart - 1) ** 2 / discordant;
  const uncorrected = apart ** 2 / discordant;
  return {
    onlyARight,
    onlyBRight,
    exact: { statistic: smaller, p: Math.min(1, 2 * binomialCdf(smaller, discordant, 0.5)) },
    chiSquaredCorrected: { statistic: corrected, p: chiSquaredSurvival(corrected, 1) },
    chiSquaredUncorrected: { statistic: uncorrected, p: chiSquaredSurvival(uncorrected, 1) },
  };
}

/**
 * {@link mcnemarFromCounts} on the answers that probabilities give at 0.5 (0.5 itself is positive). A NaN probability makes all NaN.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function mcnemarTest(
  labels: ArrayLike<number>,
  probabilitiesA: ArrayLike<number>,
  probabilitiesB: ArrayLike<number>,
): McnemarTest {
  const { hasNaN } = inspectBinary('McNemar test', labels, probabilitiesA);
  const { hasNaN: hasNaNInB } = inspectBinary('McNemar test', labels, probabilitiesB);
  if (hasNaN || hasNaNInB) return mcnemarFromCounts(Number.NaN, Number.NaN);
  let onlyARight = 0;
  let onlyBRight = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const rightA = probabilitiesA[i]! >= 0.5 === (labels[i] === 1);
    const rightB = probabilitiesB[i]! >= 0.5 === (labels[i] === 1);
    if (rightA && !rightB) onlyARight += 1;
    if (rightB && !rightA) onlyBRight += 1;
  }
  return mcnemarFromCounts(onlyARight, onlyBRight);
}
