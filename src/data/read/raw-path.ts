// Where the raw file of a day lies: the source's path template with the day filled in.
import type { Day } from '../../domain/days';

/** Fills `{yyyy}`, `{MM}` and `{dd}` with the day's year, month and day of month. A template without them is one file for all days. */
export function resolveRawPath(template: string, day: Day): string {
  const [year, month, dayOfMonth] = day.split('-') as [string, string, string];
  return template.replaceAll('{yyyy}', year).replaceAll('{MM}', month).replaceAll('{dd}', dayOfMonth);
}
