// Where the predictions of a report are from, and how far a new scoring of the same rows is from the recorded one.
import type { PredictionDifference, ScoredBy } from '../../ports/decision-reports';
import type { Opened } from '../evaluation/evaluate';

/**
 * What a report says of its predictions.
 * @param recordedAt instant of the recorded predictions; null: there are none.
 */
export function scoredBy(
  { version, predictions, recorded }: Opened,
  recordedAt: string | null,
  fresh: boolean,
): ScoredBy {
  return {
    predictions: recordedAt === null || fresh ? 'now' : 'recorded',
    recordedAt,
    onnx: version.onnx.sha256,
    ...(recorded && {
      differences: {
        holdout: predictionDifference(recorded.holdout, predictions.holdout),
        truth: predictionDifference(recorded.truth, predictions.truth),
      },
    }),
  };
}

/** Number by number. Another count of them, or a NaN on one side only, is an infinite distance. */
export function predictionDifference(was: Float32Array, is: Float32Array): PredictionDifference {
  const numbers = Math.max(was.length, is.length);
  let different = 0;
  let largest = 0;
  for (let i = 0; i < numbers; i++) {
    if (i < was.length && i < is.length && Object.is(was[i], is[i])) continue;
    different++;
    const distance = Math.abs(was[i]! - is[i]!);
    largest = Math.max(largest, Number.isNaN(distance) ? Infinity : distance);
  }
  return { numbers, different, largest };
}
