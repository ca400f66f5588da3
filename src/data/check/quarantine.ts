// Rows kept aside: a count and a few readable samples for each rule, and the raw rows themselves as Parquet.
import type { TablePlan } from '../../domain/plan/plan';
import type { QuarantineSummary } from '../../domain/data/partitions';
import type { Connection } from '../engine';
import { FILE, LINE } from '../read/split';
import { copyToParquet, quoteText } from '../sql-text';
import type { RawColumns } from './raw-columns';
import { textColumns, type RowRule } from './row-rules';
import { rawRows, ROW, RULE, type TypedRows } from './typed-rows';

const SAMPLES = 5;
/** Characters of a value that a sample shows. */
const SHOWN = 200;

/** Where the bad rows are: their relation has an index into `rules`. */
export interface BadRows {
  readonly typed: TypedRows;
  readonly rules: readonly RowRule[];
  readonly plan: TablePlan;
  readonly rawPath: string;
  readonly raw: RawColumns;
  readonly fileName: string;
}

/** Counts by broken rule, most rows first, with samples in file order. */
export async function quarantineSummary(connection: Connection, bad: BadRows): Promise<QuarantineSummary[]> {
  const counts = await connection.rows(`
    SELECT ${RULE} AS rule, count(*) AS n, min(${ROW}, ${SAMPLES}) AS first FROM ${bad.typed.badRows}
    GROUP BY ${RULE} ORDER BY n DESC, rule`);
  const samples = new Map<number, string>();
  const shown = counts.flatMap((row) =>
    (row['first'] as readonly number[]).map((place) => [place, Number(row['rule'])]),
  );
  const found = bad.rules.map((rule, i) => `WHEN ${i} THEN CAST(${rule.found} AS VARCHAR)`).join(' ');
  const file = bad.raw.hasFile ? FILE : quoteText(bad.fileName);
  const rows = await connection.rows(`
    SELECT t.${ROW} AS place, ${LINE} AS line, file, s.rule, left(CASE s.rule ${found} END, ${SHOWN}) AS found
    FROM (SELECT ${ROW}, ${LINE}, ${file} AS file, ${textColumns(bad.plan.columns)} FROM ${rawRows(bad.rawPath)}
      WHERE ${ROW} IN (${shown.map(([place]) => place).join(', ')})) t
    JOIN (VALUES ${shown.map((pair) => `(${pair.join(', ')})`).join(', ')}) s(place, rule) ON t.${ROW} = s.place`);
  for (const row of rows) {
    const { where, allowed } = bad.rules[Number(row['rule'])]!;
    const value = row['found'] === null ? 'no value' : String(row['found']);
    const at = `${String(row['file'])} line ${Number(row['line'])}`;
    samples.set(Number(row['place']), `${at}, ${where}: found ${value}, allowed ${allowed}`);
  }
  return counts.map((row) => ({
    rule: bad.rules[Number(row['rule'])]!.rule,
    rows: Number(row['n']),
    samples: [...(row['first'] as readonly number[])].sort((a, b) => a - b).map((place) => samples.get(place)!),
  }));
}

/** Writes the raw rows that are kept aside, in file order, with the column `rule`. */
export async function writeQuarantine(connection: Connection, bad: BadRows, path: string): Promise<void> {
  const names = bad.rules.map((rule, i) => `WHEN ${i} THEN ${quoteText(rule.rule)}`).join(' ');
  const query = `
    SELECT CASE b.${RULE} ${names} END AS rule, r.* EXCLUDE (${ROW}) FROM ${rawRows(bad.rawPath)} r
    JOIN (SELECT ${ROW}, ${RULE} FROM ${bad.typed.badRows}) b ON r.${ROW} = b.${ROW} ORDER BY r.${ROW}`;
  await connection.run(copyToParquet(query, path));
}
