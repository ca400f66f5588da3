// The most frequent values of text columns with their counts.
import { TOP_CATEGORIES, TOP_VALUES } from '../../statistics/sketches';
import type { Connection } from '../engine';
import { quoteName, quoteText } from '../sql-text';

export type TopValues = readonly { readonly value: string; readonly count: number }[];

/** A text column; `distinct`: about how many different values it has. */
export interface TextColumn {
  readonly name: string;
  readonly isCategory: boolean;
  readonly distinct: number;
}

/** With more different values, counting each of them would take too much memory: candidates are found by one approximate pass. */
const COUNTED_VALUES = 200_000;

/** By column, most frequent first, ties by value. Counts are exact; of columns with very many values a candidate may be missed. */
export async function topValues(
  connection: Connection,
  relation: string,
  columns: readonly TextColumn[],
): Promise<Map<string, TopValues>> {
  const found = new Map<string, { value: string; count: number }[]>(columns.map(({ name }) => [name, []]));
  if (columns.length === 0) return found;
  const queries = columns.map((column) => {
    const c = quoteName(column.name);
    const some =
      column.distinct > COUNTED_VALUES
        ? `AND ${c} IN (SELECT unnest(approx_top_k(${c}, ${TOP_VALUES})) FROM ${relation})`
        : '';
    const limit = column.isCategory ? TOP_CATEGORIES : TOP_VALUES;
    return `(SELECT ${quoteText(column.name)} AS name, CAST(${c} AS VARCHAR) AS value, count(*) AS n FROM ${relation}
      WHERE ${c} IS NOT NULL ${some} GROUP BY ALL ORDER BY n DESC, value LIMIT ${limit})`;
  });
  const rows = await connection.rows(`SELECT * FROM (${queries.join(' UNION ALL ')}) ORDER BY name, n DESC, value`);
  for (const row of rows)
    found.get(String(row['name']))!.push({ value: String(row['value']), count: Number(row['n']) });
  return found;
}
