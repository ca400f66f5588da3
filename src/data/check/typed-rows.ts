// Turns raw rows into typed ones with the first rule that each breaks: the relation `checked` of a connection.
// Invariant: memory is bounded. Many rows go through a scratch file instead of a table, and repeated keys are found by their hashes.
import { join } from 'node:path';
import type { TablePlan } from '../../domain/plan/plan';
import { modelSql, type Connection } from '../engine';
import { FILE, LINE } from '../read/split';
import { quoteName, quoteText } from '../sql-text';
import type { CheckRequest } from './check-request';
import { missingColumnIn } from './columns';
import type { RawColumns } from './raw-columns';
import { rawExpression, sqlTypeOf, textColumns, typedColumns, type RowRule } from './row-rules';

/** Place of a row in the raw file, from 0. */
export const ROW = '__row';
/** Index of the broken rule; null: a good row. */
export const RULE = '__rule';

/** With more rows than this, a table would not fit into memory. */
const ROWS_IN_MEMORY = 500_000;

export interface TypedRows {
  readonly rows: number;
  readonly bad: number;
  /** Relations: the typed good rows; the bad ones with {@link RULE}. Both have {@link LINE}, {@link ROW} and, of several files, {@link FILE}. */
  readonly good: string;
  readonly badRows: string;
}

/** The raw rows with {@link ROW}. */
export function rawRows(path: string): string {
  return `(SELECT * RENAME (file_row_number AS ${ROW}) FROM read_parquet(${quoteText(path)}, file_row_number = true))`;
}

/** Types the rows of a file; `rules` are looked at in order, and a repeated key counts as the rule after the last. */
export async function typeRows(
  connection: Connection,
  request: CheckRequest & { readonly rawPath: string },
  raw: RawColumns,
  rules: readonly RowRule[],
): Promise<TypedRows> {
  const { plan } = request;
  const query = checkedQuery(plan, raw, rawRows(request.rawPath), rules);
  if (raw.rows <= ROWS_IN_MEMORY) {
    await connection.run(`CREATE OR REPLACE TEMP TABLE checked AS ${query}`);
  } else {
    const scratch = quoteText(join(request.outDir, 'checked.parquet'));
    await connection.run(`COPY (${query}) TO ${scratch} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`);
    await connection.run(`CREATE OR REPLACE TEMP VIEW checked AS SELECT * FROM read_parquet(${scratch})`);
  }
  return withoutRepeatedKeys(connection, plan, rules.length);
}

/** The relations of a day without rows. */
export async function noRows(connection: Connection, plan: TablePlan): Promise<TypedRows> {
  const columns = Object.entries(plan.columns).map(([name, column]) => {
    return `CAST(NULL AS ${sqlTypeOf(column)}) AS ${quoteName(name)}`;
  });
  const own = `0::BIGINT AS ${LINE}, 0::BIGINT AS ${ROW}, NULL::INTEGER AS ${RULE}`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE checked AS SELECT ${columns.join(', ')}, ${own} LIMIT 0`);
  return { rows: 0, bad: 0, good: 'checked', badRows: 'checked' };
}

function checkedQuery(plan: TablePlan, raw: RawColumns, rows: string, rules: readonly RowRule[]): string {
  const own = [LINE, ROW, ...(raw.hasFile ? [FILE] : [])].join(', ');
  const cases = rules.map(({ broken }, i) => `WHEN ${broken} THEN ${i}`).join(' ');
  const names = Object.keys(plan.columns).map(quoteName).join(', ');
  return `
    SELECT ${names}, ${own}, CAST(CASE ${cases} END AS INTEGER) AS ${RULE}
    FROM (SELECT *, ${typedColumns(plan.columns)} FROM (SELECT ${own}, ${textColumns(plan.columns)} FROM ${rows}))`;
}

async function withoutRepeatedKeys(connection: Connection, plan: TablePlan, keyRule: number): Promise<TypedRows> {
  const names = plan.key.map(quoteName).join(', ');
  const hashes = `SELECT hash(${names}) AS h FROM checked WHERE ${RULE} IS NULL GROUP BY h HAVING count(*) > 1`;
  const [counts] = await connection.rows(
    `SELECT count(*) AS rows, count(${RULE}) AS bad, count(DISTINCT hash(${names})) FILTER (${RULE} IS NULL) AS keys FROM checked`,
  );
  const rows = Number(counts!['rows']);
  const bad = Number(counts!['bad']);
  const good = `(SELECT * FROM checked WHERE ${RULE} IS NULL)`;
  const badRows = `(SELECT * FROM checked WHERE ${RULE} IS NOT NULL)`;
  if (Number(counts!['keys']) === rows - bad) return { rows, bad, good, badRows };
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE repeated AS SELECT ${ROW} FROM (
      SELECT ${ROW}, row_number() OVER (PARTITION BY ${names} ORDER BY ${ROW}) AS n FROM checked
      WHERE ${RULE} IS NULL AND hash(${names}) IN (${hashes})
    ) WHERE n > 1`);
  const [later] = await connection.rows('SELECT count(*) AS n FROM repeated');
  const isRepeated = `${ROW} IN (SELECT ${ROW} FROM repeated)`;
  return {
    rows,
    bad: bad + Number(later!['n']),
    good: `(SELECT * FROM checked WHERE ${RULE} IS NULL AND NOT (${isRepeated}))`,
    badRows: `(SELECT * REPLACE (coalesce(${RULE}, ${keyRule}) AS ${RULE}) FROM checked WHERE ${RULE} IS NOT NULL OR ${isRepeated})`,
  };
}

/**
 * After a failure: tries each piece of the author's SQL alone. Gives a raw column that is missing, or null.
 * @throws UnderstudyError `MODEL_CODE_FAILED` naming the bad column or rule.
 */
export async function blame(
  connection: Connection,
  request: CheckRequest & { readonly rawPath: string },
  rules: readonly RowRule[],
): Promise<string | null> {
  const { table, plan } = request;
  const raw = rawRows(request.rawPath);
  for (const [name, column] of Object.entries(plan.columns)) {
    try {
      const query = `SELECT ${rawExpression(name, column)} FROM ${raw}`;
      await modelSql(`table ${table}, column ${name}`, () => connection.columns(query));
    } catch (error) {
      const missing = missingColumnIn((error as Error).cause);
      if (missing !== null) return missing;
      throw error;
    }
  }
  for (const rule of rules) {
    const typed = `SELECT *, ${typedColumns(plan.columns)} FROM (SELECT ${LINE}, ${textColumns(plan.columns)} FROM ${raw})`;
    const query = `SELECT ${LINE} FROM (${typed}) WHERE ${rule.broken}`;
    await modelSql(`table ${table}, rule ${rule.rule}`, () => connection.rows(query));
  }
  return null;
}
