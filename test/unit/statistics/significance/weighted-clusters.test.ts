// Days' totals of rows that weigh something: the tests by day are those of weighted least squares.
import { randomNumbers } from '../../../../src/domain/random';
import { clusterMeanInterval } from '../../../../src/statistics/metrics/intervals/means';
import { clusterTotals, clusterTotalsTest } from '../../../../src/statistics/significance/cluster-t';
import { signFlipTest } from '../../../../src/statistics/significance/sign-flip';

describe('totals with weights', () => {
  const random = randomNumbers(5);
  const n = 120;
  const [a, b, clusters, weights] = [
    Array.from({ length: n }, () => random()),
    Array.from({ length: n }, () => random()),
    Array.from({ length: n }, (_, i) => Math.floor(i / 10)),
    Array.from({ length: n }, (_, i) => (i < 10 ? 0 : 3 * random())),
  ];

  it('give the weighted mean of the differences with the variance of weighted least squares on a constant', () => {
    const test = clusterTotalsTest(clusterTotals(a, b, clusters, weights));
    const mean = clusterMeanInterval(
      b.map((loss, i) => loss - a[i]!),
      { clusters, weights },
    );
    expect(test.meanDifference).toBeCloseTo(mean.value, 12);
    expect(test.low).toBeCloseTo(mean.low, 12);
    // The ten rows of the first cluster weigh nothing: they are absent.
    expect([test.clusters, test.n]).toEqual([11, 110]);
    expect(signFlipTest(clusterTotals(a, b, clusters, weights)).meanDifference).toBeCloseTo(mean.value, 12);
  });

  it('are those of plain rows where every row weighs 1', () => {
    const ones = a.map(() => 1);
    expect(clusterTotalsTest(clusterTotals(a, b, clusters, ones))).toEqual(
      clusterTotalsTest(clusterTotals(a, b, clusters)),
    );
  });
});
