// What an author relies on, looked at again for each new partition, alone or with the days before it.
import { addDays, type Day } from '../../domain/days';
import type { AssumptionPlan } from '../../domain/plan/plan';
import { jarqueBera } from '../../statistics/normality';
import { kolmogorovSmirnov } from '../../statistics/drift/kolmogorov-smirnov';
import { UnderstudyError } from '../../domain/failures';
import { modelSql, type Connection } from '../engine';
import { quoteList, quoteName, quoteText } from '../sql-text';
import type { DayFile } from './check-request';
import { short, type Finding } from './findings';

/** With more values than this, a test is made on a fixed sample of about as many (by the hash of the row's place). */
const MOST_VALUES = 200_000;

export interface AssumptionInput {
  readonly table: string;
  readonly partition: Day;
  /** Names of the table's columns. */
  readonly columns: readonly string[];
  /** Relation of the partition's good rows. */
  readonly good: string;
  /** Accepted partitions before it, oldest first. */
  readonly earlier: readonly DayFile[];
}

/** One finding for each assumption, in their order. */
export async function assumptionFindings(
  connection: Connection,
  assumptions: readonly AssumptionPlan[],
  input: AssumptionInput,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const assumption of assumptions) {
    const { name, description, consequence, overDays } = assumption;
    const { holds, found, allowed } = await examine(connection, assumption, input);
    const over = overDays === 1 ? '' : ` over ${overDays} days`;
    findings.push({
      check: name,
      kind: 'assumption',
      verdict: holds ? 'passed' : consequence === 'warn' ? 'warned' : 'rejected',
      what: `assumption ${name}${over} does not hold${description === '' ? '' : `: ${description}`}`,
      found,
      allowed,
    });
  }
  return findings;
}

interface Examined {
  readonly holds: boolean;
  readonly found: string;
  readonly allowed: string;
}

async function examine(
  connection: Connection,
  { name, overDays, check }: AssumptionPlan,
  input: AssumptionInput,
): Promise<Examined> {
  const window = windowOf(input, overDays);
  switch (check.test) {
    case 'sql': {
      await connection.run(`CREATE OR REPLACE TEMP VIEW rows AS SELECT * FROM ${window}`);
      const value = await modelSql(`table ${input.table}, assumption ${name}`, () =>
        oneNumber(connection, check.sql, input.table, name),
      );
      const { min = -Infinity, max = Infinity } = check;
      const allowed = [
        ...(check.min === undefined ? [] : [`at least ${check.min}`]),
        ...(check.max === undefined ? [] : [`at most ${check.max}`]),
      ];
      const found = value === null ? 'no value' : short(value);
      return {
        holds: value !== null && value >= min && value <= max,
        found,
        allowed: allowed.join(' and ') || 'any number',
      };
    }
    case 'normal': {
      const test = jarqueBera(await centralMoments(connection, window, check.column));
      const found = Number.isNaN(test.p)
        ? `no spread in ${check.column}`
        : `Jarque–Bera ${short(test.statistic)}, p ${short(test.p)} in ${check.column}`;
      return { holds: Number.isNaN(test.p) || test.p >= check.level, found, allowed: `p at least ${check.level}` };
    }
    case 'same-distribution': {
      const before = {
        ...input,
        earlier: input.earlier.filter(({ partition }) => partition <= addDays(input.partition, -overDays)),
      };
      const from = addDays(input.partition, 1 - overDays - check.referenceDays);
      const reference = filesSql(
        before.earlier.filter(({ partition }) => partition >= from),
        input.columns,
      );
      const allowed = `p at least ${check.level} against the ${check.referenceDays} days before`;
      if (reference === null) return { holds: true, found: 'no days before to compare with', allowed };
      const test = kolmogorovSmirnov(
        await numbers(connection, `(${reference})`, check.column),
        await numbers(connection, window, check.column),
      );
      if (Number.isNaN(test.p)) return { holds: true, found: `no values of ${check.column} to compare`, allowed };
      const found = `Kolmogorov–Smirnov ${short(test.statistic)}, p ${short(test.p)} in ${check.column}`;
      return { holds: test.p >= check.level, found, allowed };
    }
    case 'unique': {
      const names = check.columns.map(quoteName);
      const [row] = await connection.rows(`
        SELECT count(*) AS n, min(example) AS example FROM (
          SELECT concat_ws(', ', ${names.map((c) => `any_value(CAST(${c} AS VARCHAR))`).join(', ')}) AS example
          FROM ${window} WHERE ${names.map((c) => `${c} IS NOT NULL`).join(' AND ')}
          GROUP BY hash(${names.join(', ')}) HAVING count(*) > 1)`);
      const repeated = Number(row!['n']);
      const found = repeated === 0 ? 'none twice' : `${repeated} more than once, such as ${String(row!['example'])}`;
      return { holds: repeated === 0, found, allowed: `each ${check.columns.join(', ')} once` };
    }
  }
}

/** The typed rows of the days that end with the partition, with `partition_day`, as a relation. */
function windowOf({ columns, good, earlier, partition }: AssumptionInput, overDays: number): string {
  const names = columns.map(quoteName).join(', ');
  const own = `SELECT ${names}, DATE ${quoteText(partition)} AS partition_day FROM ${good}`;
  const from = addDays(partition, 1 - overDays);
  const before = filesSql(
    earlier.filter((file) => file.partition >= from),
    columns,
  );
  return before === null ? `(${own})` : `(${own} UNION ALL BY NAME ${before})`;
}

/** Null for no files. Columns that a file of an earlier contract does not have are null. */
function filesSql(files: readonly DayFile[], columns: readonly string[]): string | null {
  if (files.length === 0) return null;
  const days = files.map(({ path, partition }) => `(${quoteText(path)}, DATE ${quoteText(partition)})`).join(', ');
  const names = columns.map(quoteName);
  const paths = quoteList(files.map(({ path }) => path));
  return `SELECT COLUMNS(c -> c IN (${columns.map(quoteText).join(', ')}, 'partition_day')) FROM
    (SELECT f.*, d.day AS partition_day FROM read_parquet(${paths}, union_by_name = true, filename = '__path') f
      JOIN (VALUES ${days}) d(path, day) ON f.__path = d.path)${names.length === 0 ? ' LIMIT 0' : ''}`;
}

async function oneNumber(connection: Connection, sql: string, table: string, name: string): Promise<number | null> {
  const rows = await connection.rows(sql);
  const values = Object.values(rows[0] ?? {});
  const [value] = values;
  if (
    rows.length === 1 &&
    values.length === 1 &&
    (typeof value === 'number' || typeof value === 'boolean' || value === null)
  )
    return value === null ? null : Number(value);
  throw new UnderstudyError(
    'MODEL_CODE_FAILED',
    `table ${table}, assumption ${name}: the SQL has to give one number (found: ${rows.length} rows of ${values.length} values, first ${String(value)})`,
    { table, assumption: name },
  );
}

async function centralMoments(connection: Connection, relation: string, column: string) {
  const c = `CAST(${quoteName(column)} AS DOUBLE)`;
  const [row] = await connection.rows(`
    SELECT count(d) AS n, avg(d * d) AS second, avg(d * d * d) AS third, avg(d * d * d * d) AS fourth
    FROM (SELECT ${c} - (SELECT avg(${c}) FROM ${relation}) AS d FROM ${relation})`);
  const moment = (name: string) => Number(row![name] ?? NaN);
  return { count: moment('n'), second: moment('second'), third: moment('third'), fourth: moment('fourth') };
}

async function numbers(connection: Connection, relation: string, column: string): Promise<number[]> {
  const c = quoteName(column);
  const [size] = await connection.rows(`SELECT count(${c}) AS n FROM ${relation}`);
  const every = Math.ceil(Number(size!['n']) / MOST_VALUES);
  const sampled = every > 1 ? `AND hash(n) % ${every} = 0` : '';
  const values: number[] = [];
  const query = `SELECT CAST(${c} AS DOUBLE) FROM (SELECT ${c}, row_number() OVER () AS n FROM ${relation}) WHERE ${c} IS NOT NULL ${sampled}`;
  await connection.chunks(query, ({ rows, vectors }) => {
    for (let i = 0; i < rows; i++) values.push(vectors[0]!.getItem(i) as number);
  });
  return values;
}
