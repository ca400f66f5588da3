// A multi-class task as one binary task per class: area under the ROC curve of each class against the rest, and its averages.
import { inspectWeights } from '../../inputs';
import { inspectClasses, inspectMulticlass, type ClassProbabilities } from './inputs';
import { rocAucOf, type OfWeights } from '../binary/ranking';

/** The rows of a class against the rest: labels 0 and 1, and the class's probabilities; for the metrics and curves of a binary task. */
export function classAgainstRest(
  labels: ArrayLike<number>,
  { values, classes }: ClassProbabilities,
  ofClass: number,
): { readonly labels: Uint8Array; readonly scores: Float64Array } {
  return {
    labels: Uint8Array.from(labels, (label) => (label === ofClass ? 1 : 0)),
    scores: new Float64Array(labels.length).map((_, i) => values[i * classes + ofClass]!),
  };
}

/**
 * ROC AUC of each class against the rest, averaged (scikit-learn `roc_auc_score` with `multi_class='ovr'`): `macro` is the plain mean,
 * `weighted` the mean by the weight of rows of the true classes. Rows are sorted once for all weightings. Higher is better.
 *
 * A class without rows has no area: `macro` is then NaN (it would be a mean over other classes each time), `weighted` does not
 * need it (scikit-learn: NaN for both). NaN without rows, with one class only, and when a probability is NaN.
 * @throws UnderstudyError `INTERNAL` on a label that is no class, different lengths, or bad weights.
 */
export function oneVsRestAucOf(
  labels: ArrayLike<number>,
  probabilities: ClassProbabilities,
  average: 'macro' | 'weighted',
): OfWeights {
  inspectMulticlass('ROC AUC of classes', labels, probabilities);
  const areas = Array.from({ length: probabilities.classes }, (_, k) => {
    const rest = classAgainstRest(labels, probabilities, k);
    return rocAucOf(rest.labels, rest.scores);
  });
  return (weights) => {
    if (average === 'macro') return areas.reduce((sum, area) => sum + area(weights), 0) / areas.length;
    const total = inspectWeights('ROC AUC of classes', labels.length, weights);
    const support = inspectClasses('ROC AUC of classes', labels, probabilities.classes, weights);
    const weighted = areas.reduce((sum, area, k) => (support[k] === 0 ? sum : sum + support[k]! * area(weights)), 0);
    return weighted / total;
  };
}
