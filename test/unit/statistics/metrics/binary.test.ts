// Metrics of a binary task against scikit-learn's numbers in test/reference/metrics, and what they do with degenerate rows.
import fc from 'fast-check';
import { expectedCalibrationError } from '../../../../src/statistics/metrics/binary/calibration';
import { accuracy, brierScore, logLoss, rowLogLoss } from '../../../../src/statistics/metrics/binary/probabilities';
import { BINARY_METRICS } from '../../../../src/statistics/metrics/binary/evaluate';
import { averagePrecision, rocAuc } from '../../../../src/statistics/metrics/binary/ranking';
import { readExpected, readNumbers } from '../reference-rows';

interface ExpectedMetrics {
  readonly cases: Readonly<
    Record<string, { readonly input: string; readonly expected: Readonly<Record<string, number>> }>
  >;
}
const reference = readExpected<ExpectedMetrics>('metrics/expected.json');

/** At least one row of each class, scores with many ties. */
const binaryRows = fc
  .array(fc.record({ label: fc.integer({ min: 0, max: 1 }), p: fc.integer({ min: 0, max: 20 }).map((k) => k / 20) }), {
    maxLength: 60,
  })
  .map((rows) => [...rows, { label: 0, p: 0.35 }, { label: 1, p: 0.6 }])
  .map((rows) => ({ labels: rows.map(({ label }) => label), p: rows.map((row) => row.p) }));

describe('metrics of a binary task', () => {
  it.each(['binary_basic', 'binary_imbalanced_overconfident', 'binary_ties'])('equal scikit-learn on %s', (name) => {
    const { input, expected } = reference.cases[name]!;
    const [labels, p] = readNumbers(`metrics/${input}`, 'y', 'p') as [Float64Array, Float64Array];
    const actual = {
      log_loss: logLoss(labels, p),
      brier: brierScore(labels, p),
      'accuracy_at_0.5': accuracy(labels, p),
      roc_auc: rocAuc(labels, p),
      pr_auc_average_precision: averagePrecision(labels, p),
      ece_10_right_closed: expectedCalibrationError(labels, p),
      ece_10_left_closed: expectedCalibrationError(labels, p, { edges: 'left_closed' }),
    };
    for (const [metric, value] of Object.entries(actual)) {
      expect({ metric, close: Math.abs(value - expected[metric]!) < 1e-9 }).toEqual({ metric, close: true });
    }
  });

  it('are NaN without rows, and with a NaN probability', () => {
    for (const { compute } of Object.values(BINARY_METRICS)) {
      expect(compute([], [])).toBeNaN();
      expect(compute([0, 1, 1], [0.1, NaN, 0.4])).toBeNaN();
    }
  });

  it('refuse arrays of different lengths and labels other than 0 and 1', () => {
    for (const { compute } of Object.values(BINARY_METRICS)) {
      expect(() => compute([0, 1], [0.5])).toThrow('arrays differ in length (labels 2, scores 1)');
      expect(() => compute([0, NaN], [0.5, 0.5])).toThrow('row 1 has label NaN; allowed: 0 and 1');
    }
  });

  it('with one class leave the ranking undefined and the rest defined', () => {
    expect([rocAuc([1, 1], [0.2, 0.8]), rocAuc([0, 0], [0.2, 0.8])]).toEqual([NaN, NaN]);
    expect([averagePrecision([1, 1], [0.2, 0.8]), averagePrecision([0, 0], [0.2, 0.8])]).toEqual([1, NaN]);
    expect(logLoss([0, 0], [0.5, 0.5])).toBeCloseTo(Math.LN2, 15);
    expect([brierScore([1], [1]), accuracy([1], [0.5]), accuracy([0], [0.5])]).toEqual([0, 1, 0]);
  });

  it('do not depend on the order of the rows', () => {
    fc.assert(
      fc.property(binaryRows, ({ labels, p }) => {
        for (const { compute } of Object.values(BINARY_METRICS)) {
          expect(compute([...labels].reverse(), [...p].reverse())).toBeCloseTo(compute(labels, p), 12);
        }
      }),
    );
  });
});

describe('log loss', () => {
  it('is clipped at the machine epsilon, so a sure and wrong answer costs 36.04 and not infinity', () => {
    expect(logLoss([1], [0])).toBeCloseTo(36.04365338911715, 10);
    expect(logLoss([0], [1])).toBeCloseTo(36.04365338911715, 10);
    expect(logLoss([1], [1])).toBeLessThan(1e-15);
    expect(logLoss([1], [1.0000001])).toBe(logLoss([1], [1]));
  });

  it('is the mean of the row losses', () => {
    const rows = rowLogLoss([0, 1, 1], [0.2, 0.9, 0.4]);
    expect(rows[2]).toBeCloseTo(-Math.log(0.4), 15);
    expect((rows[0]! + rows[1]! + rows[2]!) / 3).toBeCloseTo(logLoss([0, 1, 1], [0.2, 0.9, 0.4]), 15);
    expect(rowLogLoss([1, 0], [NaN, 0.5])).toEqual(Float64Array.of(NaN, Math.LN2));
  });
});

describe('ROC AUC', () => {
  it('is the share of positive and negative pairs in the right order, ties counting half', () => {
    fc.assert(
      fc.property(binaryRows, ({ labels, p }) => {
        let wins = 0;
        let pairs = 0;
        labels.forEach((a, i) => {
          labels.forEach((b, j) => {
            if (a !== 1 || b !== 0) return;
            pairs += 1;
            wins += p[i]! > p[j]! ? 1 : p[i] === p[j] ? 0.5 : 0;
          });
        });
        expect(rocAuc(labels, p)).toBe(wins / pairs);
      }),
    );
  });

  it('stays the same under a rising transform and is mirrored by a falling one', () => {
    fc.assert(
      fc.property(binaryRows, ({ labels, p }) => {
        const area = rocAuc(labels, p);
        expect(
          rocAuc(
            labels,
            p.map((x) => Math.exp(5 * x)),
          ),
        ).toBe(area);
        expect(
          averagePrecision(
            labels,
            p.map((x) => x ** 3),
          ),
        ).toBe(averagePrecision(labels, p));
        expect(
          rocAuc(
            labels,
            p.map((x) => -x),
          ),
        ).toBeCloseTo(1 - area, 12);
      }),
    );
  });

  it('is one half when all scores tie, equal infinities included', () => {
    expect(rocAuc([0, 1, 0], [0.3, 0.3, 0.3])).toBe(0.5);
    expect(rocAuc([0, 1, 0, 1], [-Infinity, -Infinity, -Infinity, Infinity])).toBe(0.75);
    expect(averagePrecision([0, 1, 0, 0], [0.3, 0.3, 0.3, 0.3])).toBe(0.25);
  });
});

describe('expected calibration error', () => {
  it('is 0 for the base rate, and takes probabilities beyond the ends into the end bins', () => {
    expect(expectedCalibrationError([0, 1, 0, 0], [0.25, 0.25, 0.25, 0.25])).toBe(0);
    expect(expectedCalibrationError([1, 1], [1.0000001, 1])).toBeCloseTo(0, 6);
    expect(expectedCalibrationError([0, 1], [0, 1])).toBe(0);
  });

  it('puts an edge into the bin that the option names', () => {
    // 0.1 with 0.05 is one bin when bins are closed on the right, where the errors cancel; else two.
    expect(expectedCalibrationError([1, 0, 0], [0.1, 0.05, 0.05], { edges: 'right_closed' })).toBeCloseTo(0.8 / 3, 12);
    expect(expectedCalibrationError([1, 0, 0], [0.1, 0.05, 0.05], { edges: 'left_closed' })).toBeCloseTo(1 / 3, 12);
  });
});
