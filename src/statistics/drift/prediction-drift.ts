// Drift of predictions by task: PSI over the probability, over the shares of the predicted classes, or over the predicted value.
import { likeliestClass } from '../../domain/evaluation/predictions';
import type { Target } from '../../domain/evaluation/task';
import { psiNumeric, psiOfCounts } from './psi';

/** Predictions, a list of numbers for each row as `src/domain/evaluation/task.ts` says. */
export type PredictedRows = readonly (readonly number[])[];

/**
 * PSI of the current predictions against earlier ones. `binary` and `regression`: over the deciles of the earlier ones, as {@link psiNumeric};
 * `multiclass`: one bin per class of the definition, a row counting for its most probable one. NaN without rows on either side.
 */
export function predictionPsi(target: Target, reference: PredictedRows, current: PredictedRows): number {
  if (target.task !== 'multiclass') return psiNumeric(first(reference), first(current));
  const classes = target.classes?.length ?? 0;
  return psiOfCounts({ reference: countClasses(reference, classes), current: countClasses(current, classes) });
}

function first(rows: PredictedRows): number[] {
  return rows.map(([value]) => value!);
}

function countClasses(rows: PredictedRows, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const row of rows) counts[likeliestClass(row)]! += 1;
  return counts;
}
