// Everything that is said of the drift of one column between two samples of rows. Each sample is sorted or counted once.
import type { TestResult } from '../significance/test-result';
import { chiSquared, cramersV, type ChiSquaredTest } from './chi-squared';
import { jensenShannonDistance } from './jensen-shannon';
import { kolmogorovSmirnovSorted } from './kolmogorov-smirnov';
import { countByCutPoints, psiOfCounts, quantileCutPoints } from './psi';
import { countCategories, sortedPresent, totalOf, type Category, type PairedCounts } from './samples';
import { normed, wassersteinSorted } from './wasserstein';

/** Missing values of one column in both samples. */
export interface MissingDrift {
  readonly reference: number;
  readonly current: number;
  /** Share of current minus share of reference, in [-1, 1]; NaN when a sample has no rows. */
  readonly difference: number;
  /** Of the chi-squared test of both shares. */
  readonly p: number;
}

/** Of a column of numbers. All but `missing` are over the present values, and NaN when a sample has none. */
export interface NumericDrift {
  readonly kind: 'number';
  readonly present: { readonly reference: number; readonly current: number };
  readonly missing: MissingDrift;
  readonly kolmogorovSmirnov: TestResult;
  /** Classic: deciles of the reference. */
  readonly psi: number;
  /** Distance, natural logarithm, over the same bins as `psi`. */
  readonly jensenShannon: number;
  /** In the column's unit, and over the reference's standard deviation. NaN with infinite values. */
  readonly wasserstein: number;
  readonly wassersteinNormed: number;
}

/** Of a column of categories. All but `missing` are over the present values, and NaN when a sample has none. */
export interface CategoryDrift {
  readonly kind: 'category';
  readonly present: { readonly reference: number; readonly current: number };
  readonly missing: MissingDrift;
  readonly chiSquared: ChiSquaredTest;
  readonly cramersV: number;
  /** One bin per category of the union. */
  readonly psi: number;
  /** Distance, natural logarithm. */
  readonly jensenShannon: number;
  /** Share of the current rows with a value whose category the reference does not have. */
  readonly unseenShare: number;
}

/** Drift of a column of numbers; null and NaN are missing. */
export function numericDrift(reference: ArrayLike<number | null>, current: ArrayLike<number | null>): NumericDrift {
  const a = sortedPresent(reference);
  const b = sortedPresent(current);
  const cutPoints = quantileCutPoints(a);
  const counts = { reference: countByCutPoints(a, cutPoints), current: countByCutPoints(b, cutPoints) };
  const distance = wassersteinSorted(a, b);
  return {
    kind: 'number',
    present: { reference: a.length, current: b.length },
    missing: missingDrift(
      { reference: reference.length - a.length, current: current.length - b.length },
      { reference: reference.length, current: current.length },
    ),
    kolmogorovSmirnov: kolmogorovSmirnovSorted(a, b),
    psi: psiOfCounts(counts),
    jensenShannon: jensenShannonDistance(counts),
    wasserstein: distance,
    wassersteinNormed: normed(distance, a),
  };
}

/** Drift of a column of categories; null is missing. */
export function categoryDrift(reference: ArrayLike<Category>, current: ArrayLike<Category>): CategoryDrift {
  const counts = countCategories(reference, current);
  return categoryDriftOfCounts(counts, counts.missing);
}

/** {@link categoryDrift} from counts over the union of the categories, and the missing rows of both samples. */
export function categoryDriftOfCounts(
  counts: PairedCounts,
  missing: { readonly reference: number; readonly current: number },
): CategoryDrift {
  const present = { reference: totalOf(counts.reference), current: totalOf(counts.current) };
  const unseen = counts.current.reduce((sum, count, i) => (counts.reference[i] === 0 ? sum + count : sum), 0);
  return {
    kind: 'category',
    present,
    missing: missingDrift(missing, {
      reference: present.reference + missing.reference,
      current: present.current + missing.current,
    }),
    chiSquared: chiSquared(counts),
    cramersV: cramersV(counts),
    psi: psiOfCounts(counts),
    jensenShannon: jensenShannonDistance(counts),
    unseenShare: unseen / present.current,
  };
}

type Both = { readonly reference: number; readonly current: number };

/** From the missing rows and all rows of both samples. */
export function missingDrift(missing: Both, rows: Both): MissingDrift {
  const table = {
    reference: [missing.reference, rows.reference - missing.reference],
    current: [missing.current, rows.current - missing.current],
  };
  return {
    ...missing,
    difference: missing.current / rows.current - missing.reference / rows.reference,
    p: chiSquared(table).p,
  };
}
