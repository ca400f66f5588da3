// Partial dependence: the mean prediction when one column has the same value in every row, for the values that it has.
import { requireSameLength, requireThat } from '../inputs';
import type { ScoreMatrix } from './permutation';

/** What is varied. */
export interface DependenceRequest {
  readonly score: ScoreMatrix;
  /** Row by row; NaN for missing. It is copied, never changed. */
  readonly features: Float32Array;
  readonly columns: number;
  /** Position of the column. */
  readonly column: number;
  /** `number`: quantiles of its values; `category`: its codes, the most frequent first. */
  readonly kind: 'number' | 'category';
  /** Values of one prediction: 1, or the number of classes. Default 1. */
  readonly width?: number;
  /** Grid points at most, at least 2, the one for missing values apart. Default 20. */
  readonly points?: number;
}

/** The mean prediction with one value. */
export interface DependencePoint {
  /** The number, or the category's code; null: missing. */
  readonly value: number | null;
  /** Of the only value of a prediction, or of the first class. */
  readonly mean: number;
  /** Of every class, where a prediction has several values. */
  readonly means?: readonly number[];
  /** Rows that have this very value (for numbers: from it on, and below the next point). */
  readonly rows: number;
}

const DEFAULT_POINTS = 20;

/**
 * Friedman (2001): the mean over rows of the prediction with the column replaced. It says what the model does, not what would happen; rows
 * that cannot exist (a value that never goes with the others) count like any.
 * Numbers are taken at evenly spaced quantiles from the least to the greatest (nearest rank, repeated ones once). A point for missing
 * values comes last where the column has any.
 * @returns points by rising value, categories by falling number of rows; empty without rows.
 * @throws UnderstudyError `INTERNAL` for a column that does not exist, fewer than 2 points, or a matrix of another length.
 */
export async function partialDependence(request: DependenceRequest): Promise<DependencePoint[]> {
  const { score, features, columns, column, kind, width = 1, points = DEFAULT_POINTS } = request;
  const rows = features.length / columns;
  const statistic = 'partial dependence';
  requireThat(Number.isInteger(points) && points > 1, statistic, `${points} points`, 'a whole number from 2');
  requireThat(column >= 0 && column < columns, statistic, `column ${column}`, `0 to ${columns - 1}`);
  requireSameLength(statistic, { features: features.length, 'rows × columns': Math.floor(rows) * columns });
  const values = Float64Array.from({ length: rows }, (_, row) => features[row * columns + column]!);
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const grid = kind === 'number' ? quantileGrid(known, points) : commonest(known, points);
  const missing = rows - known.length;
  const all = [...grid, ...(missing > 0 ? [{ value: null, rows: missing }] : [])];
  // One after the other in one matrix, so that the model is run once.
  const matrix = new Float32Array(all.length * features.length);
  for (const [at, { value }] of all.entries()) {
    const first = at * features.length;
    matrix.set(features, first);
    for (let cell = column; cell < features.length; cell += columns) matrix[first + cell] = value ?? Number.NaN;
  }
  if (all.length === 0) return [];
  const scored = await score(matrix, all.length * rows);
  const meanOf = (point: number): Pick<DependencePoint, 'mean' | 'means'> => {
    const sums = new Float64Array(width);
    for (let at = 0; at < rows * width; at++) sums[at % width]! += scored[point * rows * width + at]!;
    const means = Array.from(sums, (sum) => sum / rows);
    return { mean: means[0]!, ...(width > 1 && { means }) };
  };
  return all.map(({ value, rows: own }, point) => ({ value, ...meanOf(point), rows: own }));
}

interface GridPoint {
  readonly value: number;
  readonly rows: number;
}

function quantileGrid(sorted: Float64Array, points: number): GridPoint[] {
  const last = sorted.length - 1;
  if (last < 0) return [];
  const chosen = new Set<number>();
  for (let i = 0; i < points; i++) chosen.add(sorted[Math.round((i / (points - 1)) * last)]!);
  const grid = [...chosen];
  return grid.map((value, i) => {
    const next = grid[i + 1];
    return { value, rows: sorted.filter((each) => each >= value && (next === undefined || each < next)).length };
  });
}

function commonest(codes: Float64Array, points: number): GridPoint[] {
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts]
    .map(([value, rows]) => ({ value, rows }))
    .sort((a, b) => b.rows - a.rows || a.value - b.value)
    .slice(0, points);
}
