// Describes each column of a relation in numbers, in two queries whatever the number of columns.
import type { ColumnStatistics } from '../../domain/partitions';
import type { ColumnPlan } from '../../domain/plan';
import type { Connection, Row } from '../engine';
import { quoteName, quoteText } from '../sql-text';

/** How many of the most frequent values of a text column are kept. */
const TOP_VALUES = 20;

/** Statistics by column. `relation` is a table, a view or a query in parentheses with these (typed) columns. */
export async function columnStatistics(
  connection: Connection,
  relation: string,
  columns: Readonly<Record<string, ColumnPlan>>,
): Promise<Record<string, ColumnStatistics>> {
  const entries = Object.entries(columns);
  const [totals] = await connection.rows(
    `SELECT count(*) AS rows, ${entries.map(([name, column], i) => aggregates(name, column, i)).join(', ')} FROM ${relation}`,
  );
  const texts = entries.filter(([, column]) => column.type === 'string').map(([name]) => name);
  const top = await topValues(connection, relation, texts);
  return Object.fromEntries(
    entries.map(([name, column], i) => [name, statisticsOf(totals!, column, i, top.get(name) ?? [])]),
  );
}

function isNumeric(column: ColumnPlan): boolean {
  return column.type === 'integer' || column.type === 'number';
}

function aggregates(name: string, column: ColumnPlan, i: number): string {
  const c = quoteName(name);
  const common = `count(*) - count(${c}) AS nulls_${i}, count(DISTINCT ${c}) AS distinct_${i}`;
  if (!isNumeric(column)) return common;
  const value = `CAST(${c} AS DOUBLE)`;
  return `${common}, min(${value}) AS min_${i}, max(${value}) AS max_${i}, avg(${value}) AS mean_${i},
    stddev_pop(${value}) AS deviation_${i}, quantile_cont(${value}, [0.1, 0.5, 0.9]) AS quantiles_${i}`;
}

function statisticsOf(
  totals: Row,
  column: ColumnPlan,
  i: number,
  top: readonly { readonly value: string; readonly count: number }[],
): ColumnStatistics {
  const counts = { nulls: Number(totals[`nulls_${i}`]), distinct: Number(totals[`distinct_${i}`]) };
  if (column.type === 'string') return { ...counts, top };
  const quantiles = totals[`quantiles_${i}`];
  if (!isNumeric(column) || !Array.isArray(quantiles)) return counts;
  const [p10, p50, p90] = quantiles.map(Number) as [number, number, number];
  const moment = (name: string) => Number(totals[`${name}_${i}`]);
  const moments = { min: moment('min'), max: moment('max'), mean: moment('mean'), deviation: moment('deviation') };
  return { ...counts, ...moments, p10, p50, p90 };
}

async function topValues(connection: Connection, relation: string, names: readonly string[]) {
  const found = new Map<string, { value: string; count: number }[]>(names.map((name) => [name, []]));
  if (names.length === 0) return found;
  const queries = names.map((name) => {
    const c = quoteName(name);
    return `(SELECT ${quoteText(name)} AS name, ${c} AS value, count(*) AS n FROM ${relation} WHERE ${c} IS NOT NULL
      GROUP BY ${c} ORDER BY n DESC, value LIMIT ${TOP_VALUES})`;
  });
  const rows = await connection.rows(`SELECT * FROM (${queries.join(' UNION ALL ')}) ORDER BY name, n DESC, value`);
  for (const row of rows) {
    found.get(String(row['name']))!.push({ value: String(row['value']), count: Number(row['n']) });
  }
  return found;
}
