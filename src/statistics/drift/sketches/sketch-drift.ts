// The drift of one column from the stored sketches alone, with bounds of what the rows themselves would give.
// Both sketches have the same bucket borders, so counts up to a border are exact and only what happens inside of a bucket is unknown.
import type { ColumnSketch } from '../../../domain/data/partitions';
import { categoryDriftOfCounts, missingDrift, type CategoryDrift, type NumericDrift } from '../column-drift';
import { jensenShannonDistance } from '../jensen-shannon';
import { kolmogorovSmirnovP } from '../kolmogorov-smirnov';
import { psiOfCounts } from '../psi';
import { totalOf } from '../samples';
import { alignedBuckets, numericParts, type AlignedBucket } from './aligned-buckets';
import { decilesOf, valuesOf } from './sketch-psi';

/** A statistic of the rows lies between these two. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Drift from sketches: the same fields as from rows, and how far the rows' own can be away. */
export type SketchDrift =
  | (NumericDrift & { readonly bounds: { readonly kolmogorovSmirnov: Bounds; readonly wasserstein: Bounds } })
  | (CategoryDrift & { readonly bounds: { readonly unseenShare: Bounds }; readonly exact: boolean });

/**
 * Drift of a column between the rows of two sketches.
 *
 * Numbers: the Kolmogorov-Smirnov statistic is the largest distance at a border, a lower bound (so its p is too large, never too small);
 * Wasserstein takes each bucket's values at its middle, and is off by at most half of a bucket's width on average (1 % of the mean absolute value
 * of each sample); PSI and Jensen-Shannon are exact for bins cut at the reference's deciles moved up to the next border. Missing values are exact.
 *
 * Categories: exact while both sketches kept every value; else all others are one bin, which makes PSI, chi-squared and Jensen-Shannon smaller,
 * and `exact` is false.
 *
 * All but `missing` are NaN when a sketch has no value, or one has numbers and the other has not.
 */
export function sketchDrift(reference: ColumnSketch, current: ColumnSketch): SketchDrift {
  return reference.numeric || current.numeric ? ofNumbers(reference, current) : ofCategories(reference, current);
}

function ofNumbers(reference: ColumnSketch, current: ColumnSketch): SketchDrift {
  const parts = numericParts(reference, current);
  const buckets = parts ? alignedBuckets(...parts) : [];
  const shares = buckets.map((bucket) => ({
    ...bucket,
    p: bucket.reference / reference.count,
    q: bucket.current / current.count,
  }));
  const distance = parts ? distances(shares) : NOTHING;
  const counts = decilesOf(buckets, reference.count);
  const deviation = parts ? Math.sqrt(parts[0].m2 / reference.count) : Number.NaN;
  const present = { reference: reference.count, current: current.count };
  const { ks, wasserstein } = distance;
  return {
    kind: 'number',
    present,
    missing: missingOf(reference, current),
    kolmogorovSmirnov: {
      statistic: ks.low,
      p: parts ? kolmogorovSmirnovP(ks.low, present.reference, present.current) : NaN,
    },
    psi: psiOfCounts(counts),
    jensenShannon: jensenShannonDistance(counts),
    wasserstein: wasserstein.value,
    wassersteinNormed: wasserstein.value === 0 ? 0 : wasserstein.value / deviation,
    bounds: {
      kolmogorovSmirnov: ks,
      wasserstein: {
        low: Math.max(0, wasserstein.value - wasserstein.error),
        high: wasserstein.value + wasserstein.error,
      },
    },
  };
}

const NOTHING = {
  ks: { low: Number.NaN, high: Number.NaN },
  wasserstein: { value: Number.NaN, error: Number.NaN },
};

function distances(buckets: readonly (AlignedBucket & { readonly p: number; readonly q: number })[]): typeof NOTHING {
  let [low, high, apart, area, error] = [0, 0, 0, 0, 0];
  let at = middleOf(buckets[0]!);
  for (const bucket of buckets) {
    const { p, q } = bucket;
    const middle = middleOf(bucket);
    area += Math.abs(apart) * (middle - at);
    at = middle;
    // Within the bucket all of the reference's rows may come before all of the current ones, or after.
    if (bucket.high > bucket.low) high = Math.max(high, Math.abs(apart + p), Math.abs(apart - q));
    apart += p - q;
    low = Math.max(low, Math.abs(apart));
    // By the triangle inequality: each sample is moved by at most this to the middles.
    error += ((p + q) * (bucket.high - bucket.low)) / 2;
  }
  return { ks: { low: Math.min(1, low), high: Math.min(1, Math.max(low, high)) }, wasserstein: { value: area, error } };
}

function middleOf({ low, high }: AlignedBucket): number {
  return low + (high - low) / 2;
}

function ofCategories(reference: ColumnSketch, current: ColumnSketch): SketchDrift {
  const known = new Set((reference.top ?? []).map(({ value }) => value));
  const unseen = totalOf((current.top ?? []).filter(({ value }) => !known.has(value)).map(({ count }) => count));
  const others = current.others ?? 0;
  const complete = (reference.others ?? 0) === 0;
  const counts =
    reference.count > 0 && current.count > 0 ? valuesOf(reference, current) : { reference: [], current: [] };
  const low = complete ? unseen / current.count : 0 / current.count;
  return {
    ...categoryDriftOfCounts(counts, { reference: reference.nulls, current: current.nulls }),
    present: { reference: reference.count, current: current.count },
    missing: missingOf(reference, current),
    unseenShare: low,
    bounds: { unseenShare: { low, high: (unseen + others) / current.count } },
    exact: complete && others === 0,
  };
}

function missingOf(reference: ColumnSketch, current: ColumnSketch) {
  return missingDrift(
    { reference: reference.nulls, current: current.nulls },
    { reference: reference.count + reference.nulls, current: current.count + current.nulls },
  );
}
