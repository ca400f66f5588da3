// Whether the most probable class can be taken at its word: its probability, and whether it is the true one, as rows of a binary task.
import { inspectMulticlass, type ClassProbabilities } from './inputs';
import { mostProbableClasses } from './confusion';

/**
 * The rows of the top label, for the bins and the expected calibration error of a binary task: with those, the "confidence" calibration of Guo, Pleiss,
 * Sun and Weinberger (2017), "On calibration of modern neural networks". `scores` is the largest probability of a row, `labels` 1 where the true class
 * has it; of equal ones the first counts.
 * @throws UnderstudyError `INTERNAL` on a label that is no class, or different lengths.
 */
export function topLabelRows(
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
): { readonly labels: Uint8Array; readonly scores: Float64Array } {
  inspectMulticlass('top-label calibration', labels, probabilities);
  const { values, classes } = probabilities;
  const answers = mostProbableClasses(probabilities);
  return {
    labels: Uint8Array.from(answers, (answer, i) => (answer === labels[i] ? 1 : 0)),
    scores: Float64Array.from(answers, (answer, i) => values[i * classes + answer]!),
  };
}
