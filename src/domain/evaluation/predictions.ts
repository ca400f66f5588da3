// One prediction as the log keeps it and as programs compute with it. Invariant: exactly one of the three outputs is there, by the task.
import { widthOf, type Target } from './task';

/** What was predicted for one entity. */
export interface LoggedOutput {
  /** `binary`: of class 1. */
  readonly probability?: number;
  /** `multiclass`: of each class, in the order of `classes`; float32. */
  readonly probabilities?: readonly number[];
  /** `regression`. */
  readonly value?: number;
}

/** Row `row` of predictions that lie row by row, as the log keeps it. */
export function loggedOutput(target: Target, predictions: Float32Array, row: number): LoggedOutput {
  switch (target.task) {
    case 'binary':
      return { probability: predictions[row]! };
    case 'multiclass': {
      const width = widthOf(target);
      return { probabilities: [...predictions.subarray(row * width, (row + 1) * width)] };
    }
    case 'regression':
      return { value: predictions[row]! };
  }
}

/** The numbers of a logged prediction, {@link widthOf} of them; null: it is one of another target (the definition's has changed since). */
export function outputRow(
  target: Target,
  { probability, probabilities, value }: LoggedOutput,
): readonly number[] | null {
  switch (target.task) {
    case 'binary':
      return probability === undefined ? null : [probability];
    case 'multiclass':
      return probabilities?.length === widthOf(target) ? probabilities : null;
    case 'regression':
      return value === undefined ? null : [value];
  }
}

/** The index of the most probable class of one row; of equal ones the first, as everywhere. */
export function likeliestClass(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < probabilities.length; k += 1) if (probabilities[k]! > probabilities[best]!) best = k;
  return best;
}

/** Whether two targets are the same: predictions and labels of one mean the same for the other. */
export function isSameTarget(a: Target, b: Target): boolean {
  const [ofA, ofB] = [a.classes ?? [], b.classes ?? []];
  return a.task === b.task && ofA.length === ofB.length && ofA.every((name, index) => name === ofB[index]);
}
