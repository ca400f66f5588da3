// The loss of each row by task, and what always predicting the best constant of the training rows would lose.
// Invariant: decisions and monitoring compare models by these values alone, so their margins mean the same everywhere.
import type { LabelStatistics, Target } from '../../domain/evaluation/task';
import { requireThat, type Weights } from '../inputs';
import { rowLogLoss } from './binary/probabilities';
import { rowMulticlassLogLoss } from './multiclass/probabilities';
import { rowErrors, squaredError } from './regression/errors';
import type { RowsOf } from './rows';

/** What a row loss depends on besides the row. */
export interface LossTerms {
  readonly target: Target;
  /** Of the training rows; a `regression` needs them, the others do not. */
  readonly trained?: LabelStatistics | undefined;
}

/** The loss of each row; predictions as `Target` says, row by row. */
export type RowLoss = (labels: ArrayLike<number>, predictions: ArrayLike<number>) => Float64Array;

/**
 * Log loss of classes; of a regression (prediction - label)² / variance of the training labels, NaN where that variance is 0: nothing was to be
 * learnt, and no gate passes. NaN for rows whose prediction is NaN.
 * @throws UnderstudyError `INTERNAL` for a regression without the variance; the function for labels that are not the task's, or different lengths.
 */
export function rowLossOf({ target, trained }: LossTerms): RowLoss {
  const { task, classes = [] } = target;
  switch (task) {
    case 'binary':
      return rowLogLoss;
    case 'multiclass':
      return (labels, values) => rowMulticlassLogLoss(labels, { values, classes: classes.length });
    case 'regression': {
      const variance = varianceOf(trained);
      return (labels, predictions) =>
        rowErrors(squaredError, labels, predictions).map((error) => (variance > 0 ? error / variance : Number.NaN));
    }
  }
}

function varianceOf(trained: LabelStatistics | undefined): number {
  const found = trained !== undefined && 'variance' in trained;
  requireThat(found, 'row loss', 'no variance of the training labels', 'that of the snapshot');
  return (trained as Extract<LabelStatistics, { variance: number }>).variance;
}

/**
 * The constant prediction with the least row loss on the training rows, for so many rows: the shares of the classes, or the mean.
 */
export function constantPredictions(trained: LabelStatistics, rows: number): Float64Array {
  const constant = 'shares' in trained ? trained.shares : [trained.mean];
  const all = new Float64Array(rows * constant.length);
  for (let row = 0; row < rows; row++) all.set(constant, row * constant.length);
  return all;
}

/** Labels and predictions as the metrics of the task take them. */
export function rowsOfTask(
  { task, classes = [] }: Target,
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  weights?: Weights,
): RowsOf[Target['task']] {
  switch (task) {
    case 'binary':
      return { labels, probabilities: predictions, weights };
    case 'multiclass':
      return { labels, probabilities: { values: predictions, classes: classes.length }, weights };
    case 'regression':
      return { labels, predictions, weights };
  }
}
