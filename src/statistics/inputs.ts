// The checks that every statistic makes on its inputs, so that a bug of the caller ends in an error and not in a plausible number.
import { UnderstudyError } from '../domain/failures';

/**
 * A weight per row, finite and at least 0; where they are left out every row weighs 1. A row of weight 0 counts as absent, except
 * that a NaN in it still makes the statistic NaN: a prediction that is missing is a fault wherever it is.
 */
export type Weights = ArrayLike<number>;

/**
 * Refuses arrays of different lengths.
 * @throws UnderstudyError `INTERNAL`: rows were lost or doubled before the call; no number would mean anything.
 */
export function requireSameLength(statistic: string, lengths: Readonly<Record<string, number>>): void {
  if (new Set(Object.values(lengths)).size > 1) {
    const found = Object.entries(lengths).map(([name, length]) => `${name} ${String(length)}`);
    throw new UnderstudyError('INTERNAL', `${statistic}: arrays differ in length (${found.join(', ')}).`, {
      ...lengths,
    });
  }
}

/**
 * Refuses a number outside its range, such as a level of 95 where 0.95 was meant.
 * @throws UnderstudyError `INTERNAL` with the allowed range in words.
 */
export function requireThat(holds: boolean, statistic: string, found: string, allowed: string): void {
  if (!holds) throw new UnderstudyError('INTERNAL', `${statistic}: ${found}; allowed: ${allowed}.`);
}

/**
 * Refuses weights of another length than the rows, and weights that are negative or not finite.
 * @returns the sum of the weights; the number of rows where there are none.
 * @throws UnderstudyError `INTERNAL` naming the first such row.
 */
export function inspectWeights(statistic: string, rows: number, weights: Weights | undefined): number {
  if (weights === undefined) return rows;
  if (weights.length !== rows) requireSameLength(statistic, { rows, weights: weights.length });
  let total = 0;
  for (let i = 0; i < rows; i += 1) {
    const weight = weights[i]!;
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      const found = `row ${String(i)} has weight ${String(weight)}`;
      requireThat(false, statistic, found, 'a finite number of at least 0');
    }
    total += weight;
  }
  return total;
}

/** What {@link inspectBinary} found. */
export interface BinaryInputs {
  /** Weight of the rows with label 1; their number when there are no weights. */
  readonly positives: number;
  /** Weight of all rows. */
  readonly total: number;
  /** Some score is NaN: a statistic of such rows is NaN. */
  readonly hasNaN: boolean;
}

/**
 * Refuses labels and scores of different lengths, any label other than 0 and 1, and weights as {@link inspectWeights} does.
 * @throws UnderstudyError `INTERNAL`: a missing label or another class must be removed by the caller, who knows why it is there.
 */
export function inspectBinary(
  statistic: string,
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: Weights,
): BinaryInputs {
  if (labels.length !== scores.length) {
    requireSameLength(statistic, { labels: labels.length, scores: scores.length });
  }
  const total = inspectWeights(statistic, labels.length, weights);
  let positives = 0;
  let hasNaN = false;
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1) {
      throw new UnderstudyError(
        'INTERNAL',
        `${statistic}: row ${String(i)} has label ${String(label)}; allowed: 0 and 1.`,
        {
          row: i,
          label,
        },
      );
    }
    if (label === 1) positives += weights === undefined ? 1 : weights[i]!;
    hasNaN ||= Number.isNaN(scores[i]!);
  }
  return { positives, total, hasNaN };
}
