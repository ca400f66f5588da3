// From a scheduled instant to the data time that a tick is for: one pure rule per kind.
import { addDays, type Day, type IsoTimestamp } from '../days';
import type { TickKind } from '../ids';
import { localDay } from '../zones';

/** Scoring and monitoring look at the day that has ended; the others are of the local day itself. */
export function logicalDayOf(kind: TickKind, asOf: IsoTimestamp, timeZone: string): Day {
  const today = localDay(asOf, timeZone);
  return kind === 'score' || kind === 'monitor' ? addDays(today, -1) : today;
}
