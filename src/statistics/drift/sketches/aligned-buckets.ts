// The buckets of two numeric sketches side by side: both have the same borders, so counts up to a border are exact.
import type { ColumnSketch } from '../../../domain/data/partitions';
import { bucketsOf, GAMMA, mergeQuantiles, ORDER_OF_ONE, type NumericSketch } from '../../quantile-sketch';

/** One bucket of the union: where its values lie, and how many of each sample. */
export interface AlignedBucket {
  readonly order: number;
  /** Least and largest value that the bucket can hold, of both samples. */
  readonly low: number;
  readonly high: number;
  readonly reference: number;
  readonly current: number;
}

/** All buckets of two sketches of the same kind from the least values to the largest. Instants are brought to the wider one's width. */
export function alignedBuckets(reference: NumericSketch, current: NumericSketch): AlignedBucket[] {
  const a = widenedAs(reference, current);
  const b = widenedAs(current, reference);
  const counts = new Map<number, { reference: number; current: number }>();
  for (const { order, count } of bucketsOf(a)) counts.set(order, { reference: count, current: 0 });
  for (const { order, count } of bucketsOf(b)) {
    const found = counts.get(order);
    if (found) found.current = count;
    else counts.set(order, { reference: 0, current: count });
  }
  const least = Math.min(reference.min, current.min);
  const most = Math.max(reference.max, current.max);
  return [...counts]
    .sort(([x], [y]) => x - y)
    .map(([order, both]) => {
      const [low, high] = bordersOf(order, a.step);
      return { order, low: Math.min(most, Math.max(least, low)), high: Math.min(most, Math.max(least, high)), ...both };
    });
}

function widenedAs(sketch: NumericSketch, other: NumericSketch): NumericSketch {
  if (sketch.step === other.step) return sketch;
  return { ...sketch, ...mergeQuantiles([sketch, { ...other, positive: [], negative: [], zeros: 0 }]) };
}

function bordersOf(order: number, step: number | undefined): readonly [number, number] {
  if (step !== undefined) return [order * step, (order + 1) * step];
  if (order === 0) return [0, 0];
  const bucket = Math.abs(order) - ORDER_OF_ONE;
  const [inner, outer] = [GAMMA ** (bucket - 1), GAMMA ** bucket];
  return order > 0 ? [inner, outer] : [-outer, -inner];
}

/** The numeric parts of two sketches that both have values; null otherwise. */
export function numericParts(
  reference: ColumnSketch,
  current: ColumnSketch,
): readonly [NumericSketch, NumericSketch] | null {
  if (reference.count === 0 || current.count === 0 || !reference.numeric || !current.numeric) return null;
  return [reference.numeric, current.numeric];
}
