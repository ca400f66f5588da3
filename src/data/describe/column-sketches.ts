// Describes each column of a relation in a few queries whatever the number of columns and rows: mergeable sketches, and exact numbers beside.
// Memory is bounded: no query holds a column's values at once, but of relations small enough for exact quantiles.
import type { ColumnSketch, ColumnStatistics } from '../../domain/partitions';
import type { ColumnPlan } from '../../domain/plan';
import { RANK_BITS, REGISTERS, rankOf, writeRegisters } from '../../statistics/hyper-log-log';
import { coarsened, FINEST_STEP, GAMMA, quantilesOf, type NumericSketch } from '../../statistics/quantile-sketch';
import { distinctOf } from '../../statistics/sketches';
import type { Connection, Row } from '../engine';
import { quoteName } from '../sql-text';
import { topValues, type TopValues } from './top-values';

/** Up to this many rows quantiles are exact; they hold all values in memory. */
const EXACT_ROWS = 1_000_000;
/** Moments take larger numbers as this one: their squares have to be numbers. */
const LARGEST_MOMENT = 1e150;
/** How many of the most frequent values of a text column the statistics keep. */
const STATISTICS_TOP = 20;

type Columns = Readonly<Record<string, ColumnPlan>>;

export interface ColumnDescriptions {
  readonly sketches: Readonly<Record<string, ColumnSketch>>;
  readonly statistics: Readonly<Record<string, ColumnStatistics>>;
}

/**
 * @param relation a table, a view or a query in parentheses with these (typed) columns.
 * @param options `rows`: how many it has; `uniqueColumn`: a column whose values are all different, so that none is more frequent.
 */
export async function describeColumns(
  connection: Connection,
  relation: string,
  columns: Columns,
  options: { readonly rows: number; readonly uniqueColumn?: string },
): Promise<ColumnDescriptions> {
  const entries = Object.entries(columns);
  const exact = options.rows <= EXACT_ROWS;
  const [totals] = await connection.rows(
    `SELECT ${entries.map(([name, column], i) => aggregates(name, column, i, exact)).join(', ')} FROM ${relation}`,
  );
  const counted = await countedCodes(connection, relation, entries);
  const distinct = counted.map(({ registers }) => writeRegisters(registers));
  const estimate = (i: number) => distinctOf({ count: options.rows, nulls: 0, distinct: distinct[i]! });
  const texts = entries.flatMap(([name, { type }], i) =>
    isText(type) && name !== options.uniqueColumn
      ? [{ name, isCategory: type !== 'string', distinct: estimate(i) }]
      : [],
  );
  const tops = await topValues(connection, relation, texts);
  const sketches: Record<string, ColumnSketch> = {};
  const statistics: Record<string, ColumnStatistics> = {};
  for (const [i, [name, column]] of entries.entries()) {
    const count = Number(totals![`count_${i}`]);
    const numeric = numericOf(totals!, column, i, count, counted[i]!.codes);
    const sketch = {
      count,
      nulls: options.rows - count,
      distinct: distinct[i]!,
      ...(numeric ? { numeric } : {}),
      ...(isText(column.type) ? withOthers(tops.get(name) ?? [], count) : {}),
    };
    sketches[name] = sketch;
    statistics[name] = statisticsOf(sketch, column, totals![`quantiles_${i}`]);
  }
  return { sketches, statistics };
}

function isText(type: ColumnPlan['type']): boolean {
  return type === 'string' || type === 'category' || type === 'boolean';
}

function isInstant(type: ColumnPlan['type']): boolean {
  return type === 'date' || type === 'timestamp';
}

/** Numbers as they are, instants as epoch milliseconds; null for texts. */
function numberSql(name: string, { type }: ColumnPlan): string | null {
  if (isText(type)) return null;
  return isInstant(type)
    ? `CAST(epoch_ms(CAST(${quoteName(name)} AS TIMESTAMP)) AS DOUBLE)`
    : `CAST(${quoteName(name)} AS DOUBLE)`;
}

function aggregates(name: string, column: ColumnPlan, i: number, exact: boolean): string {
  const count = `count(${quoteName(name)}) AS count_${i}`;
  const value = numberSql(name, column);
  if (value === null) return count;
  const bounded = `CASE WHEN abs(${value}) > ${LARGEST_MOMENT} THEN sign(${value}) * ${LARGEST_MOMENT} ELSE ${value} END`;
  const quantiles =
    exact && !isInstant(column.type) ? `, quantile_cont(${value}, [0.1, 0.5, 0.9]) AS quantiles_${i}` : '';
  return `${count}, min(${value}) AS min_${i}, max(${value}) AS max_${i}, avg(${bounded}) AS mean_${i},
    var_pop(${bounded}) AS variance_${i}${quantiles}`;
}

/** Codes of positive numbers are above this, of negative ones below its negative, of 0 is 0: an index that tells sign and bucket. */
const SIGN = 1_000_000;

type Codes = readonly (readonly [code: number, count: number])[];

/**
 * Of each column its HyperLogLog registers, and (numbers and instants) the counts in quantile buckets by coded index: one pass over long rows
 * of column and code. A register is the upper 10 bits of the value's hash, its rank that of the 32 bits after 10 more.
 */
async function countedCodes(
  connection: Connection,
  relation: string,
  entries: readonly (readonly [string, ColumnPlan])[],
): Promise<{ registers: Uint8Array; codes: Codes }[]> {
  const hashed = entries.map(([name], i) => {
    const hash = `hash(${quoteName(name)})`;
    const register = `CASE WHEN ${quoteName(name)} IS NOT NULL THEN CAST(${hash} >> 54 AS INTEGER) END`;
    return { id: i, code: register, bits: `(${hash} >> ${54 - 10 - RANK_BITS}) & ${2 ** RANK_BITS - 1}` };
  });
  const bucketed = entries.flatMap(([name, column], i) => {
    const code = bucketCode(name, column);
    return code === null ? [] : [{ id: entries.length + i, code, bits: '0::UBIGINT' }];
  });
  const all = [...hashed, ...bucketed];
  const rows = await connection.rows(`
    SELECT c, list(code ORDER BY code) AS codes, list(CAST(n AS DOUBLE) ORDER BY code) AS counts,
      list(CAST(bits AS DOUBLE) ORDER BY code) AS bits
    FROM (
      SELECT c, code, count(*) AS n, min(b) AS bits FROM (
        SELECT unnest([${all.map(({ id }) => id).join(', ')}]) AS c, unnest([${all.map(({ code }) => code).join(', ')}]) AS code,
          unnest([${all.map(({ bits }) => bits).join(', ')}]) AS b
        FROM ${relation}
      ) WHERE code IS NOT NULL GROUP BY ALL
    ) GROUP BY c`);
  const registers = entries.map((): Uint8Array => new Uint8Array(0));
  const found = entries.map((): Codes => []);
  for (const row of rows) {
    const id = Number(row['c']);
    const codes = row['codes'] as readonly number[];
    const counts = row['counts'] as readonly number[];
    if (id < entries.length) registers[id] = registersOf(codes, row['bits'] as readonly number[]);
    else found[id - entries.length] = codes.map((code, i) => [code, counts[i]!] as const);
  }
  return entries.map((_, i) => ({ registers: registers[i]!, codes: found[i]! }));
}

function registersOf(codes: readonly number[], leastBits: readonly number[]): Uint8Array {
  const registers = new Uint8Array(REGISTERS);
  // The least bits have the first 1 furthest to the right: the largest rank.
  for (const [i, register] of codes.entries()) registers[register] = rankOf(leastBits[i]!);
  return registers;
}

function bucketCode(name: string, column: ColumnPlan): string | null {
  const value = numberSql(name, column);
  if (value === null) return null;
  if (isInstant(column.type)) return `CAST(floor(${value} / ${FINEST_STEP}) AS INTEGER)`;
  const bucket = `CAST(ceil(ln(abs(${value})) / ${Math.log(GAMMA)}) AS INTEGER)`;
  return `CASE WHEN ${value} > 0 THEN ${SIGN} + ${bucket} WHEN ${value} < 0 THEN -${SIGN} - ${bucket} WHEN ${value} = 0 THEN 0 END`;
}

function numericOf(totals: Row, column: ColumnPlan, i: number, count: number, codes: Codes): NumericSketch | null {
  if (isText(column.type) || count === 0) return null;
  const moment = (name: string) => Number(totals[`${name}_${i}`]);
  const moments = { min: moment('min'), max: moment('max'), mean: moment('mean'), m2: moment('variance') * count };
  if (isInstant(column.type)) return { ...moments, ...coarsened(codes) };
  const middle = SIGN / 2;
  return {
    ...moments,
    zeros: codes.find(([code]) => code === 0)?.[1] ?? 0,
    positive: codes.flatMap(([code, n]) => (code > middle ? [[code - SIGN, n] as const] : [])),
    negative: codes.flatMap(([code, n]) => (code < -middle ? [[-code - SIGN, n] as const] : [])).reverse(),
  };
}

function withOthers(top: TopValues, count: number): Pick<ColumnSketch, 'top' | 'others'> {
  return { top, others: count - top.reduce((sum, value) => sum + value.count, 0) };
}

/** The numbers that every partition is kept with; quantiles are exact where they were computed, else those of the sketch. */
function statisticsOf(sketch: ColumnSketch, column: ColumnPlan, exact: Row[string] | undefined): ColumnStatistics {
  const { count, nulls, numeric, top } = sketch;
  const distinct = distinctOf(sketch);
  if (column.type === 'string' || column.type === 'category')
    return { nulls, distinct, top: (top ?? []).slice(0, STATISTICS_TOP) };
  if (!numeric || isInstant(column.type)) return { nulls, distinct };
  const { min, max, mean, m2 } = numeric;
  const [p10, p50, p90] = (Array.isArray(exact) ? exact.map(Number) : quantilesOf(numeric, count, [0.1, 0.5, 0.9])) as [
    number,
    number,
    number,
  ];
  return { nulls, distinct, min, max, mean, deviation: Math.sqrt(m2 / count), p10, p50, p90 };
}
