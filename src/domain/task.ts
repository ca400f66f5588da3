// What a model predicts, and how its predictions and labels lie in memory: the one convention of training, scoring, evaluation and serving.
import type { Task } from './metrics';

export type { Task } from './metrics';

/**
 * The target of a model. Labels are numbers in every matrix: `binary` 0 or 1, `multiclass` the index in `classes`, `regression` the value (float32).
 * Predictions are float32, row by row, {@link widthOf} values a row: `binary` the probability of class 1, `multiclass` the probabilities in the order
 * of `classes`, `regression` the predicted value.
 */
export interface Target {
  readonly task: Task;
  /** Names of the classes of a `multiclass` task, at least three; absent otherwise. */
  readonly classes?: readonly string[];
}

/** Values of one prediction. */
export function widthOf({ task, classes }: Target): number {
  return task === 'multiclass' ? (classes?.length ?? 0) : 1;
}
