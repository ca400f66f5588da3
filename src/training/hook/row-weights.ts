// How much each row of a hook's training counts, and which rows early stopping keeps aside: as the Python worker has them (its weights.py).
// Invariant: a column of weights is no feature: the model is trained as if it were 0 everywhere.
import { UnderstudyError } from '../../domain/failures';
import type { Target } from '../../domain/evaluation/task';
import type { WeightsPlan } from '../../domain/plan/contender-plan';
import type { ModelColumn } from '../../domain/training/training';
import type { TrainingMatrix } from '../matrix-file';

/**
 * 1 for the rows of the last `count` days up to the newest row's, else 0; 0 days: no row.
 * @throws UnderstudyError `TRAINING_FAILED` when no row is left before them.
 */
export function lateRows(days: Int32Array, count: number): Uint8Array {
  const newest = days.reduce((a, b) => Math.max(a, b), 0);
  const span = newest - days.reduce((a, b) => Math.min(a, b), newest) + 1;
  if (count >= span)
    throw failed(`earlyStopping.days is ${count}, but the training rows are of ${span} days; allowed is fewer.`);
  return Uint8Array.from(days, (day) => (day > newest - count ? 1 : 0));
}

/** What weights are made of. */
export interface WeighedRows {
  readonly matrix: TrainingMatrix;
  readonly columns: readonly ModelColumn[];
  readonly late: Uint8Array;
  readonly target: Target;
}

/**
 * The matrix's own weights times the column's times the class's; null: none are asked for. `balanced` gives class c of k the weight n / (k n_c), as
 * scikit-learn does, of the rows that are not kept aside.
 * @throws UnderstudyError `TRAINING_FAILED` for a row without a weight from 0 in the column, and when all rows that are trained on have the weight 0.
 */
export function rowWeights(
  plan: WeightsPlan | undefined,
  { matrix, columns, late, target }: WeighedRows,
): Float64Array | null {
  if (!plan && !matrix.weights) return null;
  const { rows, features, labels } = matrix;
  const column = placeOf(plan, columns);
  const ofClass = classWeights(plan, labels, late, target);
  const weights = Float64Array.from({ length: rows }, (_, row) => {
    const own = column === null ? 1 : features[row * columns.length + column]!;
    return own * ofClass(labels[row]!) * (matrix.weights?.[row] ?? 1);
  });
  const bad = weights.reduce((count, weight) => count + (weight >= 0 && weight < Infinity ? 0 : 1), 0);
  if (bad > 0) {
    throw failed(
      `${bad} of ${rows} rows have no weight, or one below 0, in the column "${plan?.column ?? ''}"; allowed is a number from 0.`,
    );
  }
  if (!weights.some((weight, row) => weight > 0 && late[row] === 0))
    throw failed('All training rows have the weight 0.');
  return weights;
}

/** Takes the column of weights out of the features that a model is trained on. */
export function hideWeights(
  plan: WeightsPlan | undefined,
  features: Float32Array,
  columns: readonly ModelColumn[],
): void {
  const column = placeOf(plan, columns);
  if (column === null) return;
  for (let at = column; at < features.length; at += columns.length) features[at] = 0;
}

function placeOf(plan: WeightsPlan | undefined, columns: readonly ModelColumn[]): number | null {
  if (plan?.column === undefined) return null;
  const place = columns.findIndex(({ kind, name }) => kind === 'number' && name === plan.column);
  if (place < 0) throw failed(`weights.column is "${plan.column}"; allowed is a feature that is a number.`);
  return place;
}

function classWeights(
  plan: WeightsPlan | undefined,
  labels: Float32Array,
  late: Uint8Array,
  { task, classes = [] }: Target,
): (label: number) => number {
  const asked = plan?.classes;
  if (asked === undefined || task === 'regression') return () => 1;
  const names = task === 'binary' ? ['negative', 'positive'] : classes;
  if (asked !== 'balanced') return (label) => asked[names[label]!] ?? 1;
  const counts = names.map(() => 0);
  labels.forEach((label, row) => (counts[label]! += late[row] === 0 ? 1 : 0));
  const trained = counts.reduce((sum, count) => sum + count, 0);
  return (label) => trained / (names.length * Math.max(1, counts[label]!));
}

function failed(message: string): UnderstudyError {
  return new UnderstudyError('TRAINING_FAILED', message);
}
