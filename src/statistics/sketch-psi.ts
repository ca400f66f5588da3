// The population stability index between two sketches of one column: bins are made of whole buckets, so no row is read again.
import type { ColumnSketch } from '../domain/partitions';
import { psiOfCounts } from './psi';
import { bucketsOf } from './quantile-sketch';
import type { PairedCounts } from './samples';

/**
 * PSI of what `current` holds against `reference`; missing values are left out. Numbers: bins are cut at the deciles of the reference, to the
 * next bucket (1 %). Texts: a bin for each of the kept values, and one for all others. NaN when either has no value.
 */
export function psiOfSketches(reference: ColumnSketch, current: ColumnSketch): number {
  if (reference.count === 0 || current.count === 0) return Number.NaN;
  return psiOfCounts(reference.numeric && current.numeric ? binned(reference, current) : byValue(reference, current));
}

function binned(reference: ColumnSketch, current: ColumnSketch, bins = 10): PairedCounts {
  const buckets = bucketsOf(reference.numeric!);
  const cuts: number[] = [];
  let seen = 0;
  for (const { order, count } of buckets) {
    seen += count;
    while (cuts.length < bins - 1 && seen >= (reference.count * (cuts.length + 1)) / bins) cuts.push(order);
  }
  const distinct = [...new Set(cuts)];
  const counts = (sketch: ColumnSketch) => {
    const found = new Array<number>(distinct.length + 1).fill(0);
    for (const { order, count } of bucketsOf(sketch.numeric!)) {
      const bin = distinct.findIndex((cut) => order <= cut);
      found[bin === -1 ? distinct.length : bin]! += count;
    }
    return found;
  };
  return { reference: counts(reference), current: counts(current) };
}

function byValue(reference: ColumnSketch, current: ColumnSketch): PairedCounts {
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
