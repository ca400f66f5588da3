// What every interval says of itself: its bounds, its level, and how it was made.

/** How an interval was made. */
export type IntervalMethod =
  'wilson' | 'delong' | 'cluster-t' | 'cluster-jackknife' | 'bootstrap-percentile' | 'bootstrap-bca';

/** A value with its two-sided interval. NaN where there is none. Bounds of `wilson` stay in [0, 1]; others are not cut off. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Share of such intervals that hold the true value, in (0, 1). */
  readonly level: number;
  readonly method: IntervalMethod;
  /** Rows behind it. */
  readonly n: number;
  /** Clusters that were taken to be independent; null: the rows were. */
  readonly clusters: number | null;
}
