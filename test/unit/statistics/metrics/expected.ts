// The samples and results of test/reference/metrics/weighted, and the comparison of named numbers that its tests share.
import { parseMetric, type MetricRef, type Task } from '../../../../src/domain/evaluation/metrics';
import type { RowsOf } from '../../../../src/statistics/metrics/rows';
import { relativeDifference } from '../closeness';
import { readExpected } from '../reference-rows';

type Numbers = Readonly<Record<string, number>>;
interface Bounds {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
interface Resampled {
  readonly value: number;
  readonly standardError: number;
  readonly seed: number;
  readonly resamples: number;
  readonly percentile: readonly [number, number];
  readonly bca: readonly [number, number];
}
interface ExpectedMetrics {
  readonly binary: {
    readonly rows: {
      readonly labels: readonly number[];
      readonly probabilities: readonly number[];
      readonly weights: readonly number[];
      readonly days: readonly number[];
      readonly groups: readonly string[];
    };
    readonly threshold: number;
    readonly unweighted: Numbers & { readonly confusion: never };
    readonly weighted: Numbers & { readonly confusion: never };
    readonly roc_curve: Readonly<Record<'fpr' | 'tpr' | 'thresholds', readonly number[]>>;
    readonly pr_curve: Readonly<Record<'precision' | 'recall' | 'thresholds', readonly number[]>>;
    readonly calibration: Readonly<Record<'uniform' | 'quantile', readonly [readonly number[], readonly number[]]>>;
  };
  readonly intervals: {
    readonly wilson: readonly {
      readonly successes: number;
      readonly rows: number;
      readonly level: number;
      readonly bounds: readonly [number, number];
    }[];
    readonly cluster_mean: Readonly<Record<'unweighted' | 'weighted', Bounds>>;
    readonly cluster_jackknife: Readonly<Record<'roc_auc' | 'roc_auc_weighted' | 'f1_weighted', Bounds>>;
    readonly bootstrap: Readonly<Record<'rows' | 'days' | 'days_f1', Resampled>>;
  };
  readonly fairness: {
    readonly threshold: number;
    readonly unweighted: Numbers;
    readonly weighted: Numbers;
    readonly selection_rate_newcombe: readonly [number, number];
  };
  readonly multiclass: {
    readonly rows: {
      readonly labels: readonly number[];
      readonly classes: number;
      readonly probabilities: readonly number[];
      readonly weights: readonly number[];
    };
    readonly unweighted: Numbers;
    readonly weighted: Numbers;
  };
  readonly regression: {
    readonly rows: Readonly<Record<'labels' | 'predictions' | 'weights', readonly number[]>>;
    readonly unweighted: Numbers;
    readonly weighted: Numbers;
  };
}

/** What scikit-learn, scipy, statsmodels and fairlearn found. */
export const EXPECTED = readExpected<ExpectedMetrics>('metrics/weighted/expected.json');

/** The samples, as metrics take them. */
export const ROWS: RowsOf = {
  binary: EXPECTED.binary.rows,
  multiclass: {
    labels: EXPECTED.multiclass.rows.labels,
    probabilities: { values: EXPECTED.multiclass.rows.probabilities, classes: EXPECTED.multiclass.rows.classes },
    weights: EXPECTED.multiclass.rows.weights,
  },
  regression: EXPECTED.regression.rows,
};

/** Rows with every weight 1. */
export function unweighted<Rows extends RowsOf[Task]>(rows: Rows): Rows {
  return { ...rows, weights: undefined };
}

/** A metric by name. */
export function metricNamed<T extends Task>(task: T, name: string): MetricRef<T> {
  const parsed = parseMetric(task, name);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.metric;
}

/** Expects every expected number, to 1e-9 of its size (of 1 for numbers below), and names those that are not. */
export function expectClose(actual: Numbers, expected: Numbers): void {
  const far = Object.entries(expected).filter(
    ([name, value]) => !(relativeDifference(actual[name] ?? NaN, value, 1) < 1e-9),
  );
  expect(far.map(([name, value]) => ({ name, value, actual: actual[name] }))).toEqual([]);
}
