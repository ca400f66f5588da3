// Simulated decisions on real days: how often a gate promotes where nothing differs (A/A), and where something does (A/B).
// Invariant: every trial is a function of the seed; a rate comes with Clopper and Pearson's exact interval.
import { studentTQuantile } from '../../../src/statistics/distributions';
import { clusterStatistic, clusterTotalsTest, type ClusterTotal } from '../../../src/statistics/significance/cluster-t';
import { holmAdjusted } from '../../../src/statistics/significance/corrections/multiplicity';
import { detectableImprovement } from '../../../src/statistics/significance/power';
import { clopperPearson, type ProportionInterval } from '../../../src/statistics/significance/proportions';
import { spendingBoundaries } from '../../../src/statistics/significance/corrections/repeated-looks';
import { judgeSuperiority, type SuperiorityMethod } from '../../../src/statistics/significance/superiority';

/** How often something was found, and how often it should have been. */
export interface SimulatedRate extends ProportionInterval {
  readonly what: string;
  readonly days: number;
  readonly trials: number;
  readonly found: number;
  /** The level, or the power. */
  readonly stated: number;
  /**
   * `equal`: the interval has to include the stated rate; `at most`, `at least`: it must not lie wholly on the wrong side of it; `above`: it has to
   * lie above it, as of a method that is known to be wrong, without which the simulation would show nothing.
   */
  readonly demand: 'equal' | 'at most' | 'at least' | 'above';
  readonly holds: boolean;
}

type Random = () => number;
type Demand = SimulatedRate['demand'];

/** Twenty-two rates are looked at: 95 % for all of their intervals together (Bonferroni), else two of three proofs would fail by chance. */
export const INTERVAL_LEVEL = 1 - 0.05 / 22;

function rateOf(
  what: string,
  days: number,
  stated: number,
  demand: Demand,
  trials: number,
  trial: () => boolean,
): SimulatedRate {
  let found = 0;
  for (let i = 0; i < trials; i += 1) if (trial()) found += 1;
  const interval = clopperPearson(found, trials, INTERVAL_LEVEL);
  const notAbove = interval.low <= stated;
  const notBelow = interval.high >= stated;
  const holds = {
    equal: notAbove && notBelow,
    'at most': notAbove,
    'at least': notBelow,
    above: !notAbove,
  }[demand];
  return { what, days, trials, found, stated, demand, holds, ...interval };
}

/** A run of days that follow each other, at a random place. */
function windowOf<T>(pool: readonly T[], days: number, random: Random): readonly T[] {
  const start = Math.floor(random() * (pool.length - days + 1));
  return pool.slice(start, start + days);
}

/** Champion and challenger change places on each day with chance 1/2. */
function swapped(days: readonly ClusterTotal[], random: Random): ClusterTotal[] {
  return days.map(({ rows, difference }) => ({ rows, difference: random() < 0.5 ? difference : -difference }));
}

/** The superiority gate where champion and challenger are the same but for chance. */
export function sameModels(
  pool: readonly ClusterTotal[],
  {
    method,
    days,
    level,
    trials,
    random,
  }: { method: SuperiorityMethod; days: number; level: number; trials: number; random: Random },
): SimulatedRate {
  return rateOf(`A/A, ${method}`, days, level, 'equal', trials, () => {
    return judgeSuperiority(swapped(windowOf(pool, days, random), random), { method, level }).verdict === 'better';
  });
}

/**
 * The superiority gate where the challenger's mean loss is smaller by what so many days find with the stated power: real days, swapped, drawn
 * one by one, and the improvement taken off each row.
 */
export function betterChallenger(
  pool: readonly ClusterTotal[],
  {
    method,
    days,
    level,
    power,
    trials,
    random,
  }: { method: SuperiorityMethod; days: number; level: number; power: number; trials: number; random: Random },
): SimulatedRate & { readonly improvement: number } {
  // Of the mean over rows: a day's sum over the mean number of rows, as the test by day weighs it.
  const meanRows = pool.reduce((sum, { rows }) => sum + rows, 0) / pool.length;
  const dayDeviation = Math.sqrt(
    pool.reduce((sum, { difference }) => sum + (difference / meanRows) ** 2, 0) / pool.length,
  );
  const improvement = detectableImprovement({ dayDeviation, level }, days, power);
  const rate = rateOf(`A/B, ${method}`, days, power, 'at least', trials, () => {
    const drawn = Array.from({ length: days }, () => pool[Math.floor(random() * pool.length)]!);
    const better = swapped(drawn, random).map(({ rows, difference }) => ({
      rows,
      difference: difference - rows * improvement,
    }));
    return judgeSuperiority(better, { method, level }).verdict === 'better';
  });
  return { ...rate, improvement };
}

/** Several challengers, none better: some is found, with Holm's correction. */
export function severalChallengers(
  pools: readonly (readonly ClusterTotal[])[],
  { days, level, trials, random }: { days: number; level: number; trials: number; random: Random },
): SimulatedRate {
  return rateOf(`A/A, ${pools.length} challengers, Holm`, days, level, 'at most', trials, () => {
    const start = Math.floor(random() * (pools[0]!.length - days + 1));
    const ps = pools.map((pool) => clusterTotalsTest(swapped(pool.slice(start, start + days), random)).pOneSided);
    return holmAdjusted(ps).some((p) => p < level);
  });
}

/** A look every day from `firstLook` on: some look finds a difference that is not there, with and without spending the level. */
export function dailyLooks(
  pool: readonly ClusterTotal[],
  {
    firstLook,
    days,
    level,
    trials,
    random,
  }: { firstLook: number; days: number; level: number; trials: number; random: Random },
): SimulatedRate[] {
  const fractions = Array.from({ length: days - firstLook + 1 }, (_, i) => (firstLook + i) / days);
  const plans = [
    ...(['pocock', 'obrien-fleming'] as const).map((spending) => ({
      what: `A/A, daily looks, ${spending}`,
      demand: 'equal' as const,
      levels: spendingBoundaries(spending, level, fractions).map((look) => look.level),
    })),
    {
      what: 'A/A, daily looks, level over looks so far',
      demand: 'at most' as const,
      levels: fractions.map((_, i) => level / (i + 1)),
    },
    { what: 'A/A, daily looks, no correction', demand: 'above' as const, levels: fractions.map(() => level) },
  ];
  return plans.map(({ what, demand, levels }) => {
    // A p below the level is a t below its quantile.
    const critical = levels.map((nominal, i) => studentTQuantile(nominal, firstLook + i - 1));
    return rateOf(what, days, level, demand, trials, () => {
      const drawn = swapped(windowOf(pool, days, random), random);
      return critical.some((least, i) => clusterStatistic(drawn.slice(0, firstLook + i)).t < least);
    });
  });
}
