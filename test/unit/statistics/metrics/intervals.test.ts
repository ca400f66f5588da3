// Intervals against statsmodels, scipy, R pROC and scikit-learn: shares, areas, clustered means, the jackknife and the bootstrap.
import { brierScore, rowBrier } from '../../../../src/statistics/metrics/binary/probabilities';
import { rocAuc, rocAucOf } from '../../../../src/statistics/metrics/binary/ranking';
import { confusionAt, f1Of } from '../../../../src/statistics/metrics/binary/threshold';
import { bootstrapInterval, differenceOf } from '../../../../src/statistics/metrics/intervals/bootstrap';
import { clusterJackknife } from '../../../../src/statistics/metrics/intervals/jackknife';
import { clusterMeanInterval } from '../../../../src/statistics/metrics/intervals/means';
import { wilsonInterval } from '../../../../src/statistics/metrics/intervals/proportions';
import { delongInterval } from '../../../../src/statistics/metrics/intervals/roc-auc';
import { clusterIntervals } from '../../../../src/statistics/significance/cluster-intervals';
import { randomNumbers } from '../../../../src/domain/random';
import { readExpected, readNumbers } from '../reference-rows';
import { EXPECTED, ROWS, expectClose } from './expected';

const { labels, probabilities, weights } = ROWS.binary;
const { days } = EXPECTED.binary.rows;
const { intervals } = EXPECTED;
const auc = rocAucOf(labels, probabilities);
const f1 = (w?: ArrayLike<number>): number => f1Of(confusionAt(labels, probabilities, 0.5, w));

function bounds({ value, low, high }: { value: number; low: number; high: number }): Record<string, number> {
  return { value, low, high };
}

describe('the interval of a share', () => {
  it.each(intervals.wilson)('of $successes in $rows rows at level $level equals statsmodels', (expected) => {
    const { low, high } = wilsonInterval(expected.successes, expected.rows, expected.level);
    expectClose({ low, high }, { low: expected.bounds[0], high: expected.bounds[1] });
  });

  it('stays inside [0, 1], and does not exist without rows', () => {
    expect([wilsonInterval(0, 3).low, wilsonInterval(3, 3).high]).toEqual([0, 1]);
    expect(bounds(wilsonInterval(0, 0))).toEqual({ value: NaN, low: NaN, high: NaN });
    expect(bounds(wilsonInterval(NaN, 3))).toEqual({ value: NaN, low: NaN, high: NaN });
    expect(() => wilsonInterval(4, 3)).toThrow('4 of 3 rows; allowed: 0 to all of them');
  });
});

describe("DeLong's interval", () => {
  interface Expected {
    readonly cases: Readonly<
      Record<string, { readonly input: string; readonly expected: { readonly delong_pROC: Record<string, number> } }>
    >;
  }
  const reference = readExpected<Expected>('champion-challenger/expected.json').cases;

  it.each(Object.keys(reference))('has the areas and variances of R pROC on %s', (name) => {
    const { input, expected } = reference[name]!;
    const [y, champion, challenger] = readNumbers(
      `champion-challenger/${input}`,
      ...['y', 'champion', 'challenger'],
    ) as [Float64Array, Float64Array, Float64Array];
    const variance = ({ value, low }: { value: number; low: number }): number =>
      ((value - low) / 1.959963984540054) ** 2;
    const [a, b] = [delongInterval(y, champion), delongInterval(y, challenger)];
    const { auc_champion, auc_challenger, var_champion, var_challenger } = expected.delong_pROC;
    expectClose(
      { auc_champion: a.value, auc_challenger: b.value, champion: variance(a) * 1e5, challenger: variance(b) * 1e5 },
      {
        auc_champion: auc_champion!,
        auc_challenger: auc_challenger!,
        champion: var_champion! * 1e5,
        challenger: var_challenger! * 1e5,
      },
    );
  });

  it('does not exist with one class or a single row of one', () => {
    expect(bounds(delongInterval([1, 1], [0.2, 0.4]))).toEqual({ value: NaN, low: NaN, high: NaN });
    expect(bounds(delongInterval([1, 0, 0], [0.2, 0.1, 0.4]))).toEqual({ value: 0.5, low: NaN, high: NaN });
  });
});

describe('the interval of a clustered mean', () => {
  it('equals statsmodels with clustered covariance, with weights and without', () => {
    const losses = rowBrier(labels, probabilities);
    const plain = clusterMeanInterval(losses, { clusters: days, level: 0.9 });
    expectClose(bounds(plain), { ...intervals.cluster_mean.unweighted });
    expectClose(bounds(clusterMeanInterval(losses, { clusters: days, weights, level: 0.9 })), {
      ...intervals.cluster_mean.weighted,
    });
    expect([plain.n, plain.clusters, plain.method]).toEqual([240, 12, 'cluster-t']);
  });

  it('is the t interval of independent rows without clusters', () => {
    // scipy 1.17.1: stats.t.interval(0.95, 3, 3.5, stats.sem([1, 2, 4, 7])).
    const { value, low, high, clusters } = clusterMeanInterval([1, 2, 4, 7]);
    expectClose({ value, low, high }, { value: 3.5, low: -0.7099807422985158, high: 7.709980742298516 });
    expect(clusters).toBeNull();
  });

  it('has no bounds with one cluster, and does not see clusters without weight', () => {
    const rows = { clusters: ['a', 'a', 'b'], weights: [1, 1, 0] };
    expect(clusterMeanInterval([1, 3, 9], rows)).toMatchObject({ value: 2, low: NaN, high: NaN, clusters: 1 });
    expect(clusterMeanInterval([1, NaN, 9], rows)).toMatchObject({ value: NaN, low: NaN });
    expect(clusterMeanInterval([])).toMatchObject({ value: NaN, low: NaN, high: NaN, n: 0 });
    expect(() => clusterMeanInterval([1], { clusters: [] })).toThrow('arrays differ in length');
  });
});

describe('the cluster jackknife', () => {
  it('equals scikit-learn metrics with days left out one by one, with weights and without', () => {
    const { roc_auc, roc_auc_weighted, f1_weighted } = intervals.cluster_jackknife;
    expectClose(bounds(clusterJackknife(auc, days)), { ...roc_auc });
    expectClose(bounds(clusterJackknife(auc, days, { weights })), { ...roc_auc_weighted });
    expectClose(bounds(clusterJackknife(f1, days, { weights })), { ...f1_weighted });
  });

  it('equals the one that leaves rows out by copying', () => {
    const copied = clusterIntervals([rocAuc, (y, p) => brierScore(y, p)], labels, probabilities, days);
    const weighed = [auc, (w?: ArrayLike<number>) => brierScore(labels, probabilities, w)];
    weighed.forEach((metric, i) => expectClose(bounds(clusterJackknife(metric, days)), bounds(copied[i]!)));
  });

  it('has no bounds with one cluster, or when one cluster holds a class', () => {
    const rows = rocAucOf([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]);
    expect(clusterJackknife(rows, [1, 1, 1, 1])).toMatchObject({ value: 0.75, low: NaN, clusters: 1 });
    expect(clusterJackknife(rows, [1, 1, 2, 2])).toMatchObject({ value: 0.75, low: NaN, clusters: 2 });
    expect(clusterJackknife(rows, [1, 2, 1, 2], { weights: [1, 0, 1, 0] })).toMatchObject({ clusters: 1 });
  });
});

describe('the bootstrap', () => {
  it.each([
    ['rows', auc, undefined],
    ['days', auc, days],
    ['days_f1', f1, days],
  ] as const)('of %s equals scipy with the same random numbers, percentile and BCa', (name, metric, clusters) => {
    const expected = intervals.bootstrap[name];
    const { seed, resamples } = expected;
    for (const method of ['percentile', 'bca'] as const) {
      const how = { seed, resamples, level: 0.9, method, clusters, weights };
      const { value, low, high, standardError } = bootstrapInterval(metric, labels.length, how);
      const [expectedLow, expectedHigh] = expected[method];
      expectClose(
        { value, low, high, standardError },
        { value: expected.value, low: expectedLow, high: expectedHigh, standardError: expected.standardError },
      );
    }
  });

  it('of a paired difference agrees with the reference within its tolerance', () => {
    interface Expected {
      readonly cases: Record<string, { readonly expected: { readonly paired_bootstrap: Record<string, number> } }>;
    }
    const name = 'flights_jul_static_vs_weather';
    const expected = readExpected<Expected>('champion-challenger/expected.json').cases[name]!.expected.paired_bootstrap;
    const [y, a, b] = readNumbers(`champion-challenger/inputs/${name}.csv`, ...['y', 'champion', 'challenger']) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const found = bootstrapInterval(differenceOf(rocAucOf(y, a), rocAucOf(y, b)), y.length, {
      seed: 1,
      resamples: 400,
    });
    const error = expected['auc_diff_se']!;
    const [low, high] = expected['auc_diff_ci95_percentile'] as unknown as [number, number];
    expect(found.value).toBeCloseTo(expected['auc_challenger_minus_champion']!, 12);
    expect(Math.abs(found.standardError / error - 1)).toBeLessThan(0.1);
    expect(Math.max(Math.abs(found.low - low), Math.abs(found.high - high))).toBeLessThan(0.15 * error * 1.96);
  });

  it('is a function of its seed, which the result carries', () => {
    const of = (seed: number) => bootstrapInterval(auc, labels.length, { seed, resamples: 50 });
    expect(of(3)).toEqual(of(3));
    expect(of(3)).toMatchObject({ seed: 3, resamples: 50, method: 'bootstrap-percentile', n: 240, clusters: null });
    expect(of(4).low).not.toBe(of(3).low);
  });

  it('counts resamples on which the metric is undefined, and gives no bounds when they are many', () => {
    const few = rocAucOf([1, 0, 0, 0, 0], [0.9, 0.1, 0.2, 0.3, 0.95]);
    const found = bootstrapInterval(few, 5, { seed: 1, resamples: 200 });
    // A third of the draws, (4/5)^5, hold no positive row.
    expect(found.undefinedResamples).toBeGreaterThan(40);
    expect(found).toMatchObject({ value: 0.75, low: NaN, high: NaN });
    const ofNothing = bootstrapInterval(rocAucOf([1], [0.5]), 1, { seed: 1 });
    expect(ofNothing).toMatchObject({ value: NaN, low: NaN, standardError: NaN, undefinedResamples: 0 });
    const oneDay = bootstrapInterval(auc, labels.length, { seed: 1, clusters: days.map(() => 0), resamples: 10 });
    expect(oneDay).toMatchObject({ low: NaN, high: NaN, clusters: 1 });
    expect(() => bootstrapInterval(auc, 240, { seed: 1, resamples: 1 })).toThrow('1 resamples; allowed: 2 or more');
  });

  it('of a constant is that constant', () => {
    const constant = (): number => 0.5;
    for (const method of ['percentile', 'bca'] as const) {
      expect(bootstrapInterval(constant, 20, { seed: 1, resamples: 20, method })).toMatchObject({
        low: 0.5,
        high: 0.5,
      });
    }
  });

  it('leaves out groups of rows for the acceleration when there are many, to nearly the same bounds', () => {
    // Skewed values, so that bias and acceleration matter.
    const random = randomNumbers(9);
    const values = new Float64Array(1200).map(() => -Math.log(1 - random()));
    const mean = (w?: ArrayLike<number>): number => {
      const sum = values.reduce((total, value, i) => total + value * (w?.[i] ?? 1), 0);
      return sum / values.reduce((total, _, i) => total + (w?.[i] ?? 1), 0);
    };
    const { low, high, value } = bootstrapInterval(mean, 1200, { seed: 2, resamples: 300, method: 'bca' });
    // Of an exponential mean the acceleration is 2 / (6 x sqrt(1200)) = 0.0096: both bounds move up a little.
    const plain = bootstrapInterval(mean, 1200, { seed: 2, resamples: 300 });
    expect(low).toBeGreaterThan(plain.low);
    expect(high).toBeGreaterThan(plain.high);
    expect(high - value).toBeGreaterThan(value - low);
  });
});
