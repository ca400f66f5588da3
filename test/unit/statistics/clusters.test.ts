// Cluster jackknife and paired cluster test: against scikit-learn and scipy 1.17.1, against formulas for clusters of one size, and the clock.
import fc from 'fast-check';
import { brierScore, rowLogLoss } from '../../../src/statistics/metrics/binary/probabilities';
import { clusterInterval, clusterIntervals } from '../../../src/statistics/significance/cluster-intervals';
import { pairedClusterTest } from '../../../src/statistics/significance/cluster-t';
import { studentTCdf, studentTQuantile } from '../../../src/statistics/distributions';
import { BINARY_METRICS, evaluateBinary } from '../../../src/statistics/metrics/binary/evaluate';
import { rocAuc } from '../../../src/statistics/metrics/binary/ranking';
import { readNumbers } from './reference-rows';

function basicRows(): [Float64Array, Float64Array, Float64Array] {
  const [labels, p] = readNumbers('metrics/inputs/binary_basic.csv', 'y', 'p') as [Float64Array, Float64Array];
  return [labels, p, labels.map((_, i) => i ** 2 % 11)];
}

function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** Between 2 and 8 clusters of 5 rows each: the losses of two models. */
const equalClusters = fc.array(
  fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 })), {
    minLength: 5,
    maxLength: 5,
  }),
  { minLength: 2, maxLength: 8 },
);

describe('cluster jackknife', () => {
  // Computed with scikit-learn 1.9.1 metrics on binary_basic.csv without one cluster (row number squared modulo 11) at a time.
  it('equals scikit-learn metrics with clusters left out one by one', () => {
    const expected = {
      log_loss: [0.5784490321415983, 0.5301274253965543, 0.6267706388866422],
      roc_auc: [0.6950385264114796, 0.6520229914064105, 0.7380540614165486],
      pr_auc: [0.479996814529133, 0.41745714753735186, 0.5425364815209142],
      brier: [0.194924055521075, 0.17599889539096403, 0.21384921565118598],
      ece: [0.074116036, 0.062194111901352635, 0.08603796009864736],
      accuracy: [0.7115, 0.6841179783240302, 0.7388820216759698],
    };
    const actual = evaluateBinary(...basicRows());
    expect([actual.n, actual.clusters, actual.positives]).toEqual([2000, 6, 587]);
    for (const { name } of Object.values(BINARY_METRICS)) {
      const { value, low, high } = actual[name];
      const far = Math.max(...[value, low, high].map((bound, i) => Math.abs(bound - expected[name][i]!)));
      expect({ name, close: far < 1e-9 }).toEqual({ name, close: true });
    }
  });

  it('is the t interval of the cluster means when the metric is a mean and clusters have one size', () => {
    fc.assert(
      fc.property(equalClusters, (clusters) => {
        const p = clusters.flatMap((rows) => rows.map(([loss]) => loss / 100));
        const names = clusters.flatMap((rows, cluster) => rows.map(() => `day ${String(cluster)}`));
        const means = clusters.map((rows) =>
          brierScore(
            rows.map(() => 0),
            rows.map(([loss]) => loss / 100),
          ),
        );
        const { mean, deviation } = meanAndDeviation(means);
        const halfWidth = (studentTQuantile(0.95, means.length - 1) * deviation) / Math.sqrt(means.length);
        const actual = clusterInterval(
          brierScore,
          p.map(() => 0),
          p,
          names,
          0.9,
        );
        expect(actual.value).toBeCloseTo(mean, 12);
        expect(actual.low).toBeCloseTo(mean - halfWidth, 10);
        expect(actual.high).toBeCloseTo(mean + halfWidth, 10);
      }),
    );
  });

  it('is wider at a higher level and does not depend on the order of the rows', () => {
    const [labels, p, clusters] = basicRows();
    const wide = clusterInterval(rocAuc, labels, p, clusters, 0.99);
    const narrow = clusterInterval(rocAuc, labels, p, clusters, 0.8);
    expect(wide.low).toBeLessThan(narrow.low);
    const turned = clusterInterval(rocAuc, labels.toReversed(), p.toReversed(), clusters.toReversed(), 0.8);
    expect(turned.low).toBeCloseTo(narrow.low, 12);
  });

  it('has no bounds with fewer than two clusters, or when one cluster holds all positives', () => {
    expect(clusterInterval(brierScore, [0, 1], [0.5, 0.5], [7, 7])).toEqual({
      value: 0.25,
      low: NaN,
      high: NaN,
      n: 2,
      clusters: 1,
    });
    expect(clusterInterval(brierScore, [], [], [])).toEqual({ value: NaN, low: NaN, high: NaN, n: 0, clusters: 0 });
    const oneSided = clusterInterval(rocAuc, [0, 1, 0, 0], [0.1, 0.9, 0.2, 0.3], [1, 1, 2, 3]);
    expect(oneSided).toEqual({ value: 1, low: NaN, high: NaN, n: 4, clusters: 3 });
  });

  it('refuses arrays of different lengths', () => {
    expect(() => clusterInterval(rocAuc, [0, 1], [0.1, 0.9], [1])).toThrow('(labels 2, probabilities 2, clusters 1)');
  });

  it('holds the true AUC in about 95 of 100 sets of 14 days that differ from day to day', () => {
    // Days shift the score of all their rows; a row-wise interval would hold the truth far less often.
    let state = 12345;
    const uniform = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const draw = (days: number): [number[], number[], number[]] => {
      const rows: [number[], number[], number[]] = [[], [], []];
      for (let day = 0; day < days; day += 1) {
        const [skill, share] = [1 + 0.5 * normal(), 0.2 + 0.3 * uniform()];
        for (let row = 0; row < 60; row += 1) {
          const label = uniform() < share ? 1 : 0;
          rows[0].push(label);
          rows[1].push(skill * label + normal());
          rows[2].push(day);
        }
      }
      return rows;
    };
    const [labels, scores] = draw(3000);
    const truth = rocAuc(labels, scores);
    let held = 0;
    for (let i = 0; i < 300; i += 1) {
      const { low, high } = clusterInterval(rocAuc, ...draw(14));
      if (low <= truth && truth <= high) held += 1;
    }
    expect(held / 300).toBeGreaterThan(0.91);
    expect(held / 300).toBeLessThan(0.985);
  });

  it('evaluates six metrics in 40 clusters together', () => {
    const n = 3_000;
    const p = Float64Array.from({ length: n }, (_, i) => ((i * 7919) % n) / n);
    const labels = p.map((probability, i) => (((i * 104729) % 1000) / 1000 < probability ? 1 : 0));
    const { clusters } = evaluateBinary(
      labels,
      p,
      labels.map((_, i) => i % 40),
    );
    expect(clusters).toBe(40);
  });

  it('gives the same for metrics together and alone', () => {
    const rows = basicRows();
    expect(clusterIntervals([brierScore, rocAuc], ...rows)).toEqual([
      clusterInterval(brierScore, ...rows),
      clusterInterval(rocAuc, ...rows),
    ]);
  });
});

describe('paired cluster test', () => {
  const lossA = [0.7, 0.2, 0.5, 0.9, 0.1, 0.4, 0.6, 0.3, 0.8, 0.25];
  const lossB = [0.6, 0.25, 0.45, 0.7, 0.12, 0.35, 0.5, 0.31, 0.6, 0.3];
  const clusters = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3];

  // Computed with numpy and scipy 1.17.1 from the written formula.
  it('equals the linearised formula with t from scipy', () => {
    const actual = pairedClusterTest(lossA, lossB, clusters);
    const expected = {
      meanDifference: -0.05700000000000001,
      standardError: 0.021099763031844705,
      t: -2.7014521401957485,
      degreesOfFreedom: 3,
      pOneSided: 0.0368476864991176,
      pTwoSided: 0.0736953729982352,
      low: -0.12414886290305595,
      high: 0.01014886290305593,
      n: 10,
      clusters: 4,
    };
    for (const [field, value] of Object.entries(expected)) {
      const found = actual[field as keyof typeof actual];
      expect({ field, close: Math.abs(found - value) < 1e-12 }).toEqual({ field, close: true });
    }
  });

  it('is the paired t test of the cluster means when clusters have one size', () => {
    fc.assert(
      fc.property(equalClusters, (drawn) => {
        const a = drawn.flatMap((rows) => rows.map(([loss]) => loss));
        const b = drawn.flatMap((rows) => rows.map(([, loss]) => loss));
        const differences = drawn.map((rows) => rows.reduce((sum, [x, y]) => sum + (y - x), 0) / rows.length);
        const { mean, deviation } = meanAndDeviation(differences);
        fc.pre(deviation > 1e-9);
        const t = mean / (deviation / Math.sqrt(drawn.length));
        const actual = pairedClusterTest(
          a,
          b,
          drawn.flatMap((rows, cluster) => rows.map(() => cluster)),
        );
        expect(actual.t).toBeCloseTo(t, 8);
        expect(actual.pOneSided).toBeCloseTo(studentTCdf(t, drawn.length - 1), 8);
      }),
    );
  });

  it('turns round when the models change places', () => {
    const forward = pairedClusterTest(lossA, lossB, clusters);
    const backward = pairedClusterTest(lossB, lossA, clusters);
    expect(backward.pOneSided).toBeCloseTo(1 - forward.pOneSided, 12);
    expect(backward.pTwoSided).toBeCloseTo(forward.pTwoSided, 12);
    expect(backward.low).toBeCloseTo(-forward.high, 12);
  });

  it('finds nothing between a model and itself', () => {
    const actual = pairedClusterTest(lossA, lossA, clusters);
    expect([actual.meanDifference, actual.t, actual.pOneSided, actual.pTwoSided, actual.high]).toEqual([
      0, 0, 0.5, 1, 0,
    ]);
  });

  it('is sure of a difference that is the same in every row', () => {
    const actual = pairedClusterTest([1, 2, 3], [0.5, 1.5, 2.5], [1, 2, 3]);
    expect([actual.t, actual.pOneSided, actual.pTwoSided]).toEqual([-Infinity, 0, 0]);
  });

  it('has no p value with one cluster, no rows or a NaN loss, so that no gate can pass by it', () => {
    const one = pairedClusterTest(
      lossA,
      lossB,
      lossA.map(() => 'one day'),
    );
    expect(one.meanDifference).toBeCloseTo(-0.057, 12);
    expect([one.standardError, one.pOneSided, one.high, one.degreesOfFreedom]).toEqual([NaN, NaN, NaN, 0]);
    expect(pairedClusterTest([], [], [])).toMatchObject({ meanDifference: NaN, pOneSided: NaN, n: 0, clusters: 0 });
    expect(pairedClusterTest([NaN, 1], [1, 2], [1, 2]).pOneSided).toBeNaN();
  });

  it('is less sure than a test that takes rows for independent when days err together', () => {
    const days = Array.from({ length: 12 }, (_, day) => (day % 2 === 0 ? 0.3 : -0.25));
    const difference = days.flatMap((shift) => Array.from({ length: 50 }, () => shift));
    const zero = difference.map(() => 0);
    const byDay = pairedClusterTest(
      difference,
      zero,
      difference.map((_, i) => Math.floor(i / 50)),
    );
    const byRow = pairedClusterTest(
      difference,
      zero,
      difference.map((_, i) => i),
    );
    expect(byRow.pOneSided).toBeLessThan(0.05);
    expect(byDay.pOneSided).toBeGreaterThan(0.3);
  });

  it('takes row log losses of two models on real flights: the better one is found', () => {
    const columns = readNumbers(
      'champion-challenger/inputs/flights_jul_static_vs_weather.csv',
      'y',
      'champion',
      'challenger',
    );
    const [labels, champion, challenger] = columns as [Float64Array, Float64Array, Float64Array];
    const rows = labels.map((_, i) => i);
    const actual = pairedClusterTest(rowLogLoss(labels, champion), rowLogLoss(labels, challenger), rows);
    // The reference's paired bootstrap over rows: difference -0.02283, standard error 0.00468.
    expect(actual.meanDifference).toBeCloseTo(-0.022830408390980494, 9);
    expect(actual.standardError / 0.004682861745062887).toBeCloseTo(1, 1);
    expect(actual.pOneSided).toBeLessThan(1e-5);
  });
});
