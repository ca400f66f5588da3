// Metrics of numbers: against scikit-learn's, medians by weight, labels of 0, and the coverage of quantiles and intervals.
import fc from 'fast-check';
import {
  absoluteError,
  meanAbsolutePercentageError,
  meanOfErrors,
  pinballError,
  rootMeanSquaredError,
  rSquared,
  signedError,
} from '../../../../src/statistics/metrics/regression/errors';
import {
  intervalCoverage,
  medianAbsoluteError,
  quantileCoverage,
  weightedQuantile,
} from '../../../../src/statistics/metrics/regression/quantiles';
import { readExpected, readNumbers } from '../reference-rows';
import { expectClose } from './expected';

const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('metrics of a regression', () => {
  it('equal scikit-learn on 1,000 rows', () => {
    interface Expected {
      readonly cases: { readonly regression_basic: { readonly expected: Readonly<Record<string, number>> } };
    }
    const { explained_variance: _, ...expected } =
      readExpected<Expected>('metrics/expected.json').cases.regression_basic.expected;
    const [labels, said] = readNumbers('metrics/inputs/regression_basic.csv', 'y', 'p') as [Float64Array, Float64Array];
    expectClose(
      {
        rmse: rootMeanSquaredError(labels, said),
        mae: meanOfErrors(absoluteError, labels, said),
        r2: rSquared(labels, said),
        mape: meanAbsolutePercentageError(labels, said),
        medae: medianAbsoluteError(labels, said),
      },
      expected,
    );
  });

  it('do with a label of 0 what they are told to in relative errors', () => {
    const [labels, said] = [
      [0, 2, 4],
      [1, 3, 4],
    ];
    expect(meanAbsolutePercentageError(labels, said)).toBeNaN();
    expect(meanAbsolutePercentageError(labels, said, undefined, 'skip')).toBe(0.25);
    expect(meanAbsolutePercentageError(labels, said, [5, 1, 3], 'skip')).toBe(0.125);
    expect(meanAbsolutePercentageError(labels, said, [0, 1, 3])).toBe(0.125);
    // scikit-learn 1.9.1 mean_absolute_percentage_error([0, 2, 4], [1, 3, 4]).
    const epsilon = meanAbsolutePercentageError(labels, said, undefined, 'epsilon');
    expect(epsilon / 1501199875790165.2).toBeCloseTo(1, 9);
    expect(meanAbsolutePercentageError([0], [0], undefined, 'skip')).toBeNaN();
  });

  it('see no variance to explain in labels that differ from their mean by rounding only', () => {
    expect(rSquared([0.1, 0.1, 0.1], [0.1, 0.1, 0.2])).toBeNaN();
    expect(rSquared([0.1, 5, 0.1], [0.1, 0, 0.2], [1, 0, 1])).toBeNaN();
    expect(rSquared([1, 2, 3], [2, 2, 2])).toBe(0);
    expect(rSquared([1, 2, 3], [3, 2, 1])).toBe(-3);
  });

  it('have the sign of what is wrong: bias above 0 for predictions too high, pinball dearer on its side', () => {
    expect(meanOfErrors(signedError, [1, 2], [2, 4])).toBe(1.5);
    expect([pinballError(0.9)(10, 8), pinballError(0.9)(8, 10)].map((loss) => loss.toFixed(12))).toEqual([
      '1.800000000000',
      '0.200000000000',
    ]);
    expect(() => pinballError(1)).toThrow('quantile 1; allowed: between 0 and 1');
    expect(() => rootMeanSquaredError([1, Infinity], [1, 1])).toThrow(
      'row 1 has label Infinity; allowed: finite numbers',
    );
    expect(() => rootMeanSquaredError([1], [1, 1])).toThrow('arrays differ in length (labels 1, predictions 2)');
  });
});

describe('the weighted quantile', () => {
  it('is the median for weights of 1, and that of repeated values for whole weights', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 9 }), (values, k) => {
        const sorted = [...values].sort((a, b) => a - b);
        const middle = (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
        expect(weightedQuantile(values, 0.5)).toBe(middle);
        const weights = values.map((_, i) => (i * k) % 4);
        const repeated = values.flatMap((value, i) => new Array<number>(weights[i]!).fill(value));
        expect(weightedQuantile(values, k / 10, weights)).toEqual(weightedQuantile(repeated, k / 10));
      }),
    );
  });

  it('takes the mean of two values when exactly the share lies below, though weights are rounded', () => {
    expect(weightedQuantile([1, 2, 3, 4], 0.25)).toBe(1.5);
    expect(weightedQuantile([1, 2, 3, 4], 0.3, [0.1, 0.2, 0.3, 0.4])).toBe(2.5);
    expect([weightedQuantile([], 0.5), weightedQuantile([1, NaN], 0.5), weightedQuantile([1], 0.5, [0])]).toEqual([
      NaN,
      NaN,
      NaN,
    ]);
  });
});

describe('coverage', () => {
  it('is the share of labels at most the quantile, and inside the interval with its ends', () => {
    expect(quantileCoverage([1, 2, 3, 4], [1, 1, 3, 9])).toBe(0.75);
    expect(quantileCoverage([1, 2], [2, 1], [3, 1])).toBe(0.75);
    expect(intervalCoverage([1, 2, 3, 4], [1, 3, 0, 0], [2, 4, 3, 1])).toBe(0.5);
    expect(intervalCoverage([1, 2], [0, 9], [2, 9], [3, 1])).toBe(0.75);
    expect([
      intervalCoverage([1], [NaN], [2]),
      intervalCoverage([1], [0], [NaN]),
      intervalCoverage([], [], []),
    ]).toEqual([NaN, NaN, NaN]);
  });
});
