// What a prediction is made of, and what parts add up to: the one way from them to what a model of the task says.
import type { Task } from '../../domain/evaluation/task';

/** The parts of one value of a prediction: log-odds of class 1; one class's score, before the softmax; or the value. */
export interface Parts {
  /** The mean of the training rows. */
  readonly base: number;
  /** One per column of the signature, in its order. */
  readonly contributions: Float64Array;
}

/** Base and contributions together. */
export function sumOf({ base, contributions }: Parts): number {
  return contributions.reduce((sum, part) => sum + part, base);
}

/** Probabilities of the classes from their scores. */
export function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** The prediction of these parts, as `src/domain/evaluation/task.ts` says: one probability, one for each class, or the value. */
export function predictionOf(task: Task, parts: readonly Parts[]): number[] {
  const sums = parts.map(sumOf);
  switch (task) {
    case 'binary':
      return sums.map((logOdds) => 1 / (1 + Math.exp(-logOdds)));
    case 'multiclass':
      return softmax(sums);
    case 'regression':
      return sums;
  }
}
