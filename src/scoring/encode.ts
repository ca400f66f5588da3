// Turns rows by column name into the float32 matrix that a model takes.
// Invariant: a value that the training did not know as a category is missing (NaN), never an error and never another category.
import { UnderstudyError } from '../domain/failures';
import type { ModelColumn, ModelSignature } from '../domain/training/training';

/** One row as a client or a query gives it; a column that is left out, null or undefined is missing. */
export type InputRow = Readonly<Record<string, unknown>>;

/** Rows → matrix, for one signature. The look-up tables of its categories are built once. */
export type RowEncoder = (rows: readonly InputRow[]) => Float32Array;

/**
 * Makes the encoder of a signature.
 * Numbers: a number, bigint or boolean (1, 0); NaN is missing. Categories: a string.
 * @returns a function that throws UnderstudyError `SIGNATURE_MISMATCH` naming row (from 0), column, what was found, what is allowed,
 * and one for a column that the signature does not have.
 */
export function rowEncoder(signature: ModelSignature): RowEncoder {
  const columns = signature.columns;
  const known = new Set(columns.map((column) => column.name));
  const encoders = columns.map(columnEncoder);
  return (rows) => {
    const matrix = new Float32Array(rows.length * columns.length);
    rows.forEach((row, index) => {
      for (const name in row) {
        if (!known.has(name))
          throw mismatch(index, name, 'a column that the model does not have', columns.map((c) => c.name).join(', '));
      }
      columns.forEach((column, position) => {
        const value = row[column.name];
        const code = value === null || value === undefined ? NaN : encoders[position]!(value);
        if (code === undefined) {
          throw mismatch(
            index,
            column.name,
            describe(value),
            column.kind === 'number' ? 'a number or null' : 'a string or null',
          );
        }
        matrix[index * columns.length + position] = code;
      });
    });
    return matrix;
  };
}

/** {@link rowEncoder} for rows that come once. */
export function encodeRows(signature: ModelSignature, rows: readonly InputRow[]): Float32Array {
  return rowEncoder(signature)(rows);
}

/** A value's float32 code; undefined: of a type that the column does not take. */
function columnEncoder(column: ModelColumn): (value: unknown) => number | undefined {
  if (column.kind === 'number') {
    return (value) => {
      if (typeof value === 'number') return value;
      return typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : undefined;
    };
  }
  const codes = new Map(column.categories.map((category, index) => [category, index]));
  return (value) => (typeof value === 'string' ? (codes.get(value) ?? NaN) : undefined);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? `the ${typeof value} ${value}` : `a ${typeof value}`;
}

function mismatch(row: number, column: string, found: string, allowed: string): UnderstudyError {
  return new UnderstudyError(
    'SIGNATURE_MISMATCH',
    `Row ${row}, column ${column}: found ${found}; allowed: ${allowed}.`,
    {
      row,
      column,
      found,
      allowed,
    },
  );
}
