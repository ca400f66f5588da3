// Drift of the whole representation by a classifier that tries to tell current rows from reference rows: if it can, something has changed.
// Invariant: no row is scored by a model that was fitted on it.
import { normalCdf, normalQuantile } from '../../distributions';
import { requireSameLength } from '../../inputs';
import { delongInterval } from '../../metrics/intervals/roc-auc';
import { fitLogistic, linear } from './logistic';
import { rowsOf, standardOf, standardRow, type NumericColumns } from './standard-columns';

/** How rows are told apart. */
export interface DomainClassifierOptions {
  /** At most so many rows of each sample are used, spread evenly. Default 20,000. */
  readonly mostRows?: number;
  /** Of the interval, in (0, 1). Default 0.95. */
  readonly level?: number;
}

/** What {@link domainClassifier} found. */
export interface DomainClassifierDrift {
  /** Rows used of each sample. */
  readonly rows: { readonly reference: number; readonly current: number };
  /** Effect size: chance that a current row gets the higher score; 0.5 cannot be told apart, 1 always can. */
  readonly auc: number;
  readonly low: number;
  readonly high: number;
  /** Against the alternative that the AUC is above 0.5. */
  readonly pOneSided: number;
}

/**
 * Domain classifier (classifier two-sample test, Lopez-Paz and Oquab 2017): a logistic regression on every column, its square and whether it is
 * missing, fitted on the even rows and scored on the odd ones and the other way round; the mean of both AUCs with DeLong's interval. It sees shifts of
 * columns and of their spread, and combinations that add up; not a product of two columns ({@link pcaDrift} sees those).
 *
 * Columns are numbers: give a category as codes only if their order means something, else one column of 0 and 1 each. A column that is constant in
 * both samples together is left out. NaN with fewer than 4 rows on a side, or without columns. The interval takes rows as independent.
 * @throws UnderstudyError `INTERNAL` when columns differ in length, or the samples in their columns.
 */
export function domainClassifier(
  reference: NumericColumns,
  current: NumericColumns,
  options: DomainClassifierOptions = {},
): DomainClassifierDrift {
  requireSameLength('domain classifier', { reference: reference.length, current: current.length });
  const { mostRows = 20_000, level = 0.95 } = options;
  const used = [reference, current].map((columns) => spread(rowsOf(columns), mostRows));
  const rows = { reference: used[0]!.length, current: used[1]!.length };
  if (Math.min(rows.reference, rows.current) < 4 || reference.length === 0) {
    return { rows, auc: NaN, low: NaN, high: NaN, pOneSided: NaN };
  }
  const both = reference.map((column, i) =>
    Float64Array.from([...used[0]!].map((row) => column[row]!).concat([...used[1]!].map((row) => current[i]![row]!))),
  );
  const labels = Uint8Array.from({ length: rows.reference + rows.current }, (_, i) => (i < rows.reference ? 0 : 1));
  const { matrix, width } = expanded(both);
  const folds = [0, 1].map((fold) => {
    const of = (parity: number) =>
      [...labels.keys()].filter((i) => (i < rows.reference ? i : i - rows.reference) % 2 === parity);
    const fitted = of(fold);
    const scored = of(1 - fold);
    const training = new Float64Array(fitted.length * width);
    fitted.forEach((row, i) => training.set(matrix.subarray(row * width, (row + 1) * width), i * width));
    const coefficients = fitLogistic(
      training,
      width,
      Uint8Array.from(fitted, (row) => labels[row]!),
    );
    return delongInterval(
      Uint8Array.from(scored, (row) => labels[row]!),
      Float64Array.from(scored, (row) => linear(matrix, row * width, width, coefficients)),
      level,
    );
  });
  const auc = (folds[0]!.value + folds[1]!.value) / 2;
  // The folds score different rows, so their errors add up as those of independent ones.
  const halfWidth = Math.hypot(folds[0]!.high - folds[0]!.value, folds[1]!.high - folds[1]!.value) / 2;
  const standardError = halfWidth / normalQuantile((1 + level) / 2);
  const pOneSided = auc === 0.5 ? 0.5 : normalCdf(-(auc - 0.5) / standardError);
  return { rows, auc, low: auc - halfWidth, high: auc + halfWidth, pOneSided };
}

/** At most `most` of the rows 0 to n - 1, evenly spread. */
function spread(n: number, most: number): Uint32Array {
  const count = Math.min(n, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}

/** Standard columns, their squares, and 0 or 1 for a missing value; each brought to mean 0 and deviation 1. */
function expanded(columns: NumericColumns): { readonly matrix: Float64Array; readonly width: number } {
  const rows = rowsOf(columns);
  const first = standardOf(columns);
  const row = new Float64Array(first.kept.length);
  const values = Array.from({ length: 2 * row.length }, () => new Float64Array(rows));
  for (let i = 0; i < rows; i += 1) {
    standardRow(columns, first, i, row);
    row.forEach((value, k) => {
      values[2 * k]![i] = value;
      values[2 * k + 1]![i] = value * value;
    });
  }
  const missing = columns.map((column) => Float64Array.from(column, (value) => (Number.isNaN(value) ? 1 : 0)));
  const all = [...values, ...missing];
  const standard = standardOf(all);
  const width = standard.kept.length;
  const matrix = new Float64Array(rows * width);
  for (let i = 0; i < rows; i += 1) standardRow(all, standard, i, matrix.subarray(i * width, (i + 1) * width));
  return { matrix, width };
}
