// What a column of data is to the drift statistics: present values, missing values, and counts per category of two samples.
// Invariant: missing means null or NaN (for categories null), everywhere in the drift statistics; nothing is dropped uncounted.
import { requireSameLength } from '../inputs';

/** A value of a categorical column; null is missing. */
export type Category = string | number | boolean | null;

/** The present values of a numeric column in rising order. Infinite values are present. */
export function sortedPresent(values: ArrayLike<number | null>): Float64Array {
  const present = new Float64Array(values.length);
  let kept = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (!isMissing(value)) present[kept++] = value;
  }
  return present.subarray(0, kept).sort();
}

function isMissing(value: Category): value is null {
  return value === null || Number.isNaN(value);
}

/** Share of missing values in [0, 1]; NaN without rows. */
export function missingShare(values: ArrayLike<Category>): number {
  let missing = 0;
  for (let i = 0; i < values.length; i += 1) if (isMissing(values[i]!)) missing += 1;
  return missing / values.length;
}

/** Missing share of current minus that of reference, in [-1, 1]; NaN when either has no rows. */
export function missingShareDifference(reference: ArrayLike<Category>, current: ArrayLike<Category>): number {
  return missingShare(current) - missingShare(reference);
}

/** Counts of two samples over the same bins: entry i of both belongs to one bin. */
export interface PairedCounts {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** Rows per category of the union of both samples (in order of first appearance), and the missing ones apart. */
export interface CategoryCounts extends PairedCounts {
  readonly categories: readonly Exclude<Category, null>[];
  readonly missing: { readonly reference: number; readonly current: number };
}

/** Counts two categorical samples over the union of their categories. */
export function countCategories(reference: ArrayLike<Category>, current: ArrayLike<Category>): CategoryCounts {
  const rows = new Map<Exclude<Category, null>, [reference: number, current: number]>();
  const missing: [reference: number, current: number] = [0, 0];
  [reference, current].forEach((values, sample) => {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]!;
      let counts = isMissing(value) ? missing : rows.get(value);
      if (counts === undefined) {
        counts = [0, 0];
        rows.set(value, counts);
      }
      counts[sample]! += 1;
    }
  });
  const counts = [...rows.values()];
  return {
    categories: [...rows.keys()],
    reference: counts.map(([count]) => count),
    current: counts.map(([, count]) => count),
    missing: { reference: missing[0], current: missing[1] },
  };
}

/**
 * Share of the current rows with a value whose category never occurs in the reference, in [0, 1].
 * Missing rows count on neither side. NaN when current has no value; 1 when only the reference has none.
 */
export function unseenCategoryShare(reference: ArrayLike<Category>, current: ArrayLike<Category>): number {
  const counts = countCategories(reference, current);
  const unseen = counts.current.reduce((sum, count, i) => (counts.reference[i] === 0 ? sum + count : sum), 0);
  return unseen / totalOf(counts.current);
}

/** Sum of counts. */
export function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Refuses counts over different bins: see {@link requireSameLength}. */
export function requireSameBins(statistic: string, counts: PairedCounts): void {
  requireSameLength(statistic, { reference: counts.reference.length, current: counts.current.length });
}
