// The paired bootstrap against the reference's resamples (test/reference/champion-challenger), runs of days, and the interval of DeLong's test.
import { rowLogLoss } from '../../../../src/statistics/metrics/binary/probabilities';
import { rocAucOf, type OfWeights } from '../../../../src/statistics/metrics/binary/ranking';
import { bootstrapInterval, differenceOf } from '../../../../src/statistics/metrics/intervals/bootstrap';
import { dayBlockBootstrap } from '../../../../src/statistics/significance/day-blocks';
import { delongTest } from '../../../../src/statistics/significance/rows/delong';
import { readExpected, readNumbers } from '../reference-rows';

interface Bootstrap {
  readonly auc_challenger_minus_champion: number;
  readonly auc_diff_ci95_percentile: readonly [number, number];
  readonly auc_diff_se: number;
  readonly log_loss_challenger_minus_champion: number;
  readonly log_loss_diff_ci95_percentile: readonly [number, number];
  readonly log_loss_diff_se: number;
}
const { cases } = readExpected<{ cases: Record<string, { input: string; expected: { paired_bootstrap: Bootstrap } }> }>(
  'champion-challenger/expected.json',
);

function logLossOf(labels: ArrayLike<number>, probabilities: ArrayLike<number>): OfWeights {
  const losses = rowLogLoss(labels, probabilities);
  return (weights) => {
    let [sum, total] = [0, 0];
    losses.forEach((loss, i) => {
      sum += loss * (weights?.[i] ?? 1);
      total += weights?.[i] ?? 1;
    });
    return sum / total;
  };
}

function read(name: string): [Float64Array, Float64Array, Float64Array] {
  const columns = readNumbers(`champion-challenger/${cases[name]!.input}`, 'y', 'champion', 'challenger');
  return columns as [Float64Array, Float64Array, Float64Array];
}

describe('the paired bootstrap', () => {
  it.each(Object.keys(cases))('agrees with the reference on %s within its tolerance', (name) => {
    const { paired_bootstrap: expected } = cases[name]!.expected;
    const [labels, champion, challenger] = read(name);
    const pairs = [
      [rocAucOf, expected.auc_challenger_minus_champion, expected.auc_diff_ci95_percentile, expected.auc_diff_se],
      [
        logLossOf,
        expected.log_loss_challenger_minus_champion,
        expected.log_loss_diff_ci95_percentile,
        expected.log_loss_diff_se,
      ],
    ] as const;
    for (const [metric, difference, [low, high], standardError] of pairs) {
      const paired = differenceOf(metric(labels, champion), metric(labels, challenger));
      const found = bootstrapInterval(paired, labels.length, { resamples: 600, seed: 2 });
      expect(Math.abs(found.value - difference)).toBeLessThan(1e-9);
      expect(Math.abs(found.standardError / standardError - 1)).toBeLessThan(0.1);
      expect(Math.abs(found.low - low)).toBeLessThan(0.15 * 1.96 * standardError);
      expect(Math.abs(found.high - high)).toBeLessThan(0.15 * 1.96 * standardError);
    }
  });
});

describe('runs of days', () => {
  const labels = Array.from({ length: 600 }, (_, i) => ((i * 7) % 3) % 2);
  const a = Array.from({ length: 600 }, (_, i) => ((i * 37) % 101) / 102 + 0.004);
  const b = Array.from({ length: 600 }, (_, i) => ((i * 53) % 97) / 98 + 0.004);
  const day = Array.from({ length: 600 }, (_, i) => Math.floor(i / 20));
  const difference = differenceOf(logLossOf(labels, a), logLossOf(labels, b));

  it('give the same interval for the same seed, another one for another', () => {
    const one = dayBlockBootstrap(difference, day, { resamples: 200, seed: 5 });
    expect(dayBlockBootstrap(difference, day, { resamples: 200, seed: 5 })).toEqual(one);
    expect(dayBlockBootstrap(difference, day, { resamples: 200, seed: 6 }).low).not.toBe(one.low);
    expect(one).toMatchObject({ value: difference(), resamplesUsed: 200, days: 30 });
  });

  it('of one day are the bootstrap of whole days', () => {
    const byDay = bootstrapInterval(difference, 600, { clusters: day, resamples: 500, seed: 3 });
    const ofOne = dayBlockBootstrap(difference, day, { blockDays: 1, resamples: 500, seed: 3 });
    expect(ofOne.low).toBeCloseTo(byDay.low, 12);
    expect(ofOne.high).toBeCloseTo(byDay.high, 12);
  });

  it('are wider where neighbouring days err together', () => {
    const weeks = differenceOf(
      () => 0,
      (weights) => labels.reduce((sum, _, i) => sum + (weights?.[i] ?? 1) * (day[i]! % 14 < 7 ? 1 : -1), 0) / 600,
    );
    const byRun = dayBlockBootstrap(weeks, day, { resamples: 500 });
    const byDay = dayBlockBootstrap(weeks, day, { resamples: 500, blockDays: 1 });
    expect(byRun.standardError / byDay.standardError).toBeGreaterThan(1.3);
  });

  it('have no interval with fewer days than two runs, and leave out resamples without a number', () => {
    const few = day.map((number) => number % 13);
    expect(dayBlockBootstrap(difference, few, { resamples: 50 })).toMatchObject({
      low: NaN,
      high: NaN,
      resamplesUsed: 0,
    });
    const rare = rocAucOf(
      labels.map((_, i) => (i === 0 ? 1 : 0)),
      a,
    );
    const found = dayBlockBootstrap(rare, day, { resamples: 300 });
    expect(found.resamplesUsed).toBeGreaterThan(100);
    expect(found.resamplesUsed).toBeLessThan(300);
    expect(found.low).not.toBeNaN();
  });
});

describe('DeLong’s paired test', () => {
  it('has the interval of its standard error', () => {
    const test = delongTest(...read('flights_jul_static_vs_weather'));
    expect(test.low).toBeCloseTo(test.difference - 1.959963984540054 * test.standardError, 12);
    expect(test.high).toBeCloseTo(test.difference + 1.959963984540054 * test.standardError, 12);
  });
});
