// The functions behind the names of `src/domain/evaluation/metrics.ts`: each metric on rows of its task, and its value on each row.
// Invariant: the compiler refuses a table that lacks a metric of the domain's table, or has another.
import type { MetricNameOf, MetricRef, Task } from '../../domain/evaluation/metrics';
import { requireThat } from '../inputs';
import { expectedCalibrationError } from './binary/calibration';
import { accuracy, brierScore, logLoss, rowBrier, rowLogLoss } from './binary/probabilities';
import { averagePrecisionOf, rocAucOf, type OfWeights } from './binary/ranking';
import {
  balancedAccuracyOf,
  confusionAt,
  f1Of,
  matthewsOf,
  precisionOf,
  recallOf,
  type Confusion,
} from './binary/threshold';
import { classReport, confusionOf, type ClassScores } from './multiclass/confusion';
import { oneVsRestAucOf } from './multiclass/one-vs-rest';
import {
  multiclassBrier,
  multiclassLogLoss,
  rowMulticlassBrier,
  rowMulticlassLogLoss,
  rowTopK,
  topKAccuracy,
} from './multiclass/probabilities';
import {
  absoluteError,
  meanAbsolutePercentageError,
  meanOfErrors,
  pinballError,
  relativeError,
  rootMeanSquaredError,
  rowErrors,
  rSquared,
  signedError,
  squaredError,
  type RowError,
} from './regression/errors';
import { medianAbsoluteErrorOf, quantileCoverage } from './regression/quantiles';
import type { RowsOf } from './rows';

type Binary = RowsOf['binary'];
type Multiclass = RowsOf['multiclass'];
type Regression = RowsOf['regression'];
/** Prepares rows for any weights; `parameter` is that of the metric's name, NaN for metrics without one. */
type Preparation<Rows> = (rows: Rows, parameter: number) => OfWeights;

function ofConfusion(rate: (confusion: Confusion) => number): Preparation<Binary> {
  return ({ labels, probabilities }, threshold) =>
    (weights) =>
      rate(confusionAt(labels, probabilities, threshold, weights));
}

function ofReport(average: 'macro' | 'weighted', score: keyof ClassScores): Preparation<Multiclass> {
  return ({ labels, probabilities }) => {
    const ofWeights = confusionOf(labels, probabilities);
    return (weights) => classReport(ofWeights(weights))[average][score];
  };
}

function ofErrors(
  metric: (labels: ArrayLike<number>, predictions: ArrayLike<number>, weights?: ArrayLike<number>) => number,
): Preparation<Regression> {
  return ({ labels, predictions }) =>
    (weights) =>
      metric(labels, predictions, weights);
}

function meanOf(errorOf: (parameter: number) => RowError): Preparation<Regression> {
  return ({ labels, predictions }, parameter) =>
    (weights) =>
      meanOfErrors(errorOf(parameter), labels, predictions, weights);
}

const PREPARATIONS: {
  readonly [T in Task]: { readonly [Name in MetricNameOf<T>]: Preparation<RowsOf[T]> };
} = {
  binary: {
    log_loss:
      ({ labels, probabilities }) =>
      (weights) =>
        logLoss(labels, probabilities, weights),
    roc_auc: ({ labels, probabilities }) => rocAucOf(labels, probabilities),
    pr_auc: ({ labels, probabilities }) => averagePrecisionOf(labels, probabilities),
    brier:
      ({ labels, probabilities }) =>
      (weights) =>
        brierScore(labels, probabilities, weights),
    ece:
      ({ labels, probabilities }) =>
      (weights) =>
        expectedCalibrationError(labels, probabilities, { weights }),
    accuracy:
      ({ labels, probabilities }, threshold) =>
      (weights) =>
        accuracy(labels, probabilities, weights, threshold),
    precision: ofConfusion(precisionOf),
    recall: ofConfusion(recallOf),
    f1: ofConfusion(f1Of),
    balanced_accuracy: ofConfusion(balancedAccuracyOf),
    mcc: ofConfusion(matthewsOf),
  },
  multiclass: {
    log_loss:
      ({ labels, probabilities }) =>
      (weights) =>
        multiclassLogLoss(labels, probabilities, weights),
    brier:
      ({ labels, probabilities }) =>
      (weights) =>
        multiclassBrier(labels, probabilities, weights),
    accuracy:
      ({ labels, probabilities }) =>
      (weights) =>
        topKAccuracy(labels, probabilities, 1, weights),
    top_k_accuracy:
      ({ labels, probabilities }, k) =>
      (weights) =>
        topKAccuracy(labels, probabilities, k, weights),
    precision_macro: ofReport('macro', 'precision'),
    precision_weighted: ofReport('weighted', 'precision'),
    recall_macro: ofReport('macro', 'recall'),
    recall_weighted: ofReport('weighted', 'recall'),
    f1_macro: ofReport('macro', 'f1'),
    f1_weighted: ofReport('weighted', 'f1'),
    roc_auc_macro: ({ labels, probabilities }) => oneVsRestAucOf(labels, probabilities, 'macro'),
    roc_auc_weighted: ({ labels, probabilities }) => oneVsRestAucOf(labels, probabilities, 'weighted'),
  },
  regression: {
    rmse: ofErrors(rootMeanSquaredError),
    mse: meanOf(() => squaredError),
    mae: meanOf(() => absoluteError),
    mape: ofErrors(meanAbsolutePercentageError),
    r2: ofErrors(rSquared),
    median_absolute_error: ({ labels, predictions }) => medianAbsoluteErrorOf(labels, predictions),
    bias: meanOf(() => signedError),
    pinball: meanOf(pinballError),
    coverage_error:
      ({ labels, predictions }, quantile) =>
      (weights) =>
        Math.abs(quantileCoverage(labels, predictions, weights) - quantile),
  },
};

/** Metrics whose value is the mean over rows of a value of each row. */
const ROW_VALUES: {
  readonly [T in Task]: Readonly<Record<string, (rows: RowsOf[T], parameter: number) => Float64Array>>;
} = {
  binary: {
    log_loss: ({ labels, probabilities }) => rowLogLoss(labels, probabilities),
    brier: ({ labels, probabilities }) => rowBrier(labels, probabilities),
    accuracy: ({ labels, probabilities }, threshold) =>
      Float64Array.from(labels, (label, i) => {
        const probability = probabilities[i]!;
        return Number.isNaN(probability) ? Number.NaN : Number(probability >= threshold === (label === 1));
      }),
  },
  multiclass: {
    log_loss: ({ labels, probabilities }) => rowMulticlassLogLoss(labels, probabilities),
    brier: ({ labels, probabilities }) => rowMulticlassBrier(labels, probabilities),
    accuracy: ({ labels, probabilities }) => rowTopK(labels, probabilities, 1),
    top_k_accuracy: ({ labels, probabilities }, k) => rowTopK(labels, probabilities, k),
  },
  regression: {
    mse: ({ labels, predictions }) => rowErrors(squaredError, labels, predictions),
    mae: ({ labels, predictions }) => rowErrors(absoluteError, labels, predictions),
    mape: ({ labels, predictions }) => rowErrors(relativeError, labels, predictions),
    bias: ({ labels, predictions }) => rowErrors(signedError, labels, predictions),
    pinball: ({ labels, predictions }, quantile) => rowErrors(pinballError(quantile), labels, predictions),
  },
};

/**
 * A metric of rows under any weights, in place of the rows' own: what depends on the rows alone is done once, for intervals that
 * compute it hundreds of times. NaN where the metric is undefined.
 * @throws UnderstudyError `INTERNAL` on labels that are not the task's, different lengths, or bad weights.
 */
export function prepareMetric<T extends Task>({ task, name, parameter }: MetricRef<T>, rows: RowsOf[T]): OfWeights {
  const table: Readonly<Record<string, Preparation<RowsOf[T]>>> = PREPARATIONS[task];
  return table[name]!(rows, parameter ?? Number.NaN);
}

/** Whether a metric is the mean over rows of a value of each row, so that {@link rowMetric} has them. */
export function hasRowValues<T extends Task>({ task, name }: MetricRef<T>): boolean {
  return Object.hasOwn(ROW_VALUES[task], name);
}

/**
 * The value of each row whose weighted mean is the metric, for comparisons clustered by day. NaN for rows with a NaN prediction
 * (and label 0 in `mape`).
 * @throws UnderstudyError `INTERNAL` for a metric that is no such mean, and as {@link prepareMetric}.
 */
export function rowMetric<T extends Task>(metric: MetricRef<T>, rows: RowsOf[T]): Float64Array {
  const { task, name, parameter } = metric;
  requireThat(
    hasRowValues(metric),
    'row values',
    `${name} of a ${task} task`,
    Object.keys(ROW_VALUES[task]).join(', '),
  );
  return ROW_VALUES[task][name]!(rows, parameter ?? Number.NaN);
}
