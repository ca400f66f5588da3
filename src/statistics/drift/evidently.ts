// The drift measures of Evidently 0.7.23 under their own names, for those who move a threshold from there. Its documentation says that numbers
// are binned by quantiles of the reference; its code, and this file, take Sturges' bins of both samples together, so one outlier empties them.
import { countByEdges, equalWidthEdges, finitePart } from './bins';
import { jensenShannonDistance } from './jensen-shannon';
import { requireSameBins, sortedPresent, totalOf, type PairedCounts } from './samples';
import { wassersteinSorted, standardDeviation } from './wasserstein';

/** With at most this many different values in the reference, each value is a bin of its own. */
const VALUES_AS_BINS_UP_TO = 20;

/** Counts of two numeric samples over Evidently's bins; missing and infinite values are left out. No bins when a sample has no value. */
export function evidentlyBins(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): PairedCounts {
  const a = finitePart(sortedPresent(reference));
  const b = finitePart(sortedPresent(current));
  if (a.length === 0 || b.length === 0) return { reference: [], current: [] };
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  both.sort();
  if (distinctUpTo(a, VALUES_AS_BINS_UP_TO) > VALUES_AS_BINS_UP_TO) {
    const edges = equalWidthEdges(both, 'sturges');
    return { reference: countByEdges(a, edges), current: countByEdges(b, edges) };
  }
  const place = new Map<number, number>();
  for (const value of both) if (!place.has(value)) place.set(value, place.size);
  const counts = (sorted: Float64Array): number[] => {
    const found = new Array<number>(place.size).fill(0);
    for (const value of sorted) found[place.get(value)!]! += 1;
    return found;
  };
  return { reference: counts(a), current: counts(b) };
}

function distinctUpTo(sorted: Float64Array, most: number): number {
  let distinct = sorted.length > 0 ? 1 : 0;
  for (let i = 1; i < sorted.length && distinct <= most; i += 1) if (sorted[i] !== sorted[i - 1]) distinct += 1;
  return distinct;
}

/**
 * PSI of counts with Evidently's filling of empty bins: 1e-4, or a millionth of the sample's least positive share where that is not above
 * 1e-4. NaN when either sample has no rows.
 * @throws UnderstudyError `INTERNAL` when the bins differ in number.
 */
export function evidentlyPsiOfCounts(counts: PairedCounts): number {
  requireSameBins('PSI', counts);
  if (totalOf(counts.reference) === 0 || totalOf(counts.current) === 0) return Number.NaN;
  const reference = filledShares(counts.reference);
  const current = filledShares(counts.current);
  return reference.reduce((sum, share, i) => sum + (current[i]! - share) * Math.log(current[i]! / share), 0);
}

function filledShares(counts: readonly number[]): number[] {
  const total = totalOf(counts);
  const least = counts.reduce((smallest, count) => (count > 0 ? Math.min(smallest, count / total) : smallest), 1);
  const filling = least <= 1e-4 ? least / 1e6 : 1e-4;
  return counts.map((count) => (count > 0 ? count / total : filling));
}

/** PSI of a numeric column as Evidently computes it: {@link evidentlyBins}, {@link evidentlyPsiOfCounts}. */
export function evidentlyPsi(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): number {
  return evidentlyPsiOfCounts(evidentlyBins(reference, current));
}

/** Jensen-Shannon distance (natural logarithm) of a numeric column over {@link evidentlyBins}. */
export function evidentlyJensenShannon(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): number {
  return jensenShannonDistance(evidentlyBins(reference, current));
}

/** Wasserstein distance over the reference's standard deviation (of the population, at least 0.001); missing and infinite values left out. */
export function evidentlyWasserstein(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): number {
  const sorted = finitePart(sortedPresent(reference));
  return wassersteinSorted(sorted, finitePart(sortedPresent(current))) / Math.max(standardDeviation(sorted), 0.001);
}
