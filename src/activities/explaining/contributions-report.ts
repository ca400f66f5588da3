// The report on how one prediction came about: the parts of it with the features' names and what the model was given, by task.
import type { Contributions } from '../../domain/evaluation/explanation';
import { likeliestClass } from '../../domain/evaluation/predictions';
import { recordedTarget } from '../../domain/evaluation/task';
import type { ModelSignature } from '../../domain/training/training';
import { sumOf, type Parts } from '../../scoring/contributions/parts';

/**
 * The report of one row.
 * @param row - as the model was given it, NaN for missing.
 * @param prediction - of the model that serves: one value, of several classes one for each.
 * @param parts - as many, which add up to it.
 */
export function contributionsReport(
  head: Pick<Contributions, 'model' | 'version' | 'contender' | 'key' | 'method'>,
  signature: ModelSignature,
  row: Float32Array,
  prediction: Float32Array,
  parts: readonly Parts[],
): Contributions {
  const { task, classes = [] } = recordedTarget(signature);
  const likeliest = task === 'multiclass' ? likeliestClass(prediction) : 0;
  const order = signature.columns
    .map((_, at) => at)
    .sort((a, b) => sizeOf(parts[likeliest]!, b) - sizeOf(parts[likeliest]!, a));
  const given = (at: number) => {
    const column = signature.columns[at]!;
    return { feature: column.name, value: valueOf(column, row[at]!) };
  };
  if (task === 'multiclass') {
    return {
      ...{ ...head, task },
      classes: parts.map((of, at) => {
        return { name: classes[at]!, probability: prediction[at]!, base: of.base, score: sumOf(of) };
      }),
      features: order.map((at) => ({
        ...given(at),
        contributions: parts.map(({ contributions }) => contributions[at]!),
      })),
    };
  }
  const [only] = parts as readonly [Parts];
  const features = order.map((at) => ({ ...given(at), contribution: only.contributions[at]! }));
  const { base } = only;
  return task === 'regression'
    ? { ...head, task, prediction: prediction[0]!, base, features }
    : { ...head, task, probability: prediction[0]!, base, logOdds: sumOf(only), features };
}

function sizeOf({ contributions }: Parts, at: number): number {
  return Math.abs(contributions[at]!);
}

/** What the model was given, in the author's words. */
function valueOf(column: ModelSignature['columns'][number], value: number): number | string | null {
  if (Number.isNaN(value)) return null;
  return column.kind === 'number' ? value : (column.categories[value] ?? null);
}
