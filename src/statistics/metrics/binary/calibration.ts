// Whether probabilities can be taken at their word: the bins of a calibration plot and the expected calibration error.
import { inspectBinary, requireThat, type Weights } from '../../inputs';

/** Which bin takes a probability on an edge: `right_closed` bins are (a, b] (scikit-learn's `calibration_curve`), `left_closed` [a, b). */
export type BinEdges = 'right_closed' | 'left_closed';

/** How rows are binned. */
export interface CalibrationOptions {
  /** Default `right_closed`. */
  readonly edges?: BinEdges | undefined;
  /**
   * `equal_width` (default): edges as `numpy.linspace(0, 1, bins + 1)` to the bit, since rounded probabilities lie on edges often.
   * `equal_mass`: edges at the linear quantiles of the probabilities, weights apart (scikit-learn's strategy `quantile`).
   */
  readonly binning?: 'equal_width' | 'equal_mass' | undefined;
  /** How many bins, a positive integer; 10 by default. */
  readonly bins?: number | undefined;
  readonly weights?: Weights | undefined;
}

/** One bin of a calibration plot that holds rows. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  /** Rows, whatever their weight. */
  readonly n: number;
  readonly weight: number;
  readonly meanProbability: number;
  readonly positiveShare: number;
}

interface BinSums {
  readonly innerEdges: readonly number[];
  readonly rows: Float64Array;
  readonly weight: Float64Array;
  readonly probability: Float64Array;
  readonly positives: Float64Array;
  /** Sum of label - probability: kept apart, because the difference of two sums loses digits. */
  readonly excess: Float64Array;
  readonly total: number;
}

function innerEdgesOf(probabilities: ArrayLike<number>, bins: number, binning: 'equal_width' | 'equal_mass'): number[] {
  if (binning === 'equal_width') return Array.from({ length: bins - 1 }, (_, i) => (i + 1) * (1 / bins));
  const sorted = Float64Array.from(probabilities).sort();
  return Array.from({ length: bins - 1 }, (_, i) => {
    const place = (sorted.length - 1) * ((i + 1) / bins);
    const below = sorted[Math.floor(place)]!;
    return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
  });
}

/** Sums per bin; null when a probability is NaN or there is no row. */
function sumBins(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: CalibrationOptions,
): BinSums | null {
  const { edges = 'right_closed', binning = 'equal_width', bins = 10, weights } = options;
  const statistic = 'expected calibration error';
  requireThat(Number.isInteger(bins) && bins > 0, statistic, `${String(bins)} bins`, 'a whole number of at least 1');
  const { hasNaN, total } = inspectBinary(statistic, labels, probabilities, weights);
  if (hasNaN || total === 0) return null;
  const innerEdges = innerEdgesOf(probabilities, bins, binning);
  const zeros = (): Float64Array => new Float64Array(bins);
  const sums = { rows: zeros(), weight: zeros(), probability: zeros(), positives: zeros(), excess: zeros() };
  for (let i = 0; i < labels.length; i += 1) {
    const probability = probabilities[i]!;
    const weight = weights === undefined ? 1 : weights[i]!;
    let bin = 0;
    while (bin < innerEdges.length) {
      const edge = innerEdges[bin]!;
      if (edges === 'right_closed' ? probability <= edge : probability < edge) break;
      bin += 1;
    }
    sums.rows[bin]! += 1;
    sums.weight[bin]! += weight;
    sums.probability[bin]! += weight * probability;
    sums.positives[bin]! += weight * labels[i]!;
    sums.excess[bin]! += weight * (labels[i]! - probability);
  }
  return { innerEdges, ...sums, total };
}

/**
 * Expected calibration error (Naeini and others 2015, on the probability of the positive class): over the bins, the sum of
 * share of rows x |share of positives - mean probability|. Lower is better; 0 for the base rate as constant.
 * 0 and 1 belong to the first and last bin, and so do probabilities outside [0, 1]. NaN without rows (or weight) and when a
 * probability is NaN; one class is no problem.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, different lengths, bad weights, or fewer than one bin.
 */
export function expectedCalibrationError(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: CalibrationOptions = {},
): number {
  const sums = sumBins(labels, probabilities, options);
  // Per bin, share x |share of positives - mean probability| is |sum of (label - probability)| / all.
  return sums === null
    ? Number.NaN
    : sums.excess.reduce((sum, difference) => sum + Math.abs(difference), 0) / sums.total;
}

/**
 * The points of a calibration plot: the bins of {@link expectedCalibrationError} that hold weight, lowest first. The outer edges are
 * 0 and 1. Empty without rows and when a probability is NaN.
 * @throws UnderstudyError as {@link expectedCalibrationError}.
 */
export function calibrationBins(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: CalibrationOptions = {},
): CalibrationBin[] {
  const sums = sumBins(labels, probabilities, options);
  if (sums === null) return [];
  const { innerEdges, rows, weight, probability, positives } = sums;
  return Array.from(weight, (binWeight, bin) => ({
    from: innerEdges[bin - 1] ?? 0,
    to: innerEdges[bin] ?? 1,
    n: rows[bin]!,
    weight: binWeight,
    meanProbability: probability[bin]! / binWeight,
    positiveShare: positives[bin]! / binWeight,
  })).filter((bin) => bin.weight > 0);
}
