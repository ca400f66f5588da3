// Whole rounds of weekly decisions on real days, judged by the very function that the gate of a switch uses: several challengers, overlapping
// holdouts, look after look. Invariant: every trial is a function of the seed; a rate comes with Clopper and Pearson's exact interval.
import { judgeChallengers, levelOfLook } from '../../../src/statistics/significance/challengers';
import type { ClusterTotal } from '../../../src/statistics/significance/cluster-t';
import { detectableImprovement } from '../../../src/statistics/significance/power';
import { clopperPearson, type ProportionInterval } from '../../../src/statistics/significance/proportions';

/** How often a challenger was promoted, and how often it should have been. */
export interface RoundRate extends ProportionInterval {
  readonly what: string;
  /** Of the holdout. */
  readonly days: number;
  readonly trials: number;
  readonly found: number;
  readonly stated: number;
  /** `at most`, `at least`: the interval must not lie wholly on the wrong side of what is stated; `above`: it has to lie above it. */
  readonly demand: 'at most' | 'at least' | 'above';
  readonly holds: boolean;
}

/** What is simulated. */
export interface RoundsRequest {
  readonly level: number;
  readonly power: number;
  /** Decisions of a round. */
  readonly looks: number;
  /** Of each holdout. */
  readonly days: number;
  /** Between decisions: holdouts overlap by the rest. */
  readonly everyDays: number;
  readonly trials: number;
  /** Of the intervals, in (0, 1). */
  readonly intervalLevel: number;
  readonly random: () => number;
}

/**
 * The rates of a round. A/A: the labels of champion and challengers are swapped at random by day, so nobody is better, and days keep their sizes, their
 * tails and what they have in common for all challengers. A/B: the first challenger is better by what one look has to find with the stated power.
 * @param pools summed loss minus the champion's by day, of each challenger, for the same days.
 */
export function weeklyRounds(pools: readonly (readonly ClusterTotal[])[], request: RoundsRequest): RoundRate[] {
  const { level, power, looks } = request;
  const better = (number: number) => {
    const what = `A/B, one challenger, weekly look ${number} of ${looks}`;
    const improvement = improvementFor(pools[0]!, number, request);
    return rateOf(what, power, 'at least', request, () => isFoundAt(pools[0]!, number, improvement, request));
  };
  return [
    rateOf(`A/A, ${pools.length} challengers, ${looks} weekly looks, the gate`, level, 'at most', request, () =>
      somePromoted(pools, request, true),
    ),
    rateOf(`A/A, ${pools.length} challengers, ${looks} weekly looks, no correction`, level, 'above', request, () =>
      somePromoted(pools, request, false),
    ),
    better(1),
    better(looks),
  ];
}

function rateOf(
  what: string,
  stated: number,
  demand: RoundRate['demand'],
  { days, trials, intervalLevel }: RoundsRequest,
  trial: () => boolean,
): RoundRate {
  let found = 0;
  for (let i = 0; i < trials; i += 1) if (trial()) found += 1;
  const interval = clopperPearson(found, trials, intervalLevel);
  const holds = {
    'at most': interval.low <= stated,
    'at least': interval.high >= stated,
    above: interval.low > stated,
  }[demand];
  return { what, days, trials, found, stated, demand, holds, ...interval };
}

/** One round in which nobody is better. */
function somePromoted(
  pools: readonly (readonly ClusterTotal[])[],
  { level, looks, days, everyDays, random }: RoundsRequest,
  isCorrected: boolean,
): boolean {
  const span = days + everyDays * (looks - 1);
  const start = Math.floor(random() * (pools[0]!.length - span + 1));
  const signs = Array.from({ length: span }, () => (random() < 0.5 ? 1 : -1));
  const swapped = pools.map((pool) =>
    signs.map((sign, day): ClusterTotal => {
      const { rows, difference } = pool[start + day]!;
      return { rows, difference: sign * difference };
    }),
  );
  return Array.from({ length: looks }, (_, i) => i).some((i) => {
    const window = swapped.map((pool) => pool.slice(i * everyDays, i * everyDays + days));
    if (!isCorrected)
      return window.some((one) => judgeChallengers([one], { level, look: ONLY })[0]!.verdict === 'better');
    return judgeChallengers(window, { level, look: { number: i + 1, of: looks } }).some(
      ({ verdict }) => verdict === 'better',
    );
  });
}

const ONLY = { number: 1, of: 1 } as const;

/** One look at a better challenger: days drawn one by one, swapped, and the improvement taken off each row. */
function isFoundAt(
  pool: readonly ClusterTotal[],
  number: number,
  improvement: number,
  { level, looks, days, random }: RoundsRequest,
): boolean {
  const drawn = Array.from({ length: days }, (): ClusterTotal => {
    const { rows, difference } = pool[Math.floor(random() * pool.length)]!;
    return { rows, difference: (random() < 0.5 ? difference : -difference) - rows * improvement };
  });
  return judgeChallengers([drawn], { level, look: { number, of: looks } })[0]!.verdict === 'better';
}

function improvementFor(
  pool: readonly ClusterTotal[],
  number: number,
  { level, looks, days, power }: RoundsRequest,
): number {
  const meanRows = pool.reduce((sum, { rows }) => sum + rows, 0) / pool.length;
  const squares = pool.reduce((sum, { difference }) => sum + (difference / meanRows) ** 2, 0);
  const dayDeviation = Math.sqrt(squares / pool.length);
  return detectableImprovement({ dayDeviation, level: levelOfLook(level, { number, of: looks }) }, days, power);
}
