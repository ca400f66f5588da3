// The population stability index between two sketches of one column: bins are made of whole buckets, so no row is read again.
import type { ColumnSketch } from '../../../domain/data/partitions';
import { psiOfCounts } from '../psi';
import type { PairedCounts } from '../samples';
import { alignedBuckets, numericParts, type AlignedBucket } from './aligned-buckets';

/**
 * PSI of what `current` holds against `reference`; missing values are left out. Numbers: bins are cut at the deciles of the reference, to the
 * next bucket (1 %). Texts: a bin for each of the kept values, and one for all others. NaN when either has no value.
 */
export function psiOfSketches(reference: ColumnSketch, current: ColumnSketch): number {
  if (reference.count === 0 || current.count === 0) return Number.NaN;
  const numbers = numericParts(reference, current);
  return psiOfCounts(numbers ? decilesOf(alignedBuckets(...numbers), reference.count) : valuesOf(reference, current));
}

/**
 * Counts over bins cut at the deciles of the reference, each cut moved up to its bucket's border. They are exact for those cuts, as `countByCutPoints`
 * on the rows would count them.
 * @param count rows of the reference with a value.
 */
export function decilesOf(buckets: readonly AlignedBucket[], count: number, bins = 10): PairedCounts {
  const reference = [0];
  const current = [0];
  let seen = 0;
  let cuts = 0;
  for (const bucket of buckets) {
    reference[reference.length - 1]! += bucket.reference;
    current[current.length - 1]! += bucket.current;
    seen += bucket.reference;
    const before = cuts;
    while (bucket.reference > 0 && cuts < bins - 1 && seen >= (count * (cuts + 1)) / bins) cuts += 1;
    if (cuts > before) {
      reference.push(0);
      current.push(0);
    }
  }
  return { reference, current };
}

/** Counts of the values that either sketch kept, and of all others together when there are any. */
export function valuesOf(reference: ColumnSketch, current: ColumnSketch): PairedCounts {
  const kept = [reference, current].map(({ top }) => new Map((top ?? []).map(({ value, count }) => [value, count])));
  const values = [...new Set(kept.flatMap((counts) => [...counts.keys()]))];
  const counts = (sketch: ColumnSketch, of: ReadonlyMap<string, number>) => {
    return [...values.map((value) => of.get(value) ?? 0), sketch.others ?? 0];
  };
  const paired = { reference: counts(reference, kept[0]!), current: counts(current, kept[1]!) };
  // A bin that is empty on both sides says nothing.
  const last = values.length;
  const hasOthers = paired.reference[last]! + paired.current[last]! > 0;
  return hasOthers ? paired : { reference: paired.reference.slice(0, last), current: paired.current.slice(0, last) };
}
