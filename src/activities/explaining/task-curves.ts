// What is drawn of predictions that are not one probability: classes against the rest and their confusion, values beside the true ones.
import type { ClassCurves, Curve, Explanation, Reliability, ValueCurves } from '../../domain/evaluation/explanation';
import { randomNumbers } from '../../domain/random';
import type { Target } from '../../domain/evaluation/task';
import { calibrationBins, expectedCalibrationError } from '../../statistics/metrics/binary/calibration';
import { rocCurve } from '../../statistics/metrics/binary/curves';
import { rocAuc } from '../../statistics/metrics/binary/ranking';
import { confusionOfProbabilities } from '../../statistics/metrics/multiclass/confusion';
import type { ClassProbabilities } from '../../statistics/metrics/multiclass/inputs';
import { classAgainstRest } from '../../statistics/metrics/multiclass/one-vs-rest';
import { topLabelRows } from '../../statistics/metrics/multiclass/top-label';
import { weightedQuantile } from '../../statistics/metrics/regression/quantiles';
import { finite } from '../evaluation/estimates';

/** Points of each class's curve: there may be a hundred of them. */
const CLASS_POINTS = 40;
const PAIRS = 400;
const PARTS = 10;
const SEED = 1;

/** What the task adds to the curves of an explanation; nothing for `binary`. */
export function taskCurvesOf(
  { task, classes = [] }: Target,
  labels: Float32Array,
  predictions: Float32Array,
  weights?: Float32Array,
): Pick<Explanation['curves'], 'classes' | 'values'> {
  if (task === 'binary') return {};
  if (task === 'regression') return { values: valueCurves(labels, predictions) };
  return { classes: classCurves(labels, { values: predictions, classes: classes.length }, classes, weights) };
}

/** Every class against the rest, the confusion matrix, and how far probabilities can be taken at their word. */
export function classCurves(
  labels: Float32Array,
  probabilities: ClassProbabilities,
  names: readonly string[],
  weights?: Float32Array,
): ClassCurves {
  return {
    against: names.map((name, ofClass) => {
      const rest = classAgainstRest(labels, probabilities, ofClass);
      const points = rocCurve(rest.labels, rest.scores, { maxPoints: CLASS_POINTS, weights });
      const roc: Curve | null =
        points?.map(({ falsePositiveRate, truePositiveRate }) => [falsePositiveRate, truePositiveRate] as const) ??
        null;
      const calibration = reliabilityOf(rest.labels, rest.scores, weights);
      return { name, roc, rocAuc: finite(rocAuc(rest.labels, rest.scores, weights)), calibration };
    }),
    topLabel: topLabelOf(labels, probabilities, weights),
    confusion: confusionOfProbabilities(labels, probabilities, weights).map((row) =>
      row.map((count) => finite(count) ?? 0),
    ),
  };
}

function topLabelOf(labels: Float32Array, probabilities: ClassProbabilities, weights?: Float32Array): Reliability {
  const rows = topLabelRows(labels, probabilities);
  return reliabilityOf(rows.labels, rows.scores, weights);
}

function reliabilityOf(labels: Uint8Array, scores: Float64Array, weights?: Float32Array): Reliability {
  const bins = calibrationBins(labels, scores, { weights }).map(({ meanProbability, positiveShare, n }) => {
    return { meanProbability, positiveShare, n };
  });
  return { bins, ece: finite(expectedCalibrationError(labels, scores, { weights })) };
}

/** A sample of the pairs, and the residuals by tenths of the predictions. */
export function valueCurves(labels: Float32Array, predictions: Float32Array): ValueCurves {
  const known = Array.from(predictions.keys()).filter((row) => Number.isFinite(predictions[row]!));
  const byPrediction = known.toSorted((a, b) => predictions[a]! - predictions[b]! || a - b);
  const parts: number[][] = [];
  for (const [rank, row] of byPrediction.entries()) {
    const last = parts.at(-1);
    const isDue = rank * PARTS >= parts.length * byPrediction.length;
    const isEqual = last !== undefined && predictions[last.at(-1)!] === predictions[row];
    if (last === undefined || (isDue && !isEqual)) parts.push([row]);
    else last.push(row);
  }
  return { pairs: pairsOf(known, labels, predictions), parts: parts.map((rows) => partOf(rows, labels, predictions)) };
}

/** Selection sampling: every row has the same chance, always the same ones. */
function pairsOf(rows: readonly number[], labels: Float32Array, predictions: Float32Array): Curve {
  const random = randomNumbers(SEED);
  const chosen: number[] = [];
  for (const [at, row] of rows.entries()) {
    if (random() * (rows.length - at) < PAIRS - chosen.length) chosen.push(row);
  }
  return chosen.map((row) => [labels[row]!, predictions[row]!] as const);
}

function partOf(
  rows: readonly number[],
  labels: Float32Array,
  predictions: Float32Array,
): ValueCurves['parts'][number] {
  const mean = (of: (row: number) => number): number => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const residuals = rows.map((row) => predictions[row]! - labels[row]!);
  return {
    n: rows.length,
    meanPrediction: mean((row) => predictions[row]!),
    meanLabel: mean((row) => labels[row]!),
    residual: {
      mean: residuals.reduce((sum, residual) => sum + residual, 0) / rows.length,
      low: weightedQuantile(residuals, 0.1),
      high: weightedQuantile(residuals, 0.9),
    },
  };
}
