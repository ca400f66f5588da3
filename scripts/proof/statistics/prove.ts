// The proof of the statistics: the gates' rates of false and of true promotions on simulated decisions over real days; written to
// proof/statistics.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import type { ClusterTotal } from '../../../src/statistics/significance/cluster-t';
import { SUPERIORITY_LEAST_DAYS } from '../../../src/statistics/significance/superiority';
import { randomNumbers } from '../../../src/domain/random';
import { FLIGHT_MODELS, flightDays, type FlightDay } from './flight-days';
import { weeklyRounds } from './rounds';
import {
  betterChallenger,
  dailyLooks,
  INTERVAL_LEVEL,
  sameModels,
  severalChallengers,
  type SimulatedRate,
} from './simulate';

/** What to prove. */
export interface StatisticsRequest {
  readonly packageRoot: string;
  readonly commit: string;
  readonly seed: number;
  readonly say: (line: string) => void;
}

const LEVEL = 0.05;
const POWER = 0.8;
const DAYS = [SUPERIORITY_LEAST_DAYS, 28, 56];
/** Enough for an interval of 0.6 points round the level. */
const TRIALS = 20_000;
/** The exact test counts 2^14 swaps in each trial. */
const EXACT_TRIALS = 4000;
/** Each trial is up to 47 tests. */
const LOOKS_TRIALS = 10_000;
const LAST_LOOK = 60;
/** Each trial is up to 24 tests, twice. */
const ROUND_TRIALS = 2000;

/** Runs the simulations; gives whether every rate is as it has to be. The same seed gives the same rates. */
export function proveStatistics({ packageRoot, commit, seed, say }: StatisticsRequest): boolean {
  const file = join(packageRoot, 'proof', 'statistics.json');
  const days = flightDays(packageRoot);
  const [first, ...others] = FLIGHT_MODELS.slice(1).map((_, i) => differences(days, i + 1));
  const random = randomNumbers(seed);
  const rates: SimulatedRate[] = [];
  const add = (rate: SimulatedRate): void => {
    rates.push(rate);
    say(sentenceOf(rate));
  };
  const level = LEVEL;
  for (const window of DAYS)
    add(sameModels(first!, { method: 'cluster-t', days: window, level, trials: TRIALS, random }));
  const [least] = DAYS as [number];
  add(sameModels(first!, { method: 'sign-flip', days: least, level, trials: EXACT_TRIALS, random }));
  for (const window of DAYS) {
    add(betterChallenger(first!, { method: 'cluster-t', days: window, level, power: POWER, trials: TRIALS, random }));
  }
  add(severalChallengers([first!, ...others], { days: 28, level, trials: TRIALS, random }));
  const looks = { firstLook: least, days: LAST_LOOK, level, trials: LOOKS_TRIALS, random };
  for (const rate of dailyLooks(first!, looks)) add(rate);
  const weekly = { level, power: POWER, looks: 8, days: least, everyDays: 7, trials: ROUND_TRIALS, random };
  for (const rate of weeklyRounds([first!, ...others], { ...weekly, intervalLevel: INTERVAL_LEVEL })) add(rate);
  const wrong = rates.filter(({ holds }) => !holds).length;
  const data = { days: days.length, rows: days.reduce((sum, { rows }) => sum + rows, 0), models: FLIGHT_MODELS };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ commit, seed, cores: cpus().length, wrong, data, rates }, null, 2)}\n`);
  say(`${rates.length} rates, ${wrong} wrong; written to ${file}`);
  return wrong === 0;
}

/** Summed loss of a model minus that of the first one, by day. */
function differences(days: readonly FlightDay[], model: number): ClusterTotal[] {
  return days.map(({ rows, losses }) => ({ rows, difference: losses[model]! - losses[0]! }));
}

function sentenceOf({ what, days, trials, share, low, high, demand, stated, holds }: SimulatedRate): string {
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  const found = `${percent(share)} [${percent(low)}, ${percent(high)}] of ${trials}`;
  return `${what}, ${days} days: ${found}; ${demand} ${percent(stated)}: ${holds ? 'holds' : 'WRONG'}`;
}
