// Bins of equal width over a numeric column, as numpy makes them. Bins by quantiles of the reference are in psi.ts.
// Invariant: values rise and hold neither NaN nor an infinite value; bins are [a, b), the last one [a, b].

/** How many bins of equal width: Sturges (1926), or Doane's (1976) correction of it for skewed columns. */
export type EqualWidthRule = 'sturges' | 'doane';

/**
 * Edges of bins of equal width from the least to the largest value (numpy `histogram_bin_edges`): width range / (log2 n + 1), by Doane
 * range / (1 + log2 n + log2(1 + |skewness| / its standard error)). One bin of width 1 round a constant; no edges without values.
 */
export function equalWidthEdges(sorted: Float64Array, rule: EqualWidthRule): number[] {
  if (sorted.length === 0) return [];
  const low = sorted[0]!;
  const high = sorted[sorted.length - 1]!;
  if (low === high) return [low - 0.5, high + 0.5];
  const range = high - low;
  const width = range / (Math.log2(sorted.length) + 1 + (rule === 'doane' ? doaneBits(sorted) : 0));
  const bins = Math.ceil(range / width);
  const step = range / bins;
  return Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : i * step + low));
}

/** What Doane adds to the logarithm of the number of bins; 0 for up to 2 values. */
function doaneBits(sorted: Float64Array): number {
  const n = sorted.length;
  if (n <= 2) return 0;
  let mean = 0;
  for (const value of sorted) mean += value / n;
  let [second, third] = [0, 0];
  for (const value of sorted) second += (value - mean) ** 2 / n;
  if (!(second > 0)) return 0;
  const deviation = Math.sqrt(second);
  for (const value of sorted) third += ((value - mean) / deviation) ** 3 / n;
  const standardError = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return Math.log2(1 + Math.abs(third) / standardError);
}

/** Rows in each bin of `edges`; rows outside of all are not counted (numpy `histogram`). */
export function countByEdges(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(Math.max(edges.length - 1, 0)).fill(0);
  const last = edges.length - 1;
  if (last < 1) return counts;
  let bin = 0;
  for (const value of sorted) {
    if (value < edges[0]! || value > edges[last]!) continue;
    while (bin + 1 < last && value >= edges[bin + 1]!) bin += 1;
    counts[bin]! += 1;
  }
  return counts;
}

/** The finite ones of rising values, without copying them. */
export function finitePart(sorted: Float64Array): Float64Array {
  let from = 0;
  let to = sorted.length;
  while (from < to && sorted[from] === Number.NEGATIVE_INFINITY) from += 1;
  while (to > from && sorted[to - 1] === Number.POSITIVE_INFINITY) to -= 1;
  return sorted.subarray(from, to);
}
