// Describes each column of a relation in one pass over its rows: mergeable sketches, and exact numbers beside.
// Memory is bounded: a column's values are held at once only of relations small enough for exact quantiles.
import type { ColumnSketch, ColumnStatistics } from '../../domain/data/partitions';
import type { ColumnPlan } from '../../domain/plan/plan';
import { writeRegisters } from '../../statistics/hyper-log-log';
import { coarsened, quantilesOf, type NumericSketch } from '../../statistics/quantile-sketch';
import { distinctOf } from '../../statistics/sketches';
import type { Connection } from '../engine';
import { isInstant, isText, scanColumns, type Buckets, type ScannedColumn } from './column-scan';
import { keptValues, likelyTopValues, topValues, type TopValues } from './top-values';

/** Up to this many rows quantiles are exact; they hold all values in memory. */
const EXACT_ROWS = 1_000_000;
/** How many of the most frequent values of a text column the statistics keep. */
const STATISTICS_TOP = 20;
const QUANTILES = [0.1, 0.5, 0.9] as const;

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
  const scanned = await scanColumns(
    connection,
    relation,
    entries.map(([name, { type }]) => ({
      ...{ name, type },
      countTexts: isText(type) && name !== options.uniqueColumn,
      keepNumbers: options.rows > EXACT_ROWS || isText(type) || isInstant(type) ? 0 : options.rows,
    })),
  );
  const sketches: Record<string, ColumnSketch> = {};
  const statistics: Record<string, ColumnStatistics> = {};
  for (const [i, [name, column]] of entries.entries()) {
    const found = scanned[i]!;
    const numeric = numericOf(found, column);
    const isUnique = name === options.uniqueColumn;
    const sketch = {
      count: found.count,
      nulls: options.rows - found.count,
      distinct: writeRegisters(found.registers),
      ...(numeric ? { numeric } : {}),
      ...(isText(column.type)
        ? withOthers(isUnique ? [] : await topOf(connection, relation, name, column, found), found.count)
        : {}),
    };
    sketches[name] = sketch;
    statistics[name] = statisticsOf(sketch, column, found.numbers?.sorted ?? null);
  }
  return { sketches, statistics };
}

function topOf(
  connection: Connection,
  relation: string,
  name: string,
  { type }: ColumnPlan,
  { texts }: ScannedColumn,
): TopValues | Promise<TopValues> {
  const limit = keptValues(type !== 'string');
  return texts ? topValues(texts, limit) : likelyTopValues(connection, relation, name, limit);
}

function numericOf({ numbers }: ScannedColumn, { type }: ColumnPlan): NumericSketch | null {
  if (!numbers) return null;
  const { min, max, mean, m2, zeros, positive, negative } = numbers;
  const moments = { min, max, mean, m2 };
  if (isInstant(type)) return { ...moments, ...coarsened(inOrder(positive)) };
  return { ...moments, zeros, positive: inOrder(positive), negative: inOrder(negative) };
}

function inOrder(buckets: Buckets): [bucket: number, count: number][] {
  return [...buckets].sort(([a], [b]) => a - b);
}

function withOthers(top: TopValues, count: number): Pick<ColumnSketch, 'top' | 'others'> {
  return { top, others: count - top.reduce((sum, value) => sum + value.count, 0) };
}

/** The numbers that every partition is kept with; quantiles are exact where all values are at hand, else those of the sketch. */
function statisticsOf(sketch: ColumnSketch, column: ColumnPlan, sorted: Float64Array | null): ColumnStatistics {
  const { count, nulls, numeric, top } = sketch;
  const distinct = distinctOf(sketch);
  if (column.type === 'string' || column.type === 'category')
    return { nulls, distinct, top: (top ?? []).slice(0, STATISTICS_TOP) };
  if (!numeric || isInstant(column.type)) return { nulls, distinct };
  const { min, max, mean, m2 } = numeric;
  const quantiles = sorted
    ? QUANTILES.map((share) => quantileOf(sorted, share))
    : quantilesOf(numeric, count, QUANTILES);
  const [p10, p50, p90] = quantiles as [number, number, number];
  return { nulls, distinct, min, max, mean, deviation: Math.sqrt(m2 / count), p10, p50, p90 };
}

/** Between two values in proportion to the place: definition 7 of Hyndman and Fan (1996), "Sample quantiles in statistical packages". */
function quantileOf(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  const part = place - Math.floor(place);
  return below * (1 - part) + above * part;
}
