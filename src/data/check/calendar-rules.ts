// Rules on the time of the rows: is the newest of them fresh, and are they of the partition's day at all?
import { addDays, type Day } from '../../domain/days';
import type { TablePlan } from '../../domain/plan/plan';
import { instantOf } from '../../domain/zones';
import type { Connection } from '../engine';
import { FILE, LINE } from '../read/split';
import { quoteName, quoteText } from '../sql-text';
import { percent, type Finding } from './findings';
import { ROW } from './typed-rows';

export interface CalendarInput {
  readonly plan: TablePlan;
  readonly partition: Day;
  readonly timeZone: string;
  /** The rule `freshness`' `within` in milliseconds; null: there is no such rule. */
  readonly freshWithinMs: number | null;
  /** Relation of the good rows, and how many they are. */
  readonly good: string;
  readonly rows: number;
  readonly fileName: string;
  readonly hasFile: boolean;
}

/** What the rules `freshness` and `period` found; without good rows both pass. */
export async function calendarFindings(connection: Connection, input: CalendarInput): Promise<Finding[]> {
  const { freshness, period } = input.plan.partitionRules;
  return [
    ...(freshness && input.freshWithinMs !== null
      ? [await freshnessFinding(connection, input, freshness, input.freshWithinMs)]
      : []),
    ...(period ? [await periodFinding(connection, input, period)] : []),
  ];
}

const NO_ROWS = { verdict: 'passed', what: '', found: 'no rows', allowed: 'nothing to look at' } as const;

async function freshnessFinding(
  connection: Connection,
  { plan, partition, timeZone, good }: CalendarInput,
  { column, within }: NonNullable<TablePlan['partitionRules']['freshness']>,
  withinMs: number,
): Promise<Finding> {
  const common = { check: 'freshness', kind: 'partition' } as const;
  const c = quoteName(column);
  const [row] = await connection.rows(
    `SELECT CAST(max(${c}) AS VARCHAR) AS newest, epoch_ms(CAST(max(${c}) AS TIMESTAMP)) AS ms FROM ${good}`,
  );
  if (row!['newest'] === null) return { ...common, ...NO_ROWS };
  const newest = String(row!['newest']);
  const isDate = plan.columns[column]!.type === 'date';
  // A date stands for its whole day.
  const at = isDate ? Date.parse(dayEnd(newest, timeZone)) : Number(row!['ms']);
  const end = dayEnd(partition, timeZone);
  return {
    ...common,
    verdict: at >= Date.parse(end) - withinMs ? 'passed' : 'rejected',
    what: `column ${column}: the newest value is too old`,
    found: isDate ? newest : new Date(at).toISOString(),
    allowed: `at most ${within} before the end of ${partition}, which is ${end}`,
  };
}

async function periodFinding(
  connection: Connection,
  { plan, partition, timeZone, good, rows, fileName, hasFile }: CalendarInput,
  { column, maxShareOutside }: NonNullable<TablePlan['partitionRules']['period']>,
): Promise<Finding> {
  const common = { check: 'period', kind: 'partition' } as const;
  if (rows === 0) return { ...common, ...NO_ROWS };
  const c = quoteName(column);
  const isDate = plan.columns[column]!.type === 'date';
  const [from, to] = [instantOf(partition, '00:00', timeZone), dayEnd(partition, timeZone)];
  const outside = isDate
    ? `${c} <> DATE ${quoteText(partition)}`
    : `(${c} < ${timestamp(from)} OR ${c} >= ${timestamp(to)})`;
  const file = hasFile ? FILE : quoteText(fileName);
  const [row] = await connection.rows(`
    SELECT count(*) AS n, min_by(CAST(${c} AS VARCHAR), ${ROW}) AS value, min_by(${LINE}, ${ROW}) AS line, min_by(${file}, ${ROW}) AS file
    FROM ${good} WHERE ${outside}`);
  const count = Number(row!['n']);
  const broken = count / rows > maxShareOutside;
  const first =
    count === 0 ? '' : `, first ${String(row!['file'])} line ${Number(row!['line'])}: ${String(row!['value'])}`;
  const range = isDate ? partition : `${from} to ${to}, the day ${partition} in ${timeZone}`;
  return {
    ...common,
    verdict: broken ? 'rejected' : 'passed',
    what: `column ${column}: rows of another day`,
    found: `${count} of ${rows}, ${percent(count / rows)}${first}`,
    allowed: `${percent(maxShareOutside)} outside of ${range}`,
    rows: count,
  };
}

function dayEnd(day: Day, timeZone: string): string {
  return instantOf(addDays(day, 1), '00:00', timeZone);
}

function timestamp(instant: string): string {
  return `TIMESTAMP ${quoteText(instant.replace('T', ' ').replace('Z', ''))}`;
}
