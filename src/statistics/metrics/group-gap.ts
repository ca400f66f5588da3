// The gap in one rate between groups of rows, and how much wider it is for one model than for another, with intervals by day.
// Invariant: a group takes part only with at least `minRows` rows behind its rate, judged on all rows; groups left out are named.
import type { FairnessMetric } from '../../domain/plan/evaluation-plan';
import { inspectBinary, requireSameLength, requireThat, type Weights } from '../inputs';
import { numberClusters } from '../significance/numbered-clusters';
import { jackknifeBounds } from '../significance/paired-metrics';
import { rowsByGroup } from './rows';
import type { SliceValue } from './slices';

/** The rows of both models: labels 0 and 1, the group of each row (null: not declared, a group of its own), its day. */
export interface GroupedRows {
  readonly labels: ArrayLike<number>;
  readonly groups: ArrayLike<SliceValue>;
  readonly days: ArrayLike<number | string>;
  /** A row of weight 0 is as good as absent. Left out: every row weighs 1. */
  readonly weights?: Weights | undefined;
}

/** Which rate, and what counts. */
export interface GapOptions {
  readonly metric: FairnessMetric;
  /** A probability of at least this is a yes. */
  readonly threshold: number;
  /** At least 1. */
  readonly minRows: number;
  /** In (0, 1); 0.95 by default. */
  readonly level?: number;
}

/** A gap with its interval; NaN where fewer than two groups can be compared. */
export interface GroupGapFound {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Rows behind the rates that were compared. */
  readonly n: number;
  readonly days: number;
  readonly lowest: SliceValue;
  readonly highest: SliceValue;
  /** Compared groups. */
  readonly groups: number;
  readonly tooSmall: readonly { readonly group: SliceValue; readonly n: number }[];
}

/** Weight of the rows behind a rate and of yes (or right) answers among them, by day; `n`: the rows. */
interface Counts {
  readonly group: SliceValue;
  readonly rows: Float64Array;
  readonly hits: Float64Array;
  readonly n: number;
}

/** A rate: among which rows, and what is counted. `equalized_odds` is the greater of two gaps. */
const RATES: Readonly<
  Record<
    FairnessMetric,
    readonly {
      readonly among: (label: number) => boolean;
      readonly hit: (yes: boolean, label: number) => boolean;
    }[]
  >
> = {
  selection_rate: [{ among: () => true, hit: (yes) => yes }],
  true_positive_rate: [{ among: (label) => label === 1, hit: (yes) => yes }],
  false_positive_rate: [{ among: (label) => label === 0, hit: (yes) => yes }],
  equalized_odds: [
    { among: (label) => label === 1, hit: (yes) => yes },
    { among: (label) => label === 0, hit: (yes) => yes },
  ],
  accuracy: [{ among: () => true, hit: (yes, label) => yes === (label === 1) }],
};

/**
 * The gap between the groups with the highest and the lowest rate (fairlearn `MetricFrame.difference`, for `equalized_odds`
 * `equalized_odds_difference`). Interval: delete-one-day jackknife with t. With many groups the gap of equal groups is above 0: compare it with a margin.
 * @throws UnderstudyError `INTERNAL` on a label other than 0 and 1, a NaN probability, or different lengths.
 */
export function groupGap(rows: GroupedRows, probabilities: ArrayLike<number>, options: GapOptions): GroupGapFound {
  const rates = countRates(rows, probabilities, options);
  const all = rates.map((groups) => extremes(groups, options.minRows));
  const worst = all.reduce((a, b) => (a.value >= b.value || Number.isNaN(a.value) ? a : b));
  const days = rates[0]?.[0]?.rows.length ?? 0;
  const value = gapOf(rates, options.minRows);
  const withoutEach = Array.from({ length: days }, (_, day) => gapOf(rates, options.minRows, day));
  return { ...worst, value, ...jackknifeBounds(value, withoutEach, options.level), days };
}

/** The gap of B minus the gap of A on the same rows, with the same kind of interval. */
export function groupGapIncrease(
  rows: GroupedRows,
  { a, b }: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> },
  options: GapOptions,
): Pick<GroupGapFound, 'value' | 'low' | 'high' | 'n' | 'days'> {
  const { minRows } = options;
  const [ofA, ofB] = [countRates(rows, a, options), countRates(rows, b, options)];
  const { n, days } = groupGap(rows, b, options);
  const increase = (day?: number): number => gapOf(ofB, minRows, day) - gapOf(ofA, minRows, day);
  const value = increase();
  const withoutEach = Array.from({ length: days }, (_, day) => increase(day));
  return { value, ...jackknifeBounds(value, withoutEach, options.level), n, days };
}

function countRates(
  { labels, groups, days, weights }: GroupedRows,
  probabilities: ArrayLike<number>,
  { metric, threshold, minRows }: GapOptions,
): Counts[][] {
  requireThat(minRows >= 1, 'group gap', `minRows ${String(minRows)}`, 'at least 1');
  requireSameLength('group gap', { rows: labels.length, groups: groups.length, days: days.length });
  const { hasNaN } = inspectBinary('group gap', labels, probabilities, weights);
  requireThat(!hasNaN, 'group gap', 'a probability that is NaN', 'numbers');
  const counting =
    weights && Uint32Array.from({ length: labels.length }, (_, row) => row).filter((row) => weights[row]! > 0);
  const { ofRow, count } = daysOfRows(days, counting);
  const byGroup = rowsByGroup('group gap', labels.length, groups);
  return RATES[metric].map(({ among, hit }) =>
    [...byGroup].map(([group, members]) => {
      const counts = { rows: new Float64Array(count), hits: new Float64Array(count) };
      let n = 0;
      for (const row of members) {
        const label = labels[row]!;
        const weight = weights === undefined ? 1 : weights[row]!;
        if (!among(label) || weight === 0) continue;
        n += 1;
        counts.rows[ofRow[row]!]! += weight;
        if (hit(probabilities[row]! >= threshold, label)) counts.hits[ofRow[row]!]! += weight;
      }
      return { group, ...counts, n };
    }),
  );
}

/** The day of each row as a number; `counting`: rows that have a weight, others have no day. */
function daysOfRows(
  days: ArrayLike<number | string>,
  counting: Uint32Array | undefined,
): ReturnType<typeof numberClusters> {
  if (counting === undefined) return numberClusters(days);
  const { ofRow: numbers, count } = numberClusters(Array.from(counting, (row) => days[row]!));
  const ofRow = new Uint32Array(days.length);
  counting.forEach((row, i) => (ofRow[row] = numbers[i]!));
  return { ofRow, count };
}

/** The greatest of the rates' gaps, NaN when one is not known; `without`: a day that is left out. */
function gapOf(rates: readonly (readonly Counts[])[], minRows: number, without?: number): number {
  return Math.max(...rates.map((groups) => extremes(groups, minRows, without).value));
}

function extremes(
  groups: readonly Counts[],
  minRows: number,
  without?: number,
): Omit<GroupGapFound, 'low' | 'high' | 'days'> {
  const sum = (values: Float64Array): number => values.reduce((a, b, day) => (day === without ? a : a + b), 0);
  const large = groups.filter(({ n }) => n >= minRows);
  const rated = large
    .map(({ group, rows, hits }) => ({ group, rate: sum(hits) / sum(rows) }))
    .sort((a, b) => a.rate - b.rate);
  const [first, last] = [rated[0], rated.at(-1)];
  const isKnown = rated.length >= 2 && rated.every(({ rate }) => !Number.isNaN(rate));
  return {
    value: isKnown ? last!.rate - first!.rate : Number.NaN,
    n: large.reduce((total, { n }) => total + n, 0),
    lowest: isKnown ? first!.group : null,
    highest: isKnown ? last!.group : null,
    groups: large.length,
    tooSmall: groups.filter(({ n }) => n < minRows).map(({ group, n }) => ({ group, n })),
  };
}
