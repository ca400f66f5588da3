// The population stability index (PSI) of one column between a reference sample and a current one.
// The classic definition: bins by deciles of the reference, an empty bin's share taken as 1e-4. By custom below 0.1 is calm, above 0.25 drift.
import {
  countCategories,
  requireSameBins,
  sortedPresent,
  totalOf,
  type Category,
  type CategoryCounts,
  type PairedCounts,
} from './samples';

/** What the share of an empty bin is taken as, since its logarithm does not exist. Shares are not scaled to sum to 1 again. */
export const PSI_EMPTY_SHARE = 1e-4;

/** How missing values count: left out (the default; watch `missingShareDifference` beside it), or as one more bin. */
export interface PsiOptions {
  readonly missingBin?: boolean;
}

/**
 * PSI of counts over the same bins: sum of (current - reference) x ln(current / reference) over shares.
 * Never negative; 0 for equal shares. NaN when either sample has no rows.
 * @throws UnderstudyError `INTERNAL` when the bins differ in number.
 */
export function psiOfCounts(counts: PairedCounts): number {
  requireSameBins('PSI', counts);
  const totalReference = totalOf(counts.reference);
  const totalCurrent = totalOf(counts.current);
  if (totalReference === 0 || totalCurrent === 0) return Number.NaN;
  return counts.reference.reduce((sum, count, i) => {
    const reference = count / totalReference || PSI_EMPTY_SHARE;
    const current = counts.current[i]! / totalCurrent || PSI_EMPTY_SHARE;
    return sum + (current - reference) * Math.log(current / reference);
  }, 0);
}

/**
 * The distinct inner quantiles that cut a reference sample into `bins` (numpy's linear quantiles); fewer when values repeat,
 * none when no value is present. `sorted` must hold no NaN and rise.
 */
export function quantileCutPoints(sorted: Float64Array, bins = 10): number[] {
  if (sorted.length === 0) return [];
  const cutPoints = Array.from({ length: bins - 1 }, (_, i) => {
    const position = (sorted.length - 1) * ((i + 1) / bins);
    const below = Math.floor(position);
    const low = sorted[below]!;
    const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
    return interpolate(low, high, position - below);
  });
  return [...new Set(cutPoints)];
}

/** numpy's interpolation, which starts from the nearer end: the last bit decides the bin of a value that lies on a cut point. */
function interpolate(low: number, high: number, share: number): number {
  const value = share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
  return Number.isNaN(value) ? low : value; // infinite neighbours
}

/** Counts of sorted values in the bins (-inf, c1], (c1, c2], ..., (ck, inf). */
export function countByCutPoints(sorted: Float64Array, cutPoints: readonly number[]): number[] {
  const counts = new Array<number>(cutPoints.length + 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < cutPoints.length && value > cutPoints[bin]!) bin += 1;
    counts[bin]! += 1;
  }
  return counts;
}

/**
 * PSI of a numeric column over the deciles of the reference. A constant reference has two bins: up to the constant, and above it.
 * NaN when a sample has no value (with `missingBin`: no rows). Values are binned as (a, b].
 */
export function psiNumeric(
  reference: ArrayLike<number | null>,
  current: ArrayLike<number | null>,
  options: PsiOptions = {},
): number {
  const sortedReference = sortedPresent(reference);
  const sortedCurrent = sortedPresent(current);
  const cutPoints = quantileCutPoints(sortedReference);
  const counts = {
    reference: countByCutPoints(sortedReference, cutPoints),
    current: countByCutPoints(sortedCurrent, cutPoints),
    missing: { reference: reference.length - sortedReference.length, current: current.length - sortedCurrent.length },
  };
  return psiOfCounts(options.missingBin === true ? withMissingBin(counts) : counts);
}

/**
 * PSI of a categorical column, one bin per category of the union: a column with thousands of rare categories has a large PSI
 * between any two samples. NaN when a sample has no value (with `missingBin`: no rows).
 */
export function psiCategories(
  reference: ArrayLike<Category>,
  current: ArrayLike<Category>,
  options: PsiOptions = {},
): number {
  const counts = countCategories(reference, current);
  return psiOfCounts(options.missingBin === true ? withMissingBin(counts) : counts);
}

function withMissingBin(counts: Omit<CategoryCounts, 'categories'>): PairedCounts {
  return {
    reference: [...counts.reference, counts.missing.reference],
    current: [...counts.current, counts.missing.current],
  };
}
