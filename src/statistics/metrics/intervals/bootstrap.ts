// The bootstrap: intervals of any metric, and of differences of two on the same rows, from resampled rows or resampled clusters.
// Invariant: the same seed gives the same interval on every machine, and the seed is part of the result.
import { normalCdf, normalQuantile } from '../../distributions';
import { inspectWeights, requireSameLength, requireThat, type Weights } from '../../inputs';
import { randomNumbers } from '../../../domain/random';
import { numberClusters } from '../../significance/numbered-clusters';
import type { OfWeights } from '../binary/ranking';
import type { Interval } from './interval';

/** How to resample. */
export interface BootstrapOptions {
  /** Whole number; the interval is a function of it. */
  readonly seed: number;
  /** 2,000 by default. */
  readonly resamples?: number | undefined;
  /** In (0, 1); 0.95 by default. */
  readonly level?: number | undefined;
  /** `percentile` (default), or `bca`: bias-corrected and accelerated, better for skewed statistics, and dearer. */
  readonly method?: 'percentile' | 'bca' | undefined;
  /** The cluster of each row: whole clusters are drawn. Left out: rows are. With few clusters (below about 30) too narrow. */
  readonly clusters?: ArrayLike<number | string> | undefined;
  readonly weights?: Weights | undefined;
}

/** An interval with what is needed to compute it again. */
export interface BootstrapInterval extends Interval {
  readonly method: 'bootstrap-percentile' | 'bootstrap-bca';
  /** Standard deviation (n - 1) of the metric over the resamples. */
  readonly standardError: number;
  readonly resamples: number;
  /** Resamples on which the metric is undefined (one class drawn, say): left out. Above 1 in 20 the bounds are NaN. */
  readonly undefinedResamples: number;
  readonly seed: number;
}

/** Above this many units the acceleration of `bca` leaves out one of 200 groups of units instead of one unit. */
const MAX_SINGLE_DELETIONS = 1000;
const DELETION_GROUPS = 200;
const MAX_UNDEFINED_SHARE = 1 / 20;

/** Metric B minus metric A of the same rows under the same weights: resampled together, they are compared in pairs. */
export function differenceOf(a: OfWeights, b: OfWeights): OfWeights {
  return (weights) => b(weights) - a(weights);
}

/**
 * Interval of a metric by drawing units (rows or clusters) with replacement (Efron and Tibshirani 1993: percentile, chapter 13; BCa,
 * chapter 14; scipy `bootstrap`). A unit that was drawn k times weighs k times its weight; draw j of a resample is unit
 * floor(u x units), u from {@link randomNumbers}. Quantiles are linear, as numpy's.
 *
 * Value NaN: all NaN. Fewer than 2 units: bounds NaN. All resamples the same: the interval is that value. `bca` with the value outside all resamples: bounds NaN.
 * @param rows how many rows the metric has.
 * @throws UnderstudyError `INTERNAL` on different lengths, bad weights, fewer than 2 resamples, or what the metric refuses.
 */
export function bootstrapInterval(metric: OfWeights, rows: number, options: BootstrapOptions): BootstrapInterval {
  const { seed, resamples = 2000, level = 0.95, method = 'percentile', clusters, weights } = options;
  requireThat(
    Number.isInteger(resamples) && resamples >= 2,
    'bootstrap',
    `${String(resamples)} resamples`,
    '2 or more',
  );
  if (clusters !== undefined) requireSameLength('bootstrap', { rows, clusters: clusters.length });
  inspectWeights('bootstrap', rows, weights);
  const { ofRow, count } = clusters === undefined ? { ofRow: null, count: rows } : numberClusters(clusters);
  const ofUnits = (timesOfUnit: Float64Array): number => {
    if (ofRow === null && weights === undefined) return metric(timesOfUnit);
    const times = new Float64Array(rows);
    for (let i = 0; i < rows; i += 1) times[i] = timesOfUnit[ofRow === null ? i : ofRow[i]!]! * (weights?.[i] ?? 1);
    return metric(times);
  };
  const value = metric(weights);
  const drawn = Number.isNaN(value) ? new Float64Array(0) : resampled(ofUnits, count, resamples, seed);
  const defined = drawn.filter((each) => !Number.isNaN(each)).sort();
  const undefinedResamples = drawn.length - defined.length;
  const mean = defined.reduce((sum, each) => sum + each, 0) / defined.length;
  const squares = defined.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const tails = [(1 - level) / 2, (1 + level) / 2];
  const isKnown = count >= 2 && defined.length >= 2 && undefinedResamples <= MAX_UNDEFINED_SHARE * resamples;
  const shares = method === 'bca' && isKnown ? acceleratedShares(tails, value, defined, ofUnits, count) : tails;
  const [low, high] = shares.map((share) => (isKnown ? linearQuantile(defined, share) : Number.NaN));
  return {
    value,
    low: low!,
    high: high!,
    level,
    method: `bootstrap-${method}`,
    n: rows,
    clusters: clusters === undefined ? null : count,
    standardError: defined.length < 2 ? Number.NaN : Math.sqrt(squares / (defined.length - 1)),
    resamples,
    undefinedResamples,
    seed,
  };
}

function resampled(
  ofUnits: (times: Float64Array) => number,
  units: number,
  resamples: number,
  seed: number,
): Float64Array {
  const random = randomNumbers(seed);
  const times = new Float64Array(units);
  return new Float64Array(resamples).map(() => {
    times.fill(0);
    for (let draw = 0; draw < units; draw += 1) times[Math.floor(random() * units)]! += 1;
    return ofUnits(times);
  });
}

/** Where BCa reads its bounds among the resamples, instead of at the tails. */
function acceleratedShares(
  tails: readonly number[],
  value: number,
  sorted: Float64Array,
  ofUnits: (times: Float64Array) => number,
  units: number,
): number[] {
  // Resamples equal to the value count half, as in scipy.
  const below = sorted.reduce((count, each) => count + (each < value ? 1 : each === value ? 0.5 : 0), 0);
  const bias = normalQuantile(below / sorted.length);
  const acceleration = accelerationOf(ofUnits, units);
  return tails.map((tail) => {
    const shifted = bias + normalQuantile(tail);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  });
}

/** Skewness of the jackknife values: sum of d^3 / (6 (sum of d^2)^1.5), d their mean minus each; 0 when they are all the same. */
function accelerationOf(ofUnits: (times: Float64Array) => number, units: number): number {
  const groups = units <= MAX_SINGLE_DELETIONS ? units : DELETION_GROUPS;
  const times = new Float64Array(units);
  const without = new Float64Array(groups).map((_, group) => {
    for (let unit = 0; unit < units; unit += 1) times[unit] = unit % groups === group ? 0 : 1;
    return ofUnits(times);
  });
  const mean = without.reduce((sum, each) => sum + each, 0) / groups;
  const squares = without.reduce((sum, each) => sum + (mean - each) ** 2, 0);
  return squares === 0 ? 0 : without.reduce((sum, each) => sum + (mean - each) ** 3, 0) / (6 * squares ** 1.5);
}

/** Quantile of sorted values with linear interpolation (numpy's default); NaN for a share that is NaN. */
function linearQuantile(sorted: Float64Array, share: number): number {
  if (Number.isNaN(share)) return Number.NaN;
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}
