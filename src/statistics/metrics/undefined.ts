// Why a metric has no value on some rows: one word for each reason, so that no record ever holds a bare null.
import type { MetricNameOf, MetricRef, Task } from '../../domain/evaluation/metrics';
import { inspectWeights } from '../inputs';
import type { RowsOf } from './rows';

/**
 * - `no_rows`, `no_weight`: nothing to compute on;
 * - `missing_prediction`: some prediction is NaN;
 * - `one_class`: labels of one class only; `class_without_rows`: of a multi-class task, some class has none;
 * - `no_positive_rows`, `no_positive_answers`, `neither`: the denominator of recall, of precision, of F1 is empty;
 * - `one_value`: answers or labels have one value only, so nothing can correlate;
 * - `constant_labels`, `zero_label`: no variance to explain; a relative error of a label of 0;
 * - `not_finite`: an infinite prediction.
 */
export type UndefinedReason =
  | 'no_rows'
  | 'no_weight'
  | 'missing_prediction'
  | 'one_class'
  | 'class_without_rows'
  | 'no_positive_rows'
  | 'no_positive_answers'
  | 'neither'
  | 'one_value'
  | 'constant_labels'
  | 'zero_label'
  | 'not_finite';

/** What is left to be the reason, by metric, when rows, weights and predictions are there. */
const OWN_REASONS: { readonly [T in Task]: { readonly [Name in MetricNameOf<T>]?: UndefinedReason } } = {
  binary: {
    roc_auc: 'one_class',
    pr_auc: 'no_positive_rows',
    precision: 'no_positive_answers',
    recall: 'no_positive_rows',
    f1: 'neither',
    balanced_accuracy: 'one_class',
    mcc: 'one_value',
  },
  multiclass: { roc_auc_macro: 'class_without_rows', roc_auc_weighted: 'one_class' },
  regression: { mape: 'zero_label', r2: 'constant_labels' },
};

function predictionsOf<T extends Task>(task: T, rows: RowsOf[T]): ArrayLike<number> {
  if ('predictions' in rows) return rows.predictions;
  return task === 'multiclass'
    ? (rows as RowsOf['multiclass']).probabilities.values
    : (rows as RowsOf['binary']).probabilities;
}

/** The reason why a metric is NaN or infinite on rows on which it was found to be so. */
export function whyUndefined<T extends Task>({ task, name }: MetricRef<T>, rows: RowsOf[T]): UndefinedReason {
  if (rows.labels.length === 0) return 'no_rows';
  if (inspectWeights(name, rows.labels.length, rows.weights) === 0) return 'no_weight';
  const predictions = predictionsOf(task, rows);
  let hasInfinity = false;
  for (let i = 0; i < predictions.length; i += 1) {
    if (Number.isNaN(predictions[i]!)) return 'missing_prediction';
    hasInfinity ||= !Number.isFinite(predictions[i]!);
  }
  const own: Readonly<Record<string, UndefinedReason>> = OWN_REASONS[task];
  return (hasInfinity && task === 'regression') || own[name] === undefined ? 'not_finite' : own[name];
}
