// The rows that versions are judged on, with the groups that they fall into. Invariant: every version is judged on the same ones (invariant 5).
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import { recordedTarget, type LabelStatistics, type Target } from '../../domain/evaluation/task';
import type { ModelSignature } from '../../domain/training/training';
import type { MatrixRows } from '../../data/snapshot/read-matrix';
import type { Matrices } from '../snapshots/matrices';

/** The sets of a snapshot that versions are judged on. */
export type JudgedSet = 'holdout' | 'truth';

/** Labelled rows in the order of the snapshot's matrix. */
export interface JudgedRows extends Pick<MatrixRows, 'rows' | 'labels' | 'days'>, Partial<Pick<MatrixRows, 'keys'>> {
  /** How much each row counts; absent: every row the same. */
  readonly weights?: Float32Array | undefined;
  /** A category feature of each row, null where it is missing; null: the snapshot has no such category. */
  category(name: string): (string | null)[] | null;
  /** What their labels are. */
  readonly target: Target;
  /** Of the training rows of the same snapshot; absent for `binary`. */
  readonly trained?: LabelStatistics | undefined;
}

/**
 * Reads the rows of one set.
 * @param isWeighted whether they count by the weights that their labels have; fails with SIGNATURE_MISMATCH where the snapshot has none.
 */
export async function judgedRows(
  matrices: Matrices,
  snapshot: SnapshotRef,
  set: JudgedSet,
  isWeighted: boolean,
): Promise<JudgedRows> {
  const coding = await matrices.signature(snapshot.signature);
  const matrix = await matrices.read(snapshot[set], coding);
  const rows = withCategories(matrix, coding);
  return isWeighted ? { ...rows, weights: requireWeights(matrix, snapshot) } : rows;
}

/** The weights of rows. Fails with SIGNATURE_MISMATCH where they have none. */
export function requireWeights(
  { weights }: Pick<MatrixRows, 'weights'>,
  { id }: Pick<SnapshotRef, 'id'>,
): Float32Array {
  if (weights) return weights;
  throw new UnderstudyError(
    'SIGNATURE_MISMATCH',
    `evaluation.weighted: found rows without weights in snapshot ${id}, which was fixed before the definition had label.weight; ` +
      'allowed is a snapshot that was fixed since',
    { snapshot: id },
  );
}

/** Rows that count: all, or those of a weight above 0. */
export function countOf({ rows, weights }: Pick<JudgedRows, 'rows' | 'weights'>): number {
  return weights === undefined ? rows : weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
}

/** Days of the rows that count. */
export function daysOf({ days, weights }: Pick<JudgedRows, 'days' | 'weights'>): number {
  return new Set(weights === undefined ? days : days.filter((_, row) => weights[row]! > 0)).size;
}

/** The rows of a matrix, whose categories are looked up in its coding. */
export function withCategories(matrix: MatrixRows, coding: ModelSignature): JudgedRows {
  const { rows, labels, days, keys, features } = matrix;
  const width = coding.columns.length;
  return {
    rows,
    labels,
    days,
    keys,
    target: recordedTarget(coding),
    trained: coding.labels,
    category(name) {
      const index = coding.columns.findIndex((column) => column.name === name);
      const column = coding.columns[index];
      if (column?.kind !== 'category') return null;
      return Array.from({ length: rows }, (_, row) => column.categories[features[row * width + index]!] ?? null);
    },
  };
}

/** A slice with its row numbers: `carrier = AA`. */
export interface Slice {
  readonly column: string;
  readonly value: string | null;
  readonly name: string;
  readonly rows: readonly number[];
  readonly days: number;
}

/**
 * The slices of the rows by some columns, and those that are too small to be judged: fewer than `minRows` rows, or all of one day.
 * A column that the snapshot does not have is named among them.
 */
export function slicesOf(
  rows: JudgedRows,
  columns: readonly string[],
  minRows: number,
): { readonly slices: readonly Slice[]; readonly tooSmall: readonly string[] } {
  const slices: Slice[] = [];
  const tooSmall: string[] = [];
  for (const column of columns) {
    const groups = rows.category(column);
    if (groups === null) tooSmall.push(`slices by ${column}: the snapshot has no such category`);
    const byValue = new Map<string | null, number[]>();
    groups?.forEach((value, row) => {
      if (rows.weights?.[row] === 0) return;
      const members = byValue.get(value);
      if (members) members.push(row);
      else byValue.set(value, [row]);
    });
    for (const [value, members] of byValue) {
      const name = `${column} ${value === null ? 'is missing' : `= ${value}`}`;
      const days = new Set(members.map((row) => rows.days[row]!)).size;
      if (members.length >= minRows && days >= 2) slices.push({ column, value, name, rows: members, days });
      else
        tooSmall.push(`where ${name}: ${members.length} rows of ${days} days, needed are ${minRows} rows and 2 days`);
    }
  }
  return { slices, tooSmall };
}
