// A matrix in other category codes: the same rows in the same order, for a model that goes on from another one's coding.
// Invariant: only the codes of categories change, and equal inputs give equal bytes.
import { UnderstudyError } from '../../domain/failures';
import {
  MATRIX_DAY,
  MATRIX_KEY,
  MATRIX_LABEL,
  type ModelColumn,
  type ModelSignature,
} from '../../domain/training/training';
import type { Engine } from '../engine';
import { copyToParquet, quoteName, quoteText } from '../sql-text';

/**
 * Writes the matrix at `path`, coded by `from`, to `outPath`, coded by `to`, which has the same columns and all categories of `from`.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` when it has not.
 */
export function recodeMatrix(
  engine: Engine,
  request: {
    readonly path: string;
    readonly from: ModelSignature;
    readonly to: ModelSignature;
    readonly outPath: string;
  },
): Promise<void> {
  const { path, from, to, outPath } = request;
  const columns = to.columns.map((column, index) => recoded(from.columns[index], column));
  const select = [MATRIX_KEY, MATRIX_DAY, MATRIX_LABEL, ...columns].join(', ');
  const query = `SELECT ${select} FROM read_parquet(${quoteText(path)}) ORDER BY ${MATRIX_DAY}, ${MATRIX_KEY}`;
  return engine.task((connection) => connection.run(copyToParquet(query, outPath)));
}

function recoded(before: ModelColumn | undefined, column: ModelColumn): string {
  const name = quoteName(column.name);
  if (before?.name !== column.name || before.kind !== column.kind) throw mismatch(column.name, 'is another column');
  if (column.kind === 'number' || before.kind === 'number') return name;
  const codes = before.categories.map((category) => column.categories.indexOf(category));
  const lost = before.categories.find((_, index) => codes[index]! < 0);
  if (lost !== undefined) throw mismatch(column.name, `has no code for "${lost}"`);
  if (codes.every((code, index) => code === index)) return name;
  return `CAST(list_extract([${codes.join(', ')}], CAST(${name} AS INTEGER) + 1) AS FLOAT) AS ${name}`;
}

function mismatch(column: string, what: string): UnderstudyError {
  return new UnderstudyError('SIGNATURE_MISMATCH', `column ${column} of the wanted coding ${what}`, { column });
}
