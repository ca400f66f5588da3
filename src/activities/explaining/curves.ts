// The curves of a version's predictions on its holdout, thin enough to be drawn and stored.
import type { Curve, Explanation } from '../../domain/evaluation/explanation';
import { calibrationBins } from '../../statistics/metrics/binary/calibration';
import { precisionRecallCurve, rocCurve } from '../../statistics/metrics/binary/curves';

const CURVE_POINTS = 120;

/** ROC, precision and recall, calibration; null where a class is missing. */
export function curvesOf(
  labels: Float32Array,
  predictions: Float32Array,
  weights?: Float32Array,
): Omit<Explanation['curves'], 'training'> {
  const options = { maxPoints: CURVE_POINTS, weights };
  const roc = rocCurve(labels, predictions, options);
  const precisionRecall = precisionRecallCurve(labels, predictions, options);
  const points = <T>(found: readonly T[] | null, of: (point: T) => readonly [number, number]): Curve | null =>
    found?.map(of) ?? null;
  return {
    roc: points(roc, ({ falsePositiveRate, truePositiveRate }) => [falsePositiveRate, truePositiveRate]),
    precisionRecall: points(precisionRecall, ({ recall, precision }) => [recall, precision]),
    calibration:
      calibrationBins(labels, predictions, { weights })?.map(({ meanProbability, positiveShare, n }) => {
        return { meanProbability, positiveShare, n };
      }) ?? null,
  };
}

/** The first, the last, and evenly between. */
export function thinned<T>(points: readonly T[]): T[] {
  if (points.length <= CURVE_POINTS) return [...points];
  const step = (points.length - 1) / (CURVE_POINTS - 1);
  return Array.from({ length: CURVE_POINTS }, (_, i) => points[Math.round(i * step)]!);
}
