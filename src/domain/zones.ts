// Between local days and instants: what `D+1 00:00` in a time zone is in UTC. Used by activities only (zone data may change with Node).
import { addDays, type Day, type IsoTimestamp } from './days';

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function format(timeZone: string): Intl.DateTimeFormat {
  let found = FORMATS.get(timeZone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    FORMATS.set(timeZone, found);
  }
  return found;
}

/** Local wall-clock reading of an instant, as if it were UTC (milliseconds). */
function localMs(instantMs: number, timeZone: string): number {
  const part = Object.fromEntries(
    format(timeZone)
      .formatToParts(instantMs)
      .map((p) => [p.type, Number(p.value)]),
  );
  return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']);
}

/** The local calendar day of an instant. */
export function localDay(instant: IsoTimestamp, timeZone: string): Day {
  return new Date(localMs(Date.parse(instant), timeZone)).toISOString().slice(0, 10);
}

/** The instant of a local time `HH:MM` on a day; a time that a clock change skips is read with the offset before it. */
export function instantOf(day: Day, time: string, timeZone: string): IsoTimestamp {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  let guess = wanted - (localMs(wanted, timeZone) - wanted);
  guess = wanted - (localMs(guess, timeZone) - guess);
  return new Date(guess).toISOString();
}

/** When a partition becomes available: the rule `D+<n> HH:MM` applied to its day. */
export function availableAt(rule: string, day: Day, timeZone: string): IsoTimestamp {
  const { offsetDays, time } = parseAvailability(rule);
  return instantOf(addDays(day, offsetDays), time, timeZone);
}

/** Reads `D 00:00` or `D+1 06:30`. */
export function parseAvailability(rule: string): { readonly offsetDays: number; readonly time: string } {
  const match = /^D(?:\+(\d+))? (\d{2}:\d{2})$/.exec(rule);
  return { offsetDays: Number(match?.[1] ?? 0), time: match?.[2] ?? '00:00' };
}
