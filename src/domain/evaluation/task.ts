// What a model predicts, and how its predictions and labels lie in memory: the one convention of training, scoring, evaluation and serving.
import { z } from 'zod';
import type { Task } from './metrics';
import type { ModelPlan } from '../plan/plan';

export type { Task } from './metrics';

/** All tasks. */
export const TASKS = ['binary', 'multiclass', 'regression'] as const satisfies readonly Task[];
/** A model has at least and at most so many classes where it has classes of its own; two are a `binary` task. */
export const LEAST_CLASSES = 3;
export const MOST_CLASSES = 100;

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

/**
 * What is known of the labels of the training rows: the share of each class in the order of `classes`; or mean and variance (population, in squared
 * units of the label), which scale the row loss of a `regression`. All are computed in a fixed order, so equal rows give equal numbers.
 */
export const LabelStatistics = z
  .union([
    z.object({ shares: z.array(z.number()) }).readonly(),
    z.object({ mean: z.number(), variance: z.number() }).readonly(),
  ])
  .readonly();
export type LabelStatistics = z.infer<typeof LabelStatistics>;

/** The target of a plan. */
export function targetOf({ task, label }: Pick<ModelPlan, 'task' | 'label'>): Target {
  return label.classes === undefined ? { task } : { task, classes: label.classes };
}

/** The target of a signature or a request, in which an absent task is `binary`. */
export function recordedTarget({
  task = 'binary',
  classes,
}: {
  readonly task?: Task | undefined;
  readonly classes?: readonly string[] | undefined;
}): Target {
  return classes === undefined ? { task } : { task, classes };
}

/** What a signature, a request or a manifest records of a target: nothing for `binary`, which was there before the others. */
export function recordOf({ task, classes }: Target): { readonly task?: Task; readonly classes?: string[] } {
  if (task === 'binary') return {};
  return classes === undefined ? { task } : { task, classes: [...classes] };
}

/** Values of one prediction. */
export function widthOf({ task, classes }: Target): number {
  return task === 'multiclass' ? (classes?.length ?? 0) : 1;
}

/** Names of the columns of a parity sample with the native model's predictions: `__native`, or `__native_0` and on where a prediction has several values. */
export function nativeColumns(target: Target): string[] {
  const width = widthOf(target);
  return width === 1 ? ['__native'] : Array.from({ length: width }, (_, index) => `__native_${index}`);
}
