// The block bootstrap: runs of days that follow each other are drawn together, for days that depend on their neighbours.
// Invariant: the same seed gives the same interval on every machine. Rows and whole days are drawn by metrics/intervals/bootstrap.ts.
import type { OfWeights } from '../metrics/binary/ranking';
import { randomNumbers } from '../../domain/random';
import { numberClusters } from './numbered-clusters';

/** What is drawn with replacement, and how often. */
export interface DayBlockOptions {
  /** Days of a run. Default 7. */
  readonly blockDays?: number;
  /** Default 2,000. */
  readonly resamples?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Of the interval, in (0, 1). Default 0.95. */
  readonly level?: number;
}

/** What {@link dayBlockBootstrap} found. */
export interface DayBlockInterval {
  readonly value: number;
  /** Standard deviation of the resampled values (n - 1). */
  readonly standardError: number;
  /** Percentiles (numpy's linear ones). */
  readonly low: number;
  readonly high: number;
  /** Resamples whose value is a number; NaN ones, such as an AUC of one class, are left out. */
  readonly resamplesUsed: number;
  readonly days: number;
}

/**
 * Percentile interval of a metric by the circular block bootstrap (Politis and Romano 1992): runs of days are drawn until there are as many
 * days as before, the last run is cut. For a difference of two models give B minus A of the same rows, so that both are resampled together.
 *
 * Too sure with few runs: on a few weeks of flights runs of 7 days called 9 % where 5 % was meant. So it describes, and no gate rests on it.
 * Fewer than 2 runs' days, or fewer than 2 resamples with a number: all but the value are NaN.
 * @param metric of the rows under weights: a row of a day that was drawn k times weighs k.
 * @param days the day of each row; days follow each other in the order of their first rows.
 * @throws UnderstudyError `INTERNAL` on what the metric refuses.
 */
export function dayBlockBootstrap(
  metric: OfWeights,
  days: ArrayLike<number | string>,
  options: DayBlockOptions = {},
): DayBlockInterval {
  const { blockDays = 7, resamples = 2000, seed = 1, level = 0.95 } = options;
  const { ofRow, count } = numberClusters(days);
  const value = metric();
  const random = randomNumbers(seed);
  const times = new Float64Array(count);
  const weights = new Float64Array(days.length);
  const found: number[] = [];
  for (let resample = 0; count >= 2 * blockDays && resample < resamples; resample += 1) {
    drawRuns(times, blockDays, random);
    for (let row = 0; row < weights.length; row += 1) weights[row] = times[ofRow[row]!]!;
    const drawn = metric(weights);
    if (!Number.isNaN(drawn)) found.push(drawn);
  }
  const head = { value, resamplesUsed: found.length, days: count };
  if (found.length < 2) return { ...head, standardError: Number.NaN, low: Number.NaN, high: Number.NaN };
  const sorted = Float64Array.from(found).sort();
  const mean = sorted.reduce((sum, each) => sum + each, 0) / sorted.length;
  const squares = sorted.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return {
    ...head,
    standardError: Math.sqrt(squares / (sorted.length - 1)),
    low: linearQuantile(sorted, (1 - level) / 2),
    high: linearQuantile(sorted, (1 + level) / 2),
  };
}

/** Fills in how often each day is drawn. */
function drawRuns(times: Float64Array, blockDays: number, random: () => number): void {
  times.fill(0);
  for (let taken = 0; taken < times.length;) {
    const start = Math.floor(random() * times.length);
    for (let i = 0; i < blockDays && taken < times.length; i += 1, taken += 1) times[(start + i) % times.length]! += 1;
  }
}

function linearQuantile(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  return sorted[below]! + (sorted[Math.ceil(position)]! - sorted[below]!) * (position - below);
}
