// Whole rounds of weekly decisions on real days, judged by the very function that the gate of a switch uses: several challengers, overlapping
// holdouts, look after look. Invariant: every trial is a function of the seed; a rate comes with Clopper and Pearson's exact interval.
import { studentTQuantile } from '../../../src/statistics/distributions';
import { judgeChallengers } from '../../../src/statistics/significance/challengers';
import { clusterStatistic, type ClusterTotal } from '../../../src/statistics/significance/cluster-t';
import { lookLevels, spending } from '../../../src/statistics/significance/corrections/look-levels';
import { detectableImprovement } from '../../../src/statistics/significance/power';
import { clopperPearson, type ProportionInterval } from '../../../src/statistics/significance/proportions';

type Demand = 'equal' | 'at most' | 'at least' | 'above';

/** How often a challenger was promoted, and how often it should have been. */
export interface RoundRate extends ProportionInterval {
  readonly what: string;
  /** Of the holdout. */
  readonly days: number;
  readonly trials: number;
  readonly found: number;
  readonly stated: number;
  /** `equal`: the interval has to include what is stated; `at most`, `at least`: it must not lie wholly on the wrong side of what is stated; `above`: it has to lie above it. */
  readonly demand: Demand;
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
  const one = pools.slice(0, 1);
  const same = (what: string, demand: Demand, gate: Gate, of: typeof pools, every = request.everyDays) =>
    rateOf(`A/A, ${what}`, level, demand, request, () => somePromoted(of, { ...request, everyDays: every }, gate));
  const normal = pools.map((pool) => normalDays(pool, request.random));
  const better = (number: number) => {
    const what = `A/B, one challenger, weekly look ${number} of ${looks}`;
    const improvement = improvementFor(pools[0]!, number, request);
    return rateOf(what, power, 'at least', request, () => isFoundAt(pools[0]!, number, improvement, request));
  };
  const several = `${pools.length} challengers, ${looks} weekly looks`;
  return [
    same(`one challenger, ${looks} weekly looks, the gate`, 'equal', 'gate', one),
    same(`one challenger, ${looks} weekly looks, the gate, normal days`, 'equal', 'gate', normal.slice(0, 1)),
    same(`one challenger, ${looks} weekly looks, each look by its part of the level`, 'at most', 'part', one),
    same(`one challenger, ${looks} daily looks, the gate`, 'equal', 'gate', one, 1),
    same(`one challenger, ${looks} daily looks, another model at each, the gate`, 'at most', 'retrained', pools, 1),
    same(`${several}, the gate`, 'at most', 'gate', pools),
    same(`${several}, the gate, normal days of their own`, 'equal', 'gate', normal),
    same(`${several}, no correction`, 'above', 'uncorrected', pools),
    better(1),
    better(looks),
  ];
}

/** As many days of the same size and spread, without tails: what the exact levels are made for. */
function normalDays(pool: readonly ClusterTotal[], random: () => number): ClusterTotal[] {
  return pool.map(() => {
    const size = Math.sqrt(-2 * Math.log(1 - random()));
    return { rows: 1000, difference: size * Math.cos(2 * Math.PI * random()) };
  });
}

function rateOf(
  what: string,
  stated: number,
  demand: Demand,
  { days, trials, intervalLevel }: RoundsRequest,
  trial: () => boolean,
): RoundRate {
  let found = 0;
  for (let i = 0; i < trials; i += 1) if (trial()) found += 1;
  const interval = clopperPearson(found, trials, intervalLevel);
  const holds = {
    equal: interval.low <= stated && interval.high >= stated,
    'at most': interval.low <= stated,
    'at least': interval.high >= stated,
    above: interval.low > stated,
  }[demand];
  return { what, days, trials, found, stated, demand, holds, ...interval };
}

/** Of the integrals here: enough for a level within 1 %, in a fraction of the time. */
const INTEGRAL_POINTS = 300;

/** One round in which nobody is better. */
function somePromoted(pools: readonly (readonly ClusterTotal[])[], request: RoundsRequest, gate: Gate): boolean {
  const { looks, days, everyDays, random } = request;
  const span = days + everyDays * (looks - 1);
  const start = Math.floor(random() * (pools[0]!.length - span + 1));
  const signs = Array.from({ length: span }, () => (random() < 0.5 ? 1 : -1));
  const swapped = pools.map((pool) =>
    signs.map((sign, day): ClusterTotal => {
      const { rows, difference } = pool[start + day]!;
      return { rows, difference: sign * difference };
    }),
  );
  // By challenger and look. With `retrained` each look has another model of the challenger's, which takes turns among the pools.
  const windows = (gate === 'retrained' ? [swapped[0]!] : swapped).map((own) =>
    Array.from({ length: looks }, (_, i) => {
      const seen = gate === 'retrained' ? swapped[i % swapped.length]! : own;
      return seen.slice(i * everyDays, i * everyDays + days);
    }),
  );
  return Array.from({ length: looks }, (_, i) => i).some((i) => promotesAt(windows, i, request, gate));
}

/** `part`: by the part of the level that a look may spend, without regard to what looks have in common. */
type Gate = 'gate' | 'retrained' | 'part' | 'uncorrected';

function promotesAt(
  windows: readonly (readonly (readonly ClusterTotal[])[])[],
  i: number,
  { level, looks, days, everyDays }: RoundsRequest,
  gate: Gate,
): boolean {
  const own = windows.map((each) => each[i]!);
  const look = { number: i + 1, of: looks };
  if (gate === 'uncorrected')
    return own.some((one) => judgeChallengers([one], { level, look: ONLY })[0]!.verdict === 'better');
  // A level lies between the part of the look and all that has been spent so far, whatever looks have in common: most need no integral.
  const { spentBefore, spentAfter } = spending(level / own.length, look);
  const [least, most] = [spentAfter - spentBefore, spentAfter].map((bound) => studentTQuantile(bound, days - 1));
  const lowest = Math.min(...own.map((one) => clusterStatistic(one).t));
  if (lowest < least! || !(lowest < most!)) return lowest < least!;
  const named = (window: readonly ClusterTotal[], at: number) =>
    Object.fromEntries(window.map(({ difference }, day) => [String(at * everyDays + day), difference]));
  const lookDays = windows.map((each) => ({
    days: named(each[i]!, i),
    earlier: each.slice(0, i).map((window, at) => ({ number: at + 1, days: named(window, at) })),
  }));
  const judged = judgeChallengers(own, {
    ...{ level, look, points: INTEGRAL_POINTS },
    ...(gate !== 'part' && { lookDays }),
  });
  return judged.some(({ verdict }) => verdict === 'better');
}

const ONLY = { number: 1, of: 1 } as const;

/** One look at a better challenger: days drawn one by one, swapped, and the improvement taken off each row; earlier looks saw the days before. */
function isFoundAt(
  pool: readonly ClusterTotal[],
  number: number,
  improvement: number,
  request: RoundsRequest,
): boolean {
  const { days, everyDays, random } = request;
  const drawn = Array.from({ length: days + everyDays * (number - 1) }, (): ClusterTotal => {
    const { rows, difference } = pool[Math.floor(random() * pool.length)]!;
    return { rows, difference: (random() < 0.5 ? difference : -difference) - rows * improvement };
  });
  const windows = Array.from({ length: number }, (_, i) => drawn.slice(i * everyDays, i * everyDays + days));
  return promotesAt([windows], number - 1, request, 'gate');
}

/** What the look finds with the stated power, where every day weighs the same. */
function improvementFor(
  pool: readonly ClusterTotal[],
  number: number,
  { level, looks, days, everyDays, power }: RoundsRequest,
): number {
  const meanRows = pool.reduce((sum, { rows }) => sum + rows, 0) / pool.length;
  const squares = pool.reduce((sum, { difference }) => sum + (difference / meanRows) ** 2, 0);
  const dayDeviation = Math.sqrt(squares / pool.length);
  const seen = (i: number) =>
    Object.fromEntries(Array.from({ length: days }, (_, day) => [String(i * everyDays + day), 1]));
  const earlier = Array.from({ length: number - 1 }, (_, i) => ({ number: i + 1, days: seen(i) }));
  const { levels } = lookLevels(level, { number, of: looks }, 1, { days: seen(number - 1), earlier });
  return detectableImprovement({ dayDeviation, level: levels[0]! }, days, power);
}
