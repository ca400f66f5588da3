// Rows kept aside: a count and a few readable samples for each rule, and the raw rows themselves as Parquet.
import type { QuarantineSummary } from '../../domain/partitions';
import type { Connection } from '../engine';
import type { RowRule } from './row-rules';
import { LINE } from '../read/split';
import { copyToParquet, quoteText } from '../sql-text';

type NamedRule = Pick<RowRule, 'rule' | 'found' | 'where' | 'allowed'>;

const SAMPLES = 5;

/** Counts by broken rule, most rows first. Reads the table `checked`, whose `__rule` is an index into `rules`. */
export async function quarantineSummary(
  connection: Connection,
  rules: readonly NamedRule[],
  fileName: string,
): Promise<QuarantineSummary[]> {
  const found = rules.map((rule, i) => `WHEN ${i} THEN CAST(${rule.found} AS VARCHAR)`).join(' ');
  const rows = await connection.rows(`
    SELECT __rule, ${LINE} AS line, CASE __rule ${found} END AS found, count(*) OVER (PARTITION BY __rule) AS n
    FROM checked WHERE __rule IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY __rule ORDER BY ${LINE}) <= ${SAMPLES}
    ORDER BY n DESC, __rule, line`);
  const summaries = new Map<string, { rule: string; rows: number; samples: string[] }>();
  for (const row of rows) {
    const { rule, where, allowed } = rules[Number(row['__rule'])]!;
    const summary = summaries.get(rule) ?? { rule, rows: Number(row['n']), samples: [] };
    const value = row['found'] === null ? 'no value' : String(row['found']).slice(0, 200);
    summary.samples.push(`${fileName} line ${Number(row['line'])}, ${where}: found ${value}, allowed ${allowed}`);
    summaries.set(rule, summary);
  }
  return [...summaries.values()];
}

/** Writes the raw rows of the quarantined lines, in file order, with the column `rule`. */
export async function writeQuarantine(
  connection: Connection,
  rules: readonly NamedRule[],
  rawPath: string,
  path: string,
): Promise<void> {
  const names = rules.map((rule, i) => `WHEN ${i} THEN ${quoteText(rule.rule)}`).join(' ');
  const query = `
    SELECT CASE c.__rule ${names} END AS rule, r.* FROM read_parquet(${quoteText(rawPath)}) r
    JOIN checked c USING (${LINE}) WHERE c.__rule IS NOT NULL ORDER BY r.${LINE}`;
  await connection.run(copyToParquet(query, path));
}
