// A metric by slice of the rows (a carrier, a region) with its interval, for slices with enough rows.
// Invariant: every row is in exactly one slice, and a slice that is too small is named, never dropped in silence.
import type { MetricRef, Task } from '../../domain/evaluation/metrics';
import { requireSameLength, requireThat } from '../inputs';
import { estimateMetric, type EstimateOptions, type MetricOnRows } from './estimate';
import { pickRows, rowsByGroup, type RowsOf } from './rows';

/** The value of a slicing column; null is missing, a slice of its own. */
export type SliceValue = string | number | boolean | null;

/** A metric on the rows of one slice. */
export interface SliceMetric extends MetricOnRows {
  readonly slice: SliceValue;
}

/** A metric by slice. */
export interface SlicedMetric {
  /** Slices with at least the minimum of rows, by falling number of rows. The metric may be undefined on one: it says why. */
  readonly slices: readonly SliceMetric[];
  /** Slices with fewer rows: not judged. */
  readonly tooSmall: readonly { readonly slice: SliceValue; readonly n: number }[];
  readonly minRows: number;
}

/**
 * {@link estimateMetric} on each slice. Intervals are for each slice alone: of twenty slices one is expected outside its own, so a
 * judgement over many needs a correction.
 * @param slices the slice of each row.
 * @param minRows a slice with fewer rows (whatever their weight) is not judged; at least 1.
 * @throws UnderstudyError `INTERNAL` on different lengths and as {@link estimateMetric}.
 */
export function sliceMetric<T extends Task>(
  metric: MetricRef<T>,
  rows: RowsOf[T],
  slices: ArrayLike<SliceValue>,
  options: EstimateOptions & { readonly minRows: number },
): SlicedMetric {
  const { minRows, clusters, ...how } = options;
  requireThat(minRows >= 1, 'slices', `minRows ${String(minRows)}`, 'at least 1');
  if (clusters) requireSameLength('slices', { rows: rows.labels.length, clusters: clusters.length });
  const all = [...rowsByGroup('slices', rows.labels.length, slices)].sort(([, a], [, b]) => b.length - a.length);
  return {
    slices: all
      .filter(([, members]) => members.length >= minRows)
      .map(([slice, members]) => {
        const own = clusters && members.map((row) => clusters[row]!);
        return { slice, ...estimateMetric(metric, pickRows[metric.task](rows, members), { ...how, clusters: own }) };
      }),
    tooSmall: all
      .filter(([, members]) => members.length < minRows)
      .map(([slice, members]) => ({ slice, n: members.length })),
    minRows,
  };
}
