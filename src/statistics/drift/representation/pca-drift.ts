// Drift of the whole representation by reconstruction: rows that hang together as the reference's do can be rebuilt from a few principal components.
// It sees a change of how columns depend on each other, which no test of single columns can.
import { normalCdf, normalQuantile } from '../../distributions';
import { requireSameLength } from '../../inputs';
import { symmetricEigen } from './eigen';
import { rowsOf, standardOf, standardRow, type NumericColumns, type Standard } from './standard-columns';

/** How rows are rebuilt. */
export interface PcaOptions {
  /** Share of the variance that the components have to explain, in (0, 1). Default 0.65, as NannyML. */
  readonly explained?: number;
  /** Of the interval, in (0, 1). Default 0.95. */
  readonly level?: number;
}

/** What {@link pcaDrift} found. Errors are in standard deviations of the reference. */
export interface PcaDrift {
  /** Columns that vary in the reference, and components that rows are rebuilt from. */
  readonly columns: number;
  readonly components: number;
  /** Mean error of reference rows that the components were not made from, and of current rows. */
  readonly referenceError: number;
  readonly currentError: number;
  /** Effect size: currentError over referenceError; 1 is none. */
  readonly ratio: number;
  /** Two-sided interval of currentError - referenceError, by Welch's normal approximation over rows. */
  readonly low: number;
  readonly high: number;
  readonly pTwoSided: number;
}

const NOTHING = { referenceError: NaN, currentError: NaN, ratio: NaN, low: NaN, high: NaN, pTwoSided: NaN };

/**
 * Reconstruction error of PCA (NannyML's multivariate drift; Qahtan and others 2015 for PCA on streams): columns are brought to mean 0 and
 * deviation 1 by the reference, components are those of the reference's even rows, the error of a row is the length of what they leave of it. The
 * reference's own error is that of its odd rows.
 *
 * A missing value is at the mean; a column that is constant in the reference is left out (`columnDrift` sees that). At least one component is left
 * out, else there is no error: fewer than 2 columns, or fewer than 2 rows on a side, give NaN. The p value takes rows as independent.
 * @throws UnderstudyError `INTERNAL` when columns differ in length, or the samples in their columns.
 */
export function pcaDrift(reference: NumericColumns, current: NumericColumns, options: PcaOptions = {}): PcaDrift {
  requireSameLength('PCA drift', { reference: reference.length, current: current.length });
  const { explained = 0.65, level = 0.95 } = options;
  const [m, n] = [rowsOf(reference), rowsOf(current)];
  const standard = standardOf(reference);
  const columns = standard.kept.length;
  if (columns < 2 || m < 4 || n < 2) return { columns, components: 0, ...NOTHING };
  const vectors = componentsOf(reference, standard, m, explained);
  const before = errorsOf(reference, standard, vectors, { from: 1, step: 2, rows: m });
  const now = errorsOf(current, standard, vectors, { from: 0, step: 1, rows: n });
  const standardError = Math.sqrt(before.variance / before.count + now.variance / now.count);
  const difference = now.mean - before.mean;
  const halfWidth = normalQuantile((1 + level) / 2) * standardError;
  return {
    columns,
    components: vectors.length,
    referenceError: before.mean,
    currentError: now.mean,
    ratio: now.mean / before.mean,
    low: difference - halfWidth,
    high: difference + halfWidth,
    pTwoSided: difference === 0 ? 1 : 2 * normalCdf(-Math.abs(difference / standardError)),
  };
}

/** The first components of the even rows that explain the share, but never all. */
function componentsOf(columns: NumericColumns, standard: Standard, rows: number, explained: number): Float64Array[] {
  const width = standard.kept.length;
  const matrix = new Float64Array(width * width);
  const row = new Float64Array(width);
  for (let i = 0; i < rows; i += 2) {
    standardRow(columns, standard, i, row);
    for (let p = 0; p < width; p += 1) for (let q = p; q < width; q += 1) matrix[p * width + q]! += row[p]! * row[q]!;
  }
  for (let p = 0; p < width; p += 1) for (let q = 0; q < p; q += 1) matrix[p * width + q] = matrix[q * width + p]!;
  const { values, vectors } = symmetricEigen(matrix, width);
  const total = values.reduce((sum, value) => sum + value, 0);
  let seen = 0;
  let components = 0;
  while (components < width - 1 && seen < explained * total) {
    seen += values[components]!;
    components += 1;
  }
  return vectors.slice(0, components);
}

function errorsOf(
  columns: NumericColumns,
  standard: Standard,
  vectors: readonly Float64Array[],
  { from, step, rows }: { readonly from: number; readonly step: number; readonly rows: number },
): { readonly count: number; readonly mean: number; readonly variance: number } {
  const row = new Float64Array(standard.kept.length);
  let [count, mean, squares] = [0, 0, 0];
  for (let i = from; i < rows; i += step) {
    standardRow(columns, standard, i, row);
    let left = 0;
    for (const value of row) left += value * value;
    for (const vector of vectors) {
      let along = 0;
      for (let k = 0; k < row.length; k += 1) along += row[k]! * vector[k]!;
      left -= along * along;
    }
    // Rounding can leave just below 0.
    const error = Math.sqrt(Math.max(0, left));
    count += 1;
    const apart = error - mean;
    mean += apart / count;
    squares += apart * (error - mean);
  }
  return { count, mean, variance: squares / (count - 1) };
}
