// The gap between the groups that fare best and worst in some number, with its interval.
import type { SliceValue } from './slices';

/** A number of one group with its interval; null where it is not known. */
export interface OfGroup {
  readonly slice: SliceValue;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Rows behind the number. */
  readonly n: number;
}

/** The gap between two groups, or why there is none. */
export interface Gap {
  /** Highest minus lowest, at least 0; null with fewer than 2 groups whose number is known. */
  readonly value: number | null;
  /** Lowest over highest, in [0, 1] for numbers of at least 0; null without a gap, when the highest is 0, or one is negative. */
  readonly ratio: number | null;
  /** Interval of the difference; null when an interval of the two groups is. */
  readonly low: number | null;
  readonly high: number | null;
  readonly lowest: SliceValue;
  readonly highest: SliceValue;
  /** Groups compared. */
  readonly groups: number;
}

/**
 * The gap between the groups with the highest and the lowest number. Its interval is put together from those of the two groups (method
 * of variance estimates recovery, Zou and Donner 2008; with Wilson's intervals of two shares it is Newcombe's hybrid score interval 10),
 * which takes groups to be independent. The two are chosen because they are furthest apart, so with many groups
 * the gap of equal groups is above 0: compare it with a margin, not with 0.
 */
export function gapBetween(all: readonly OfGroup[]): Gap {
  const known = all.flatMap((group) => (group.value === null ? [] : [{ ...group, value: group.value }]));
  const sorted = known.sort((a, b) => a.value - b.value);
  const lowest = sorted[0];
  const highest = sorted.at(-1);
  if (lowest === undefined || highest === undefined || sorted.length < 2) {
    return { value: null, ratio: null, low: null, high: null, lowest: null, highest: null, groups: sorted.length };
  }
  const value = highest.value - lowest.value;
  const hasBounds = lowest.low !== null && lowest.high !== null && highest.low !== null && highest.high !== null;
  const down = hasBounds ? Math.hypot(highest.value - highest.low!, lowest.high! - lowest.value) : null;
  const up = hasBounds ? Math.hypot(highest.high! - highest.value, lowest.value - lowest.low!) : null;
  return {
    value,
    ratio: highest.value > 0 && lowest.value >= 0 ? lowest.value / highest.value : null,
    low: down === null ? null : value - down,
    high: up === null ? null : value + up,
    lowest: lowest.slice,
    highest: highest.slice,
    groups: sorted.length,
  };
}
