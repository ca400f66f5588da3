// Statistics that can be added up: the sketch of many days is the merge of the days' sketches, and describes them without their rows.
// Invariant: merging is commutative and associative, but for the last digits of sums, and for values outside of the kept top ones.
import type { ColumnDescription, ColumnSketch, QuantileName } from '../domain/data/partitions';
import { estimateDistinct, mergeRegisters, readRegisters, writeRegisters } from './hyper-log-log';
import { bucketsOf, mergeQuantiles, quantilesOf, type NumericSketch } from './quantile-sketch';

/** How many of the most frequent values of a text column are kept of one partition, and told of a range of them. */
export const TOP_VALUES = 50;
/** Of a category, and of several partitions together, all values up to this number are kept, so that a new one can be told. */
export const TOP_CATEGORIES = 1000;

/** Quantiles of a description, by name. */
export const DESCRIBED_QUANTILES = {
  p01: 0.01,
  p05: 0.05,
  p10: 0.1,
  p25: 0.25,
  p50: 0.5,
  p75: 0.75,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
} as const satisfies Record<QuantileName, number>;

/** The sketch of no rows: merging it changes nothing. */
export const EMPTY_SKETCH: ColumnSketch = { count: 0, nulls: 0, distinct: writeRegisters(new Uint8Array(0)) };

/** The sketch of the rows of all sketches together. None: {@link EMPTY_SKETCH}. */
export function mergeSketches(sketches: readonly ColumnSketch[]): ColumnSketch {
  if (sketches.length === 1) return sketches[0]!;
  const numeric = mergeNumeric(sketches.flatMap(({ numeric: part, count }) => (part ? [{ ...part, count }] : [])));
  return {
    count: sum(sketches.map(({ count }) => count)),
    nulls: sum(sketches.map(({ nulls }) => nulls)),
    distinct: writeRegisters(mergeRegisters(sketches.map(({ distinct }) => readRegisters(distinct)))),
    ...(numeric ? { numeric } : {}),
    ...mergeTop(sketches),
  };
}

/** Describes the rows of a sketch. `bins`: of the histogram. */
export function describeSketch(sketch: ColumnSketch, bins = 20): ColumnDescription {
  const { count, nulls, numeric, top, others } = sketch;
  return {
    count,
    nulls,
    distinct: distinctOf(sketch),
    ...(numeric && count > 0 ? describeNumeric(numeric, count, bins) : {}),
    ...(top ? shortened(top, others ?? 0) : {}),
  };
}

/** Number of different values: exact when all are among the top ones, else estimated with a standard error of 3.25 %. */
export function distinctOf({ count, distinct, top, others }: ColumnSketch): number {
  if (top !== undefined && (others ?? 0) === 0) return top.length;
  return Math.min(count, Math.round(estimateDistinct(readRegisters(distinct))));
}

function describeNumeric(numeric: NumericSketch, count: number, bins: number) {
  const values = quantilesOf(numeric, count, Object.values(DESCRIBED_QUANTILES));
  const quantiles = Object.fromEntries(Object.keys(DESCRIBED_QUANTILES).map((name, i) => [name, values[i]!])) as Record<
    keyof typeof DESCRIBED_QUANTILES,
    number
  >;
  const { min, max, mean } = numeric;
  return { min, max, mean, deviation: Math.sqrt(numeric.m2 / count), quantiles, histogram: histogram(numeric, bins) };
}

function histogram(numeric: NumericSketch, bins: number): NonNullable<ColumnDescription['histogram']> {
  const { min, max } = numeric;
  const all = bucketsOf(numeric);
  const width = (max - min) / bins;
  // Also of neighbouring doubles, between which no bin fits.
  if (!(width > 0)) return [{ from: min, to: max, count: sum(all.map(({ count }) => count)) }];
  const counts = new Array<number>(bins).fill(0);
  for (const { middle, count } of all) {
    counts[Math.min(bins - 1, Math.max(0, Math.floor((middle - min) / width)))]! += count;
  }
  return counts.map((count, i) => ({ from: min + i * width, to: i === bins - 1 ? max : min + (i + 1) * width, count }));
}

/**
 * Moments after Chan, Golub and LeVeque (1979), "Updating formulae and a pairwise algorithm for computing sample variances", in the form for
 * any number of parts: the mean is weighted, and m2 adds what the parts' means differ from it.
 */
function mergeNumeric(parts: readonly (NumericSketch & { readonly count: number })[]): NumericSketch | null {
  const [first] = parts;
  if (!first) return null;
  const count = sum(parts.map((part) => part.count));
  // As a difference to one part's mean: sums of large instants would lose their last digits.
  const shift = count === 0 ? 0 : sum(parts.map((part) => (part.count / count) * (part.mean - first.mean)));
  const mean = first.mean + shift;
  return {
    min: parts.reduce((least, { min }) => Math.min(least, min), Infinity),
    max: parts.reduce((most, { max }) => Math.max(most, max), -Infinity),
    mean,
    m2: sum(parts.map((part) => part.m2 + part.count * (part.mean - mean) ** 2)),
    ...mergeQuantiles(parts),
  };
}

/** Counts by value; ties in the order of their code units. Rows of values beyond the limit join the others. */
function mergeTop(sketches: readonly ColumnSketch[]): Pick<ColumnSketch, 'top' | 'others'> {
  if (sketches.every(({ top }) => top === undefined)) return {};
  const counts = new Map<string, number>();
  for (const { top } of sketches) {
    for (const { value, count } of top ?? []) counts.set(value, (counts.get(value) ?? 0) + count);
  }
  const ordered = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return withLimit(ordered, sum(sketches.map(({ others }) => others ?? 0)), TOP_CATEGORIES);
}

type Top = NonNullable<ColumnSketch['top']>;

function shortened(top: Top, others: number): { top: Top; others: number } {
  return withLimit(top, others, TOP_VALUES);
}

function withLimit(top: Top, others: number, limit: number): { top: Top; others: number } {
  return { top: top.slice(0, limit), others: others + sum(top.slice(limit).map(({ count }) => count)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
