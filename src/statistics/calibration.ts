// Whether probabilities can be taken at their word: the expected calibration error.
import { inspectBinary } from './inputs';

/** Which bin takes a probability on an edge: `right_closed` bins are (a, b] (scikit-learn's `calibration_curve`), `left_closed` [a, b). */
export type BinEdges = 'right_closed' | 'left_closed';

/**
 * Expected calibration error (Naeini and others 2015, on the probability of the positive class): over equal bins of [0, 1],
 * the sum of share of rows x |share of positives - mean probability|. Lower is better; 0 for the base rate as constant.
 * Edges are those of `numpy.linspace(0, 1, bins + 1)` to the bit, since rounded probabilities lie on edges often.
 * 0 and 1 belong to the first and last bin, and so do probabilities outside [0, 1]. NaN without rows and when a probability is NaN;
 * one class is no problem.
 * @param bins how many bins, a positive integer; 10 by default.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, or different lengths.
 */
export function expectedCalibrationError(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  edges: BinEdges = 'right_closed',
  bins = 10,
): number {
  const { hasNaN } = inspectBinary('expected calibration error', labels, probabilities);
  if (hasNaN) return Number.NaN;
  const innerEdges = Array.from({ length: bins - 1 }, (_, i) => (i + 1) * (1 / bins));
  // Per bin, share x |mean label - mean probability| is |sum of labels - sum of probabilities| / rows.
  const excess = new Float64Array(bins);
  for (let i = 0; i < labels.length; i += 1) {
    const probability = probabilities[i]!;
    let bin = 0;
    while (bin < innerEdges.length) {
      const edge = innerEdges[bin]!;
      if (edges === 'right_closed' ? probability <= edge : probability < edge) break;
      bin += 1;
    }
    excess[bin]! += labels[i]! - probability;
  }
  return excess.reduce((sum, difference) => sum + Math.abs(difference), 0) / labels.length;
}
