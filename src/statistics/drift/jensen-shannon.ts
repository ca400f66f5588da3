// The divergence of Jensen and Shannon between two distributions over the same bins, and the distance, which is its square root.
// The two are often mixed up: scipy `jensenshannon`, Evidently and NannyML give the distance.
import { requireSameBins, totalOf, type PairedCounts } from './samples';

/** Unit of the divergence: natural logarithm (scipy's and Evidently's default), or base 2, where it is at most 1 (NannyML). */
export type LogarithmBase = 'e' | '2';

/**
 * Jensen-Shannon divergence (Lin 1991) of the shares: the mean of both relative entropies to their middle, between 0 and ln 2 = 0.6931 (base
 * 2: 1). Empty bins need no filling. NaN when a sample is empty.
 * @throws UnderstudyError `INTERNAL` when the bins differ in number.
 */
export function jensenShannonDivergence(counts: PairedCounts, base: LogarithmBase = 'e'): number {
  requireSameBins('Jensen-Shannon distance', counts);
  const totalReference = totalOf(counts.reference);
  const totalCurrent = totalOf(counts.current);
  if (totalReference === 0 || totalCurrent === 0) return Number.NaN;
  const twice = counts.reference.reduce((sum, count, i) => {
    const p = count / totalReference;
    const q = counts.current[i]! / totalCurrent;
    const middle = (p + q) / 2;
    return sum + relativeEntropy(p, middle) + relativeEntropy(q, middle);
  }, 0);
  // Rounding can leave a sum just below 0 for equal shares.
  return Math.max(twice, 0) / 2 / (base === '2' ? Math.LN2 : 1);
}

/**
 * Jensen-Shannon distance: square root of {@link jensenShannonDivergence} (scipy `jensenshannon`; Endres and Schindelin 2003 show that it is a
 * metric), between 0 and sqrt(ln 2) = 0.8326 (base 2: 1). NaN when a sample is empty.
 * @throws UnderstudyError `INTERNAL` when the bins differ in number.
 */
export function jensenShannonDistance(counts: PairedCounts, base: LogarithmBase = 'e'): number {
  return Math.sqrt(jensenShannonDivergence(counts, base));
}

function relativeEntropy(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log(p / q);
}
