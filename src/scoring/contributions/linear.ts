// Exact Shapley values of a linear model: each column's share of the log-odds, beside its mean share in the training rows.
import type { ShapReport } from '../../domain/evaluation/explanation';
import type { Parts } from './parts';

/** A numeric column: `weight × (x − mean) / scale`, or `missingWeight` when x is missing. */
interface NumberShare {
  readonly kind: 'number';
  readonly name: string;
  readonly mean: number;
  readonly scale: number;
  readonly weight: number;
  readonly missingWeight: number;
}

/** A category column: the weight of the code; nothing for a missing or unseen one. */
interface CategoryShare {
  readonly kind: 'category';
  readonly name: string;
  readonly weights: readonly number[];
}

/** Log-odds (of several classes: one class's score; of a regression: the value) = intercept + the columns' shares, one per column of the signature, in its order. */
export interface LinearModel {
  readonly intercept: number;
  readonly terms: readonly (NumberShare | CategoryShare)[];
}

/** A column's share of the log-odds for a value; NaN is missing. */
export function shareOf(term: LinearModel['terms'][number], value: number): number {
  if (term.kind === 'category') return value >= 0 ? (term.weights[Math.trunc(value)] ?? 0) : 0;
  return Number.isNaN(value) ? term.missingWeight : (term.weight * (value - term.mean)) / term.scale;
}

/**
 * The mean share of each column over rows: the background of the contributions.
 * @param matrix - row by row, NaN for missing; at least one row.
 */
export function meanShares({ terms }: LinearModel, matrix: Float32Array): Float64Array {
  const sums = new Float64Array(terms.length);
  for (let at = 0; at < matrix.length; at++) {
    const position = at % terms.length;
    sums[position]! += shareOf(terms[position]!, matrix[at]!);
  }
  const rows = matrix.length / terms.length;
  return sums.map((sum) => sum / rows);
}

/**
 * Contributions of each column to the log-odds of a row: its share minus its mean share. With columns taken as independent these are the
 * Shapley values (Lundberg and Lee 2017, "linear SHAP"). They and the base, the intercept plus the mean shares, add up to the log-odds.
 */
export function linearContributions(
  { intercept, terms }: LinearModel,
  means: ArrayLike<number>,
  row: ArrayLike<number>,
): Parts {
  const contributions = Float64Array.from(terms, (term, i) => shareOf(term, row[i] ?? Number.NaN) - means[i]!);
  return { base: terms.reduce((sum, _, i) => sum + means[i]!, intercept), contributions };
}

/**
 * What the trainer says of its features: mean absolute contributions on these rows, and the mean shares that they are counted from.
 * @param matrix - as in {@link meanShares}.
 */
export function linearShapReport(model: LinearModel, matrix: Float32Array): ShapReport {
  return { method: 'linear', rows: matrix.length / model.terms.length, ...reportOf(model, matrix) };
}

/**
 * The same of several classes: each class by itself, and the mean over them.
 * @param models - one for each class, over the same columns.
 * @param names - of the classes, in their order.
 */
export function softmaxShapReport(
  models: readonly LinearModel[],
  names: readonly string[],
  matrix: Float32Array,
): ShapReport {
  const { terms } = models[0]!;
  const classes = models.map((model, at) => ({ name: names[at]!, ...reportOf(model, matrix) }));
  const mean = (name: string): number => classes.reduce((sum, { meanAbs }) => sum + meanAbs[name]!, 0) / classes.length;
  const meanAbs = Object.fromEntries(terms.map(({ name }) => [name, mean(name)]));
  return { method: 'linear', rows: matrix.length / terms.length, meanAbs, classes };
}

function reportOf(model: LinearModel, matrix: Float32Array) {
  const { terms } = model;
  const means = meanShares(model, matrix);
  const sizes = new Float64Array(terms.length);
  for (let at = 0; at < matrix.length; at++) {
    const position = at % terms.length;
    sizes[position]! += Math.abs(shareOf(terms[position]!, matrix[at]!) - means[position]!);
  }
  const rows = matrix.length / terms.length;
  const byName = (values: Float64Array): Record<string, number> =>
    Object.fromEntries(terms.map(({ name }, i) => [name, values[i]!]));
  return {
    base: means.reduce((sum, mean) => sum + mean, model.intercept),
    meanAbs: byName(sizes.map((sum) => sum / rows)),
    means: byName(means),
  };
}
