// The rows that a metric is computed on, by task: labels, what the model said of them, and weights.
import type { Task } from '../../domain/evaluation/metrics';
import { requireSameLength, type Weights } from '../inputs';
import type { ClassProbabilities } from './multiclass/inputs';

/** Rows of a task. Labels are 0 and 1; class numbers from 0; finite numbers. Weights left out: every row weighs 1. */
export interface RowsOf {
  readonly binary: {
    readonly labels: ArrayLike<number>;
    /** Of class 1. Ranking metrics take any scores. */
    readonly probabilities: ArrayLike<number>;
    readonly weights?: Weights | undefined;
  };
  readonly multiclass: {
    readonly labels: ArrayLike<number>;
    readonly probabilities: ClassProbabilities;
    readonly weights?: Weights | undefined;
  };
  readonly regression: {
    readonly labels: ArrayLike<number>;
    readonly predictions: ArrayLike<number>;
    readonly weights?: Weights | undefined;
  };
}

function pick(values: ArrayLike<number>, rows: ArrayLike<number>): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}

/** The rows with these row numbers, in that order. */
export const pickRows: { readonly [T in Task]: (all: RowsOf[T], rows: ArrayLike<number>) => RowsOf[T] } = {
  binary: ({ labels, probabilities, weights }, rows) => ({
    labels: pick(labels, rows),
    probabilities: pick(probabilities, rows),
    weights: weights && pick(weights, rows),
  }),
  multiclass: ({ labels, probabilities: { values, classes }, weights }, rows) => {
    const picked = new Float64Array(rows.length * classes);
    for (let i = 0; i < picked.length; i += 1) {
      picked[i] = values[rows[Math.floor(i / classes)]! * classes + (i % classes)]!;
    }
    return {
      labels: pick(labels, rows),
      probabilities: { values: picked, classes },
      weights: weights && pick(weights, rows),
    };
  },
  regression: ({ labels, predictions, weights }, rows) => ({
    labels: pick(labels, rows),
    predictions: pick(predictions, rows),
    weights: weights && pick(weights, rows),
  }),
};

/**
 * Row numbers by the group that each row belongs to, groups by first appearance.
 * @throws UnderstudyError `INTERNAL` when there is not one group per row.
 */
export function rowsByGroup<Group>(statistic: string, rows: number, groups: ArrayLike<Group>): Map<Group, number[]> {
  requireSameLength(statistic, { rows, groups: groups.length });
  const byGroup = new Map<Group, number[]>();
  for (let i = 0; i < rows; i += 1) {
    const group = groups[i]!;
    const members = byGroup.get(group);
    if (members === undefined) byGroup.set(group, [i]);
    else members.push(i);
  }
  return byGroup;
}
