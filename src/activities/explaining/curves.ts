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

/** The first, the last, and evenly between; also the points that `kept` names, such as the best one that a caption speaks of. */
export function thinned<T>(points: readonly T[], kept: readonly T[] = []): T[] {
  if (points.length <= CURVE_POINTS) return [...points];
  const step = (points.length - 1) / (CURVE_POINTS - 1);
  const chosen = new Set(Array.from({ length: CURVE_POINTS }, (_, i) => Math.round(i * step)));
  for (const point of kept) if (points.includes(point)) chosen.add(points.indexOf(point));
  return [...chosen].sort((a, b) => a - b).map((place) => points[place]!);
}

/** A training curve, thinned; the least point on the early-stopping days (the first of equal ones) stays. */
export function thinnedTraining<T extends { readonly valid?: number | undefined }>(points: readonly T[]): T[] {
  const best = points.reduce<T | null>((least, point) => {
    if (point.valid === undefined) return least;
    return least?.valid === undefined || point.valid < least.valid ? point : least;
  }, null);
  return thinned(points, best ? [best] : []);
}
