// Order, curves, calibration bins and answers at a threshold: against scikit-learn, by definition, and against the clock.
import fc from 'fast-check';
import { calibrationBins, expectedCalibrationError } from '../../../../src/statistics/metrics/binary/calibration';
import { precisionRecallCurve, rocCurve } from '../../../../src/statistics/metrics/binary/curves';
import { descendingOrder } from '../../../../src/statistics/metrics/binary/order';
import { rocAuc } from '../../../../src/statistics/metrics/binary/ranking';
import {
  balancedAccuracyOf,
  confusionAt,
  f1Of,
  falsePositiveRateOf,
  matthewsOf,
  precisionOf,
  recallOf,
  selectionRateOf,
} from '../../../../src/statistics/metrics/binary/threshold';
import { readExpected, readNumbers } from '../reference-rows';
import { EXPECTED, ROWS, expectClose } from './expected';

const { labels, probabilities, weights } = ROWS.binary;

/** Named by place, so that one far number is seen. */
function numbered(values: readonly (number | null)[]): Record<string, number> {
  return Object.fromEntries(values.map((value, i) => [String(i), value ?? Infinity]));
}

/** Labels that follow the scores, and scores without ties, in no order. */
function manyRows(n: number): { readonly labels: Uint8Array; readonly scores: Float64Array } {
  const scores = new Float64Array(n).map((_, i) => ((i * 7919) % 1_000_003) / 1_000_003);
  return { labels: Uint8Array.from(scores, (score, i) => (((i * 104_729) % 1009) / 1009 < score ? 1 : 0)), scores };
}

function areaUnder(points: readonly { falsePositiveRate: number; truePositiveRate: number }[]): number {
  return points.slice(1).reduce((sum, point, i) => {
    const before = points[i]!;
    const height = (point.truePositiveRate + before.truePositiveRate) / 2;
    return sum + (point.falsePositiveRate - before.falsePositiveRate) * height;
  }, 0);
}

describe('the order of scores', () => {
  it('is that of a stable sort, for scores of every sign and size and with many ties', () => {
    const odd = [0, -0, 1e-310, -1e-310, Infinity, -Infinity, 5, -5, Number.MAX_VALUE, 0.1, 0.1 + 2 ** -56];
    const scores = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(...odd)), { minLength: 30 });
    fc.assert(
      fc.property(scores, (some) => {
        // Long enough for the radix sort.
        const many = Float64Array.from({ length: 2100 }, (_, i) => some[(i * 13) % some.length]!);
        const expected = [...many.keys()].sort((a, b) => many[b]! - many[a]! || 0);
        expect([...descendingOrder(many)]).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('is right for many scores that differ in their last bits only', () => {
    const scores = Float64Array.from({ length: 5000 }, (_, i) => 0.5 + ((i * 7919) % 5000) * 2 ** -53);
    const expected = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
    expect([...descendingOrder(scores)]).toEqual(expected);
  });
});

describe('curves', () => {
  it('equal scikit-learn with weights, point by point', () => {
    const { roc_curve: roc, pr_curve: pr } = EXPECTED.binary;
    const points = rocCurve(labels, probabilities, { weights })!;
    // scikit-learn keeps points of weight 0, which are their neighbours again.
    const isNew = roc.fpr.map((fpr, i) => i === 0 || fpr !== roc.fpr[i - 1] || roc.tpr[i] !== roc.tpr[i - 1]);
    const kept = (values: readonly number[]): number[] => values.filter((_, i) => isNew[i]);
    expectClose(numbered(points.map((point) => point.falsePositiveRate)), numbered(kept(roc.fpr)));
    expectClose(numbered(points.map((point) => point.truePositiveRate)), numbered(kept(roc.tpr)));
    expectClose(numbered(points.map((point) => point.threshold)), numbered(kept(roc.thresholds)));
    const byThreshold = new Map(pr.thresholds.map((threshold, i) => [threshold, i]));
    const found = precisionRecallCurve(labels, probabilities, { weights })!;
    const places = found.map(({ threshold }) => byThreshold.get(threshold)!);
    expectClose(numbered(found.map((point) => point.recall)), numbered(places.map((i) => pr.recall[i]!)));
    expectClose(numbered(found.map((point) => point.precision)), numbered(places.map((i) => pr.precision[i]!)));
    expect(found.at(-1)!.recall).toBe(1);
  });

  it('are thinned to real points that keep both ends and the area', () => {
    const rows = manyRows(50_000);
    const roc = rocCurve(rows.labels, rows.scores)!;
    const full = rocCurve(rows.labels, rows.scores, { maxPoints: 60_000 })!;
    expect([roc.length <= 200, roc.length > 150, full.length]).toEqual([true, true, 50_001]);
    expect(roc[0]).toEqual({ falsePositiveRate: 0, truePositiveRate: 0, threshold: null });
    expect(roc.at(-1)).toEqual(full.at(-1));
    expect(roc.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
    expect(Math.abs(areaUnder(roc) - rocAuc(rows.labels, rows.scores))).toBeLessThan(0.001);
    const byThreshold = new Map(full.map((point) => [point.threshold, point]));
    for (const point of roc) expect(byThreshold.get(point.threshold)).toEqual(point);
    const steps = roc.slice(1).map(({ falsePositiveRate, truePositiveRate }, i) => {
      return falsePositiveRate + truePositiveRate - roc[i]!.falsePositiveRate - roc[i]!.truePositiveRate;
    });
    expect(Math.max(...steps)).toBeLessThan(2 * (2 / 197));
    const pr = precisionRecallCurve(rows.labels, rows.scores, { maxPoints: 3 })!;
    expect([pr.length, pr[0]!.threshold, pr[2]!.recall]).toEqual([3, Math.max(...rows.scores), 1]);
  });

  it('do not exist with one class or a NaN score, and need three points', () => {
    expect([rocCurve([1, 1], [0.1, 0.2]), rocCurve([0, 1], [NaN, 0.2]), rocCurve([], [])]).toEqual([null, null, null]);
    expect(precisionRecallCurve([0, 0], [0.1, 0.2])).toBeNull();
    expect(precisionRecallCurve([1], [0.1])).toEqual([{ recall: 1, precision: 1, threshold: 0.1 }]);
    expect(() => rocCurve([0, 1], [0, 1], { maxPoints: 2 })).toThrow(
      'maxPoints 2; allowed: a whole number of at least 3',
    );
  });
});

describe('calibration bins', () => {
  it.each([
    ['uniform', 'equal_width'],
    ['quantile', 'equal_mass'],
  ] as const)('equal scikit-learn calibration_curve with strategy %s', (strategy, binning) => {
    const [shares, means] = EXPECTED.binary.calibration[strategy];
    const bins = calibrationBins(labels, probabilities, { bins: 8, binning });
    expectClose(numbered(bins.map(({ positiveShare }) => positiveShare)), numbered(shares));
    expectClose(numbered(bins.map(({ meanProbability }) => meanProbability)), numbered(means));
  });

  it('hold all rows, and their errors add up to the expected calibration error', () => {
    for (const binning of ['equal_width', 'equal_mass'] as const) {
      const bins = calibrationBins(labels, probabilities, { binning, weights });
      const total = bins.reduce((sum, { weight }) => sum + weight, 0);
      expect(total).toBeCloseTo(
        Array.from(weights!).reduce((sum, weight) => sum + weight, 0),
        10,
      );
      const error = bins.reduce(
        (sum, { weight, positiveShare, meanProbability }) =>
          sum + (weight / total) * Math.abs(positiveShare - meanProbability),
        0,
      );
      expect(expectedCalibrationError(labels, probabilities, { binning, weights })).toBeCloseTo(error, 12);
      expect(bins.every(({ from, to, n }, i) => from < to && n > 0 && (i === 0 || from >= bins[i - 1]!.to))).toBe(true);
    }
    expect(calibrationBins([], [])).toEqual([]);
    expect(calibrationBins([1], [NaN])).toEqual([]);
    expect(() => calibrationBins([1], [0.5], { bins: 0 })).toThrow('0 bins; allowed: a whole number of at least 1');
  });
});

describe('answers at a threshold', () => {
  interface Expected {
    readonly cases: Readonly<Record<string, { readonly input: string; readonly expected: Record<string, number> }>>;
  }

  it.each(['binary_basic', 'binary_imbalanced_overconfident', 'binary_ties'])('equal scikit-learn on %s', (name) => {
    const { input, expected } = readExpected<Expected>('metrics/expected.json').cases[name]!;
    const [y, p] = readNumbers(`metrics/${input}`, 'y', 'p') as [Float64Array, Float64Array];
    const confusion = confusionAt(y, p);
    const actual = {
      'precision_at_0.5': precisionOf(confusion),
      'recall_at_0.5': recallOf(confusion),
      'f1_at_0.5': f1Of(confusion),
      'mcc_at_0.5': matthewsOf(confusion),
      'balanced_accuracy_at_0.5': balancedAccuracyOf(confusion),
    };
    expectClose(actual, Object.fromEntries(Object.keys(actual).map((key) => [key, expected[key]!])));
    const { trueNegatives, falsePositives, falseNegatives, truePositives } = confusion;
    expect([trueNegatives, falsePositives, falseNegatives, truePositives]).toEqual(
      expected['confusion_at_0.5_tn_fp_fn_tp'],
    );
  });

  it('count a probability on the threshold as a yes, and add up weights', () => {
    const confusion = confusionAt([1, 0, 1, 0], [0.3, 0.3, 0.2, 0.1], 0.3, [2, 3, 4, 5]);
    expect(confusion).toEqual({ truePositives: 2, falsePositives: 3, falseNegatives: 4, trueNegatives: 5 });
    expect([falsePositiveRateOf(confusion), selectionRateOf(confusion)]).toEqual([3 / 8, 5 / 14]);
  });

  it('have no rate where nothing stands below the line', () => {
    const none = confusionAt([], []);
    expect([precisionOf, recallOf, falsePositiveRateOf, selectionRateOf, f1Of].map((rate) => rate(none))).toEqual(
      new Array(5).fill(NaN),
    );
    expect(f1Of(confusionAt([1, 0], [0.1, 0.9]))).toBe(0);
    expect(Object.values(confusionAt([1, 0], [0.1, NaN]))).toEqual([NaN, NaN, NaN, NaN]);
  });
});
