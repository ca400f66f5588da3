// The confusion matrix of a multi-class task, and precision, recall and F1 by class and on average.
import { inspectWeights, requireSameLength, type Weights } from '../../inputs';
import { inspectClasses, inspectMulticlass, type ClassProbabilities } from './inputs';

/** Weights (numbers) of rows: row i, column j is true class i answered as class j. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** The most probable class of each row, the lower number of equal ones (numpy `argmax`). */
export function mostProbableClasses({ values, classes }: ClassProbabilities): Uint32Array {
  return new Uint32Array(values.length / classes).map((_, i) => {
    let best = 0;
    for (let k = 1; k < classes; k += 1) {
      if (values[i * classes + k]! > values[i * classes + best]!) best = k;
    }
    return best;
  });
}

/**
 * Counts answers by true class (scikit-learn `confusion_matrix` with all classes given).
 * @param answers a class number per row.
 * @throws UnderstudyError `INTERNAL` on a label or answer that is no class, different lengths, or bad weights.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  answers: ArrayLike<number>,
  classes: number,
  weights?: Weights,
): ConfusionMatrix {
  requireSameLength('confusion matrix', { labels: labels.length, answers: answers.length });
  inspectWeights('confusion matrix', labels.length, weights);
  inspectClasses('confusion matrix', labels, classes, weights);
  inspectClasses('confusion matrix, answers', answers, classes, weights);
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i += 1) {
    matrix[labels[i]!]![answers[i]!]! += weights === undefined ? 1 : weights[i]!;
  }
  return matrix;
}

/**
 * {@link confusionMatrix} of the most probable classes. Every entry is NaN when a probability is NaN.
 * @throws UnderstudyError as {@link confusionMatrix}.
 */
export function confusionOfProbabilities(
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
  weights?: Weights,
): ConfusionMatrix {
  return confusionOf(labels, probabilities)(weights);
}

/** {@link confusionOfProbabilities} of the same rows under many weightings: they are looked through once. */
export function confusionOf(
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
): (weights?: Weights) => ConfusionMatrix {
  const { classes } = probabilities;
  const { hasNaN } = inspectMulticlass('confusion matrix', labels, probabilities);
  const answers = mostProbableClasses(probabilities);
  return (weights) => {
    inspectWeights('confusion matrix', labels.length, weights);
    const counts = new Float64Array(classes * classes);
    for (let i = 0; i < labels.length; i += 1) {
      counts[labels[i]! * classes + answers[i]!]! += weights === undefined ? 1 : weights[i]!;
    }
    const of = (row: number): number[] => Array.from(counts.subarray(row * classes, (row + 1) * classes));
    const matrix = Array.from({ length: classes }, (_, row) => of(row));
    return hasNaN ? matrix.map((row) => row.map(() => Number.NaN)) : matrix;
  };
}

/** Precision, recall and F1 of one class against the rest, or an average of them. */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** What {@link classReport} says. */
export interface ClassReport {
  /** By class. NaN where undefined: precision of a class never answered, recall of a class without rows, F1 of one with neither. */
  readonly classes: readonly (ClassScores & { readonly support: number })[];
  /** Plain mean over the classes. */
  readonly macro: ClassScores;
  /** Mean weighted by the true classes' weight of rows. */
  readonly weighted: ClassScores;
}

/**
 * Precision, recall and F1 of each class, their macro and weighted averages (scikit-learn `precision_recall_fscore_support`).
 * A score that is undefined for a class counts as 0 in the averages, as in scikit-learn, so that a class which is never answered costs;
 * `classes` shows which these are. Averages are NaN without rows, and when the matrix holds NaN.
 */
export function classReport(matrix: ConfusionMatrix): ClassReport {
  const support = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = support.reduce((sum, count) => sum + count, 0);
  const classes = matrix.map((row, k) => {
    const right = row[k]!;
    const answered = matrix.reduce((sum, other) => sum + other[k]!, 0);
    const ofClass = support[k]!;
    return {
      precision: right / answered,
      recall: right / ofClass,
      f1: (2 * right) / (answered + ofClass),
      support: ofClass,
    };
  });
  const average = (weightOf: (k: number) => number): ClassScores => {
    const of = (score: keyof ClassScores): number => {
      if (!(total > 0)) return Number.NaN;
      return classes.reduce((sum, scores, k) => {
        const value = Number.isNaN(scores[score]) ? 0 : scores[score];
        return sum + weightOf(k) * value;
      }, 0);
    };
    return { precision: of('precision'), recall: of('recall'), f1: of('f1') };
  };
  return { classes, macro: average(() => 1 / matrix.length), weighted: average((k) => support[k]! / total) };
}
