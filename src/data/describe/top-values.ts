// The most frequent values of text columns with their counts.
import { TOP_CATEGORIES, TOP_VALUES } from '../../statistics/sketches';
import type { Connection } from '../engine';
import { quoteName } from '../sql-text';

export type TopValues = readonly { readonly value: string; readonly count: number }[];

/** How many values of a column are kept. */
export function keptValues(isCategory: boolean): number {
  return isCategory ? TOP_CATEGORIES : TOP_VALUES;
}

/** Most frequent first, ties by value. */
export function topValues(counts: ReadonlyMap<string, number>, limit: number): TopValues {
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || byCodePoint(a, b))
    .slice(0, limit)
    .map(([value, count]) => ({ value, count }));
}

/** The same of a column with too many different values to count each: candidates are found by one approximate pass, so one may be missed. */
export async function likelyTopValues(
  connection: Connection,
  relation: string,
  name: string,
  limit: number,
): Promise<TopValues> {
  const c = quoteName(name);
  const rows = await connection.rows(`
    SELECT CAST(${c} AS VARCHAR) AS value, count(*) AS n FROM ${relation}
    WHERE ${c} IN (SELECT unnest(approx_top_k(${c}, ${TOP_VALUES})) FROM ${relation}) GROUP BY ALL`);
  return topValues(new Map(rows.map((row) => [String(row['value']), Number(row['n'])])), limit);
}

/** As UTF-8 sorts them: a surrogate is a part of a code point above all others. */
function byCodePoint(a: string, b: string): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const [isPart, isOther] = [x, y].map((unit) => unit >= 0xd800 && unit <= 0xdfff);
    return isPart === isOther ? x - y : isPart ? 1 : -1;
  }
  return a.length - b.length;
}
