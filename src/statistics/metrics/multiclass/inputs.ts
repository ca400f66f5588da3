// What a multi-class metric is computed on: class numbers and a row-major table of probabilities, checked once.
import { inspectWeights, requireSameLength, requireThat, type Weights } from '../../inputs';

/** Probabilities of each row's classes: row i, class k is `values[i * classes + k]`, as ONNX sessions return them. */
export interface ClassProbabilities {
  readonly values: ArrayLike<number>;
  /** At least 2. */
  readonly classes: number;
}

/** What {@link inspectMulticlass} found. */
export interface MulticlassInputs {
  /** Weight of the rows of each true class. */
  readonly support: Float64Array;
  /** Weight of all rows. */
  readonly total: number;
  /** Some probability is NaN: a statistic of such rows is NaN. */
  readonly hasNaN: boolean;
}

/**
 * Refuses labels that are not class numbers 0 .. classes - 1, tables of another size than the labels, and bad weights. Rows need not
 * sum to 1: nothing is rescaled, and single precision never sums exactly.
 * @throws UnderstudyError `INTERNAL` naming the first such row.
 */
export function inspectMulticlass(
  statistic: string,
  labels: ArrayLike<number>,
  { values, classes }: ClassProbabilities,
  weights?: Weights,
): MulticlassInputs {
  requireThat(Number.isInteger(classes) && classes >= 2, statistic, `${String(classes)} classes`, 'at least 2');
  if (values.length !== labels.length * classes) {
    requireSameLength(statistic, { labels: labels.length, probabilityRows: values.length / classes });
  }
  const total = inspectWeights(statistic, labels.length, weights);
  const support = inspectClasses(statistic, labels, classes, weights);
  let hasNaN = false;
  for (let i = 0; i < values.length && !hasNaN; i += 1) hasNaN = Number.isNaN(values[i]!);
  return { support, total, hasNaN };
}

/**
 * Refuses labels that are not class numbers.
 * @returns the weight of the rows of each class.
 * @throws UnderstudyError `INTERNAL` naming the first such row.
 */
export function inspectClasses(
  statistic: string,
  labels: ArrayLike<number>,
  classes: number,
  weights: Weights | undefined,
): Float64Array {
  const support = new Float64Array(classes);
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      const found = `row ${String(i)} has label ${String(label)}`;
      requireThat(false, statistic, found, `class numbers 0 to ${String(classes - 1)}`);
    }
    support[label]! += weights === undefined ? 1 : weights[i]!;
  }
  return support;
}
