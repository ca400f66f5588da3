// Quantiles within 1 % of the true value, from counts in logarithmic buckets that add up: the DDSketch of Masson, Rim and Lee (2019),
// "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees" (VLDB), without its limit on the number of buckets.
// Instants have buckets of equal width instead, an hour or a power of two of hours, so that there are at most a few thousand.
import type { ColumnSketch } from '../domain/data/partitions';

export type NumericSketch = NonNullable<ColumnSketch['numeric']>;
type Buckets = NumericSketch['positive'];

/** The largest relative error of a quantile of numbers. */
export const RELATIVE_ERROR = 0.01;
/** γ: bucket i holds γ^(i-1) < |x| ≤ γ^i. */
export const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
/** The finest buckets of instants, in milliseconds. */
export const FINEST_STEP = 3_600_000;
/** With more buckets than this, buckets of instants become twice as wide. */
const MOST_STEPS = 2000;

/** One bucket: the middle (of numbers at most 1 % from each value in it), its place among all buckets, and its rows. */
export interface Bucket {
  readonly order: number;
  readonly middle: number;
  readonly count: number;
}

/** Adds up quantile sketches of the same kind; the moments are not touched. */
export function mergeQuantiles(
  parts: readonly NumericSketch[],
): Pick<NumericSketch, 'zeros' | 'positive' | 'negative' | 'step'> {
  const step = Math.max(0, ...parts.map((part) => part.step ?? 0));
  if (step > 0) return coarsened(addUp(parts.map((part) => widened(part.positive, step / (part.step ?? step)))), step);
  return {
    zeros: parts.reduce((sum, { zeros }) => sum + zeros, 0),
    positive: addUp(parts.map(({ positive }) => positive)),
    negative: addUp(parts.map(({ negative }) => negative)),
  };
}

/** The quantile part of instants, out of their counts in buckets of width `step`: as wide as needed to be few. */
export function coarsened(
  buckets: Buckets,
  step = FINEST_STEP,
): Pick<NumericSketch, 'zeros' | 'positive' | 'negative' | 'step'> {
  if (buckets.length > MOST_STEPS) return coarsened(widened(buckets, 2), 2 * step);
  return { zeros: 0, positive: buckets, negative: [], step };
}

function widened(buckets: Buckets, factor: number): Buckets {
  return factor === 1 ? buckets : addUp([buckets.map(([bucket, count]) => [Math.floor(bucket / factor), count])]);
}

function addUp(parts: readonly Buckets[]): Buckets {
  const counts = new Map<number, number>();
  for (const part of parts) for (const [bucket, count] of part) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

/** Beyond the index of any bucket of numbers: doubles have about 71,000. */
export const ORDER_OF_ONE = 1_000_000;

/** All buckets from the least values to the largest; no middle is outside of min and max. */
export function bucketsOf(sketch: NumericSketch): Bucket[] {
  const { min, max, step } = sketch;
  const clamp = (value: number) => Math.min(max, Math.max(min, value));
  if (step !== undefined) {
    return sketch.positive.map(([order, count]) => ({ order, middle: clamp((order + 0.5) * step), count }));
  }
  const negative = sketch.negative.map(([bucket, count]) => {
    return { order: -ORDER_OF_ONE - bucket, middle: clamp(-middleOf(bucket)), count };
  });
  const positive = sketch.positive.map(([bucket, count]) => {
    return { order: ORDER_OF_ONE + bucket, middle: clamp(middleOf(bucket)), count };
  });
  const zeros = sketch.zeros > 0 ? [{ order: 0, middle: 0, count: sketch.zeros }] : [];
  return [...negative.reverse(), ...zeros, ...positive];
}

/** The value between γ^(i-1) and γ^i that is equally far from both, relatively. */
function middleOf(bucket: number): number {
  return (2 * GAMMA ** bucket) / (GAMMA + 1);
}

/**
 * The values of rank floor(share × (count − 1)) for rising shares from 0 to 1, within {@link RELATIVE_ERROR} (instants: within half a bucket);
 * the first and the last value are exact. NaN without values.
 */
export function quantilesOf(sketch: NumericSketch, count: number, shares: readonly number[]): number[] {
  const buckets = bucketsOf(sketch);
  let at = 0;
  let seen = buckets[0]?.count ?? 0;
  return shares.map((share) => {
    if (count === 0) return Number.NaN;
    const rank = Math.floor(share * (count - 1));
    if (rank <= 0) return sketch.min;
    if (rank >= count - 1) return sketch.max;
    while (seen <= rank && at + 1 < buckets.length) {
      at += 1;
      seen += buckets[at]!.count;
    }
    return buckets[at]?.middle ?? sketch.max;
  });
}
