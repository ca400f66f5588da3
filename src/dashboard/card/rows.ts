// The rows that a version was trained and judged on, with what their labels are like. Of a borrowed version they are the lender's.
import type { Day } from '../../domain/days';
import type { Evaluation, MetricSet } from '../../domain/evaluation/evaluation';
import type { CardFacts } from './facts';

/** One set of rows that the version was trained or judged on. */
export interface RowsDocument {
  readonly use: 'training' | 'holdout' | 'truth set';
  readonly from: Day | null;
  readonly to: Day | null;
  readonly days: number;
  readonly rows: number | null;
  /** Null also where the task is not `binary`. */
  readonly positives: number | null;
  /** `multiclass` only: rows of each class, in the order of the classes; of the training rows by their shares. */
  readonly classRows?: readonly number[];
  /** `regression` only: mean and population variance of the labels. */
  readonly labels?: { readonly mean: number; readonly variance: number };
}

/** Training, holdout and truth set; nothing where the snapshot is not known any more. */
export function rowsOf({ version, snapshot, evaluation: own, loan }: CardFacts): RowsDocument[] {
  // The snapshot of a borrowed version is the lender's.
  const evaluation = loan ? loan.evaluation : own;
  if (!snapshot) return [];
  const { trainDays, holdoutDays, truthDays } = snapshot;
  const judged = (on: 'holdout' | 'truth') => ({
    rows: evaluation?.[on].n ?? null,
    positives: evaluation?.[on].positives ?? null,
    ...labelsOf(evaluation?.[on]),
  });
  const train = { from: trainDays.from, to: trainDays.to, days: trainDays.count, rows: version.training.rows };
  const rate = evaluation?.baseRate.rate;
  const positives = rate === undefined ? null : Math.round(rate * version.training.rows);
  return [
    { use: 'training', ...train, positives, ...trainingLabels(evaluation, version.training.rows) },
    { use: 'holdout', from: holdoutDays.from, to: holdoutDays.to, days: holdoutDays.count, ...judged('holdout') },
    { use: 'truth set', from: null, to: null, days: truthDays.count, ...judged('truth') },
  ];
}

function labelsOf(set: MetricSet | undefined): Pick<RowsDocument, 'classRows' | 'labels'> {
  return { ...(set?.classRows && { classRows: set.classRows }), ...(set?.labels && { labels: set.labels }) };
}

function trainingLabels(evaluation: Evaluation | null, rows: number): Pick<RowsDocument, 'classRows' | 'labels'> {
  const labels = evaluation?.baseRate.labels;
  if (!labels) return {};
  return 'shares' in labels ? { classRows: labels.shares.map((share) => Math.round(share * rows)) } : { labels };
}
