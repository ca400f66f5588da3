// Rows of the shops by day, and what each view has to say of them: as-of joins row by row in plain code, without the engine.
import { addDays, daysBetween, type Day } from '../../../src/domain/days';
import { instantOf } from '../../../src/domain/zones';

export type Row = Readonly<Record<string, string | number | null>>;

const SHOPS = ['east', 'north', 'west'];
const ZONE = 'America/New_York';
const START = '2013-01-01';

/** A number from 0 to 1 that depends on its arguments alone. */
function noise(...parts: readonly (string | number)[]): number {
  let hash = 2166136261;
  for (const letter of parts.join('/')) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

function sqlTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

export function ordersOf(day: Day): Row[] {
  const start = Date.parse(instantOf(day, '00:00', ZONE));
  return Array.from({ length: 6 }, (_, n) => ({
    id: `${day}-${n}`,
    shop: SHOPS[n % 3]!,
    amount: Math.round(noise('amount', day, n) * 1000) / 8,
    placed_at: sqlTime(start + Math.floor(noise('at', day, n) * 1440) * 60_000),
  }));
}

/** `change` stands for another revision of the day: other delays, and one order without a result. */
export function resultsOf(day: Day, change = 0): Row[] {
  return ordersOf(day).map(({ id, shop }, n) => ({
    id: id!,
    shop: shop!,
    late: change > 0 && n === 5 ? null : Math.floor(noise('late', day, n, change) * 60),
  }));
}

export function trafficOf(day: Day): Row[] {
  const start = Date.parse(instantOf(day, '00:00', ZONE));
  return SHOPS.flatMap((shop) =>
    Array.from({ length: 8 }, (_, n) => ({
      shop,
      seen_at: sqlTime(start + n * 3 * 3_600_000),
      jam: Math.floor(noise('jam', shop, day, n) * 100),
    })),
  );
}

/** All features of a day by order, from rows alone. `results` says which rows of a day's results are known. */
export function expectedFeatures(day: Day, results: (day: Day) => readonly Row[]): Map<string, Row> {
  const jams = daysBetween(addDays(day, -1) < START ? START : addDays(day, -1), day).flatMap(trafficOf);
  const trends = daysBetween(addDays(day, -2) < START ? START : addDays(day, -2), day).flatMap((earlier) =>
    ordersOf(earlier).map((order) => ({ at: order['placed_at']!, value: pastLate(order, earlier, results) })),
  );
  return new Map(
    ordersOf(day).map((order) => {
      const at = time(order['placed_at']);
      const seen = jams.filter((row) => row['shop'] === order['shop'] && time(row['seen_at']) + 3_600_000 <= at);
      seen.sort((a, b) => time(b['seen_at']) - time(a['seen_at']));
      const before = trends.filter((trend) => time(trend.at) < at);
      return [
        String(order['id']),
        {
          trend_late: mean(before.map(({ value }) => value)),
          trend_rows: before.length,
          past_late: pastLate(order, day, results),
          jam: seen[0]?.['jam'] ?? null,
          amount: order['amount']!,
          shop: order['shop']!,
        },
      ];
    }),
  );
}

/** Results of D-3 to D-1: the day's own are there only on the next one. */
function pastLate(order: Row, day: Day, results: (day: Day) => readonly Row[]): number | null {
  const days = Array.from({ length: 3 }, (_, n) => addDays(day, n - 3)).filter((each) => each >= START);
  const rows = days.flatMap((each) => results(each)).filter((row) => row['shop'] === order['shop']);
  return mean(rows.map((row) => row['late'] as number | null));
}

function mean(values: readonly (number | null)[]): number | null {
  const found = values.filter((value) => value !== null);
  return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0) / found.length;
}

function time(text: Row[string] | undefined): number {
  return Date.parse(`${String(text).replace(' ', 'T')}Z`);
}

/** Days from the first of the data on. */
export function firstDays(count: number): Day[] {
  return daysBetween(START, addDays(START, count - 1));
}
