// What one pass over a relation's rows says of each column: counts, moments, registers, buckets, and the values of texts.
// Memory is bounded: texts are counted up to a number of different values, numbers are kept only where quantiles are to be exact.
import type { ColumnPlan } from '../../domain/plan/plan';
import { RANK_BITS, rankOf, REGISTERS } from '../../statistics/hyper-log-log';
import { FINEST_STEP, GAMMA } from '../../statistics/quantile-sketch';
import type { Chunk, Connection } from '../engine';
import { quoteName } from '../sql-text';

/** With more different values, counting each of them would take too much memory. */
export const COUNTED_VALUES = 200_000;
/** Moments take larger numbers as this one: their squares have to be numbers. */
const LARGEST_MOMENT = 1e150;
const LOG_GAMMA = Math.log(GAMMA);
/** A hash comes without its lowest 12 bits, so that a double holds it: these are the bits below the register's. */
const BITS_BELOW_REGISTER = 2 ** 42;
const BITS_OF_RANK = 2 ** RANK_BITS;

/** Rows by bucket. */
export type Buckets = Map<number, number>;

/** What was found of one column. */
export interface ScannedColumn {
  /** Values that are not null. */
  readonly count: number;
  /** HyperLogLog registers of all values; empty without values. */
  readonly registers: Uint8Array;
  /** Numbers, and instants as epoch milliseconds; null for texts and for columns without values. */
  readonly numbers: ScannedNumbers | null;
  /** Values of texts with their counts; null: not asked for, or more than {@link COUNTED_VALUES} different ones. */
  readonly texts: ReadonlyMap<string, number> | null;
}

export interface ScannedNumbers {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean. */
  readonly m2: number;
  readonly zeros: number;
  /** By the index of the bucket: of numbers γ's power, of instants (all in `positive`) the number of {@link FINEST_STEP}s. */
  readonly positive: Buckets;
  readonly negative: Buckets;
  /** All values in rising order; null: not asked for. */
  readonly sorted: Float64Array | null;
}

/** A column and what is asked of it. */
export interface ScanColumn {
  readonly name: string;
  readonly type: ColumnPlan['type'];
  /** Count each different value; texts only. */
  readonly countTexts: boolean;
  /** Keep all values, which are at most this many; numbers only. 0: keep none. */
  readonly keepNumbers: number;
}

/** Reads a relation (a table, a view or a query in parentheses) once. */
export async function scanColumns(
  connection: Connection,
  relation: string,
  columns: readonly ScanColumn[],
): Promise<ScannedColumn[]> {
  const items: string[] = [];
  const scans = columns.map((column) => {
    const hashAt = items.push(hashSql(column.name)) - 1;
    const numbers = isText(column.type) ? null : numberScan(column, items.push(numberSql(column)) - 1);
    const texts = column.countTexts ? textScan(items.push(`CAST(${quoteName(column.name)} AS VARCHAR)`) - 1) : null;
    return { hashes: hashScan(hashAt), numbers, texts };
  });
  await connection.chunks(`SELECT ${items.join(', ')} FROM ${relation}`, (chunk) => {
    for (const { hashes, numbers, texts } of scans) {
      hashes.take(chunk);
      numbers?.take(chunk);
      texts?.take(chunk);
    }
  });
  return scans.map(({ hashes, numbers, texts }) => ({
    ...hashes.found(),
    numbers: numbers?.found() ?? null,
    texts: texts?.found() ?? null,
  }));
}

/** Whether a column's values are described as texts. */
export function isText(type: ColumnPlan['type']): boolean {
  return type === 'string' || type === 'category' || type === 'boolean';
}

/** Whether a column's values are described as epoch milliseconds. */
export function isInstant(type: ColumnPlan['type']): boolean {
  return type === 'date' || type === 'timestamp';
}

function hashSql(name: string): string {
  return `CASE WHEN ${quoteName(name)} IS NOT NULL THEN CAST(hash(${quoteName(name)}) >> 12 AS DOUBLE) END`;
}

function numberSql({ name, type }: ScanColumn): string {
  return isInstant(type)
    ? `CAST(epoch_ms(CAST(${quoteName(name)} AS TIMESTAMP)) AS DOUBLE)`
    : `CAST(${quoteName(name)} AS DOUBLE)`;
}

/** A register is the upper 10 bits of the value's hash, its rank that of the 32 bits after 10 more. */
function hashScan(at: number) {
  const registers = new Uint8Array(REGISTERS);
  let count = 0;
  return {
    take({ rows, vectors }: Chunk): void {
      const vector = vectors[at]!;
      for (let row = 0; row < rows; row++) {
        const hash = vector.getItem(row) as number | null;
        if (hash === null) continue;
        count++;
        const register = Math.floor(hash / BITS_BELOW_REGISTER);
        const rank = rankOf(hash % BITS_OF_RANK);
        if (rank > registers[register]!) registers[register] = rank;
      }
    },
    found: () => ({ count, registers: count === 0 ? new Uint8Array(0) : registers }),
  };
}

/** Moments by Welford (1962), "Note on a method for calculating corrected sums of squares and products"; the mean is the sum's. */
function numberScan({ type, keepNumbers }: ScanColumn, at: number) {
  const buckets = { positive: new Map<number, number>(), negative: new Map<number, number>() };
  const kept = new Float64Array(keepNumbers);
  const instants = isInstant(type);
  let [count, min, max, sum, center, m2, zeros] = [0, Infinity, -Infinity, 0, 0, 0, 0];

  function takeBucket(value: number): void {
    if (instants) return add(buckets.positive, Math.floor(value / FINEST_STEP));
    if (value === 0) zeros++;
    else add(value > 0 ? buckets.positive : buckets.negative, Math.ceil(Math.log(Math.abs(value)) / LOG_GAMMA));
  }
  return {
    take({ rows, vectors }: Chunk): void {
      const vector = vectors[at]!;
      for (let row = 0; row < rows; row++) {
        const value = vector.getItem(row) as number | null;
        if (value === null) continue;
        const bounded = Math.abs(value) > LARGEST_MOMENT ? Math.sign(value) * LARGEST_MOMENT : value;
        if (keepNumbers > 0) kept[count] = value;
        count++;
        sum += bounded;
        const difference = bounded - center;
        center += difference / count;
        m2 += (bounded - center) * difference;
        if (value < min) min = value;
        if (value > max) max = value;
        takeBucket(value);
      }
    },
    found(): ScannedNumbers | null {
      if (count === 0) return null;
      const sorted = keepNumbers > 0 ? kept.subarray(0, count).sort() : null;
      return { min, max, mean: sum / count, m2, zeros, ...buckets, sorted };
    },
  };
}

function textScan(at: number) {
  let texts: Map<string, number> | null = new Map<string, number>();
  return {
    take({ rows, vectors }: Chunk): void {
      if (texts === null) return;
      const vector = vectors[at]!;
      for (let row = 0; row < rows; row++) {
        const text = vector.getItem(row) as string | null;
        if (text !== null) add(texts, text);
      }
      if (texts.size > COUNTED_VALUES) texts = null;
    },
    found: () => texts,
  };
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
