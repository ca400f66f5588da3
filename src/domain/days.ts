// Calendar days of the logical time: pure arithmetic on `YYYY-MM-DD`, no clock and no zone.

/** A local calendar day, `YYYY-MM-DD`. */
export type Day = string;
/** An instant in UTC, ISO 8601 with `Z`. */
export type IsoTimestamp = string;

const MS_PER_DAY = 86_400_000;

/** Days since 1970-01-01. */
export function dayNumber(day: Day): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / MS_PER_DAY);
}

export function dayOfNumber(number: number): Day {
  return new Date(number * MS_PER_DAY).toISOString().slice(0, 10);
}

export function addDays(day: Day, days: number): Day {
  return dayOfNumber(dayNumber(day) + days);
}

/** All days from `from` to `to`, both included; empty when `from` is after `to`. */
export function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let n = dayNumber(from); n <= dayNumber(to); n++) days.push(dayOfNumber(n));
  return days;
}

/** Whether the text is a real calendar day written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && addDays(text, 0) === text
  );
}

/** Truth days by the fixed calendar rule: days since 1970-01-01, modulo n, is 0. */
export function isTruthDay(day: Day, everyNthDay: number): boolean {
  return dayNumber(day) % everyNthDay === 0;
}
