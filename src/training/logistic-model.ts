// The fitted logistic model as JSON, and its own prediction in double precision: what the ONNX graph is compared with.
import type { ModelSignature } from '../domain/training/training';

/** A numeric column: `weight * (x - mean) / scale`, or `missingWeight` when x is missing. Mean and scale are float32 values. */
export interface NumberTerm {
  readonly kind: 'number';
  readonly name: string;
  readonly mean: number;
  readonly scale: number;
  readonly weight: number;
  readonly missingWeight: number;
}

/** A category column: the weight of the category; nothing for a missing or unseen one. */
export interface CategoryTerm {
  readonly kind: 'category';
  readonly name: string;
  readonly categories: readonly string[];
  readonly weights: readonly number[];
}

/** Log-odds (of a linear model: the value; of several classes: one class's score) = intercept + the terms, one per column of the signature, in its order. */
export interface LogisticModel {
  readonly intercept: number;
  readonly terms: readonly (NumberTerm | CategoryTerm)[];
}

/** Probabilities of class 1, in double precision on float32 inputs. */
export function predictLogistic(model: LogisticModel, matrix: Float32Array, rows: number): Float64Array {
  return scoresOf(model, matrix, rows).map((score) => 1 / (1 + Math.exp(-score)));
}

/** Intercept plus terms: the log-odds of a logistic model, the value of a linear one. */
export function scoresOf(model: LogisticModel, matrix: Float32Array, rows: number): Float64Array {
  const columns = model.terms.length;
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let score = model.intercept;
    model.terms.forEach((term, position) => {
      const x = matrix[row * columns + position] ?? NaN;
      if (term.kind === 'category') score += x >= 0 ? (term.weights[Math.trunc(x)] ?? 0) : 0;
      else score += Number.isNaN(x) ? term.missingWeight : (term.weight * (x - term.mean)) / term.scale;
    });
    result[row] = score;
  }
  return result;
}

/** Whether a value that was read from a file is a model of this signature's kind of columns; names and categories may differ. */
export function isLogisticModel(value: unknown): value is LogisticModel {
  const model = value as Partial<LogisticModel> | null;
  return typeof model?.intercept === 'number' && Array.isArray(model.terms) && model.terms.every(isTerm);
}

function isTerm(value: unknown): boolean {
  const term = value as Partial<NumberTerm & Omit<CategoryTerm, 'kind'>> & { readonly kind?: string };
  const areNumbers = (values: readonly unknown[]): boolean => values.every((each) => typeof each === 'number');
  if (typeof term?.name !== 'string') return false;
  if (term.kind === 'number') return areNumbers([term.mean, term.scale, term.weight, term.missingWeight]);
  const { categories, weights } = term;
  const areLists = term.kind === 'category' && Array.isArray(categories) && Array.isArray(weights);
  return areLists && categories.length === weights.length && areNumbers(weights);
}

/**
 * How much each column moves the log-odds, in the data the model was fitted on: the weight of one standard deviation for a number,
 * the spread (standard deviation over categories, weighted by rows) for a category.
 */
export function importanceOf(
  model: LogisticModel,
  signature: ModelSignature,
  matrix: Float32Array,
): Readonly<Record<string, number>> {
  const columns = signature.columns.length;
  return Object.fromEntries(
    model.terms.map((term, position) => {
      if (term.kind === 'number') return [term.name, Math.abs(term.weight)];
      let [rows, sum, squares] = [0, 0, 0];
      for (let at = position; at < matrix.length; at += columns) {
        const weight = term.weights[matrix[at] ?? NaN] ?? 0;
        rows++;
        sum += weight;
        squares += weight * weight;
      }
      return [term.name, Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2))];
    }),
  );
}
