// Time in which anything of a set was at work: overlapping intervals count once.
import type { Interval } from '../scripts/proof/timeline';

/** Milliseconds in which at least one of the activities was at work. */
export function coveredMs(intervals: readonly Pick<Interval, 'startedMs' | 'endedMs'>[]): number {
  let covered = 0;
  let upTo = -Infinity;
  for (const { startedMs, endedMs } of [...intervals].sort((one, other) => one.startedMs - other.startedMs)) {
    covered += Math.max(0, endedMs - Math.max(startedMs, upTo));
    upTo = Math.max(upTo, endedMs);
  }
  return covered;
}
