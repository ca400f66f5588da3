// Checks one day of one table against its contract and writes what passes: accepted rows, and quarantined rows with their rule.
// Invariant: each delivered row is in exactly one of the two files; equal rows give equal bytes.
import { join } from 'node:path';
import type { Day } from '../../domain/days';
import type { ColumnStatistics, QuarantineSummary } from '../../domain/partitions';
import type { TablePlan } from '../../domain/plan';
import { missingColumnIn, missingColumnMessage } from './columns';
import { modelSql, type Connection, type Engine } from '../engine';
import { brokenPartitionRules, type RecentPartition } from './partition-rules';
import { quarantineSummary, writeQuarantine } from './quarantine';
import { keyRule, rawExpression, rowRules, sqlTypeOf, textColumns, typedColumns } from './row-rules';
import { LINE } from '../read/split';
import { copyToParquet, quoteName, quoteText } from '../sql-text';
import { columnStatistics } from '../describe/column-statistics';

export interface CheckRequest {
  readonly table: string;
  readonly plan: TablePlan;
  readonly partition: Day;
  /** The day's rows as `splitRawFile` wrote them; null: the file has no row of the day. */
  readonly rawPath: string | null;
  /** How messages call the raw file. */
  readonly fileName: string;
  /** Accepted partitions before this one, oldest first; the plan says how many of the last are looked at. */
  readonly recent: readonly RecentPartition[];
  /** An existing directory for `data.parquet` and `quarantine.parquet`. */
  readonly outDir: string;
}

export type CheckResult =
  | {
      readonly verdict: 'accepted';
      /** The typed columns of the plan, sorted by key. */
      readonly dataPath: string;
      readonly rows: number;
      /** The raw rows set aside with `__line` and `rule`; null when there are none. */
      readonly quarantinePath: string | null;
      readonly quarantinedRows: number;
      readonly quarantined: readonly QuarantineSummary[];
      readonly statistics: Readonly<Record<string, ColumnStatistics>>;
    }
  | {
      readonly verdict: 'rejected';
      /** The first broken rule: `columns`, or the name of a partition rule. */
      readonly rule: string;
      /** File, partition, and every broken rule with what was found and what is allowed. */
      readonly message: string;
    };

/**
 * Checks and writes one partition. A delivery that breaks its contract is a value (`rejected`), no error.
 * @throws UnderstudyError `MODEL_CODE_FAILED` when SQL of the contract is not valid, naming table and column or rule.
 */
export function checkPartition(engine: Engine, request: CheckRequest): Promise<CheckResult> {
  return engine.task(async (connection) => {
    const missing = await typeRows(connection, request);
    if (missing !== null) return { verdict: 'rejected', rule: 'columns', message: missing };
    const accepted = '(SELECT * FROM checked WHERE __rule IS NULL)';
    const [counts] = await connection.rows('SELECT count(*) AS rows, count(__rule) AS bad FROM checked');
    const rows = Number(counts!['rows']);
    const quarantinedRows = Number(counts!['bad']);
    const rules = [...rowRules(request.plan), keyRule(request.plan)];
    const quarantined = quarantinedRows === 0 ? [] : await quarantineSummary(connection, rules, request.fileName);
    const statistics = await columnStatistics(connection, accepted, request.plan.columns);
    const delivery = { rows, quarantinedRows, quarantined, statistics };
    const broken = brokenPartitionRules(request.plan.partitionRules, delivery, request.recent);
    if (broken.length > 0) {
      const message = `${request.fileName}, partition ${request.partition} of table ${request.table}: ${broken.map((b) => b.message).join('; ')}`;
      return { verdict: 'rejected', rule: broken[0]!.rule, message };
    }
    const dataPath = join(request.outDir, 'data.parquet');
    const columns = Object.keys(request.plan.columns).map(quoteName).join(', ');
    const order = request.plan.key.map(quoteName).join(', ');
    await connection.run(copyToParquet(`SELECT ${columns} FROM ${accepted} ORDER BY ${order}`, dataPath));
    const quarantinePath = quarantinedRows === 0 ? null : join(request.outDir, 'quarantine.parquet');
    if (quarantinePath !== null) await writeQuarantine(connection, rules, request.rawPath!, quarantinePath);
    const result = { dataPath, rows: rows - quarantinedRows, quarantinePath, quarantinedRows, quarantined, statistics };
    return { verdict: 'accepted', ...result };
  });
}

/** Makes the table `checked`: typed columns, texts, line, and the index of the first broken rule. Gives a sentence on missing columns. */
async function typeRows(connection: Connection, request: CheckRequest): Promise<string | null> {
  const { plan } = request;
  if (request.rawPath === null) {
    const none = Object.entries(plan.columns).map(
      ([name, column]) => `CAST(NULL AS ${sqlTypeOf(column)}) AS ${quoteName(name)}`,
    );
    await connection.run(
      `CREATE TEMP TABLE checked AS SELECT ${none.join(', ')}, CAST(NULL AS INTEGER) AS __rule LIMIT 0`,
    );
    return null;
  }
  const raw = `read_parquet(${quoteText(request.rawPath)})`;
  const found = (await connection.columns(`SELECT * EXCLUDE (${LINE}) FROM ${raw}`)).map((column) => column.name);
  const wanted = Object.entries(plan.columns).flatMap(([name, column]) => (column.sql === undefined ? [name] : []));
  const missing = wanted.filter((name) => !found.includes(name));
  const claimed = wanted.filter((name) => found.includes(name));
  if (missing.length > 0) return missingColumnMessage(request.fileName, missing, found, claimed);
  try {
    await connection.run(`CREATE TEMP TABLE checked AS ${checkedQuery(plan, raw)}`);
    return null;
  } catch (error) {
    const renamed = await blame(connection, request, raw);
    if (renamed === null) throw error;
    return missingColumnMessage(request.fileName, [renamed], found, claimed);
  }
}

function checkedQuery(plan: TablePlan, raw: string): string {
  const rules = rowRules(plan);
  const cases = rules.map((rule, i) => `WHEN ${rule.broken} THEN ${i}`).join(' ');
  const key = plan.key.map(quoteName).join(', ');
  return `
    WITH texts AS (SELECT ${LINE}, ${textColumns(plan.columns)} FROM ${raw}),
    typed AS (SELECT *, ${typedColumns(plan.columns)} FROM texts),
    ruled AS (SELECT *, CASE ${cases} END AS __first FROM typed)
    SELECT * EXCLUDE (__first), CAST(coalesce(__first, CASE WHEN row_number() OVER (
      PARTITION BY __first IS NULL, ${key} ORDER BY ${LINE}) > 1 THEN ${rules.length} END) AS INTEGER) AS __rule
    FROM ruled`;
}

/** After a failure: tries each piece of the author's SQL alone. Throws naming the bad one, or gives a raw column that is missing. */
async function blame(connection: Connection, { table, plan }: CheckRequest, raw: string): Promise<string | null> {
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
  for (const rule of rowRules(plan)) {
    const typed = `SELECT *, ${typedColumns(plan.columns)} FROM (SELECT ${LINE}, ${textColumns(plan.columns)} FROM ${raw})`;
    const query = `SELECT ${LINE} FROM (${typed}) WHERE ${rule.broken}`;
    await modelSql(`table ${table}, rule ${rule.rule}`, () => connection.rows(query));
  }
  return null;
}
