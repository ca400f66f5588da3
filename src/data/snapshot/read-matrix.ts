// Reads matrices back into typed arrays, chunk by chunk, for scoring and for trainers in TypeScript.
import {
  MATRIX_DAY,
  MATRIX_KEY,
  MATRIX_LABEL,
  MATRIX_WEIGHT,
  type ModelSignature,
} from '../../domain/training/training';
import { UnderstudyError } from '../../domain/failures';
import { firstLine, type Engine } from '../engine';
import { quoteName, quoteText } from '../sql-text';

export interface MatrixRows {
  readonly rows: number;
  /** Row by row, in the signature's column order; NaN for missing. */
  readonly features: Float32Array;
  /** 0 or 1. */
  readonly labels: Float32Array;
  /** Days since 1970-01-01. */
  readonly days: Int32Array;
  readonly keys: readonly string[];
  /** From 0; absent where the definition that the rows were made by has no `label.weight`. */
  readonly weights?: Float32Array;
}

/**
 * All rows of a matrix.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` when the file lacks a column of the signature.
 */
export function readMatrix(engine: Engine, path: string, signature: ModelSignature): Promise<MatrixRows> {
  return engine.task(async (connection) => {
    const file = `read_parquet(${quoteText(path)})`;
    const width = signature.columns.length;
    const columns = signature.columns.map(({ name }) => `coalesce(${quoteName(name)}, 'NaN'::FLOAT)`);
    const { rows, query, isWeighted } = await mismatch(path, async () => {
      const present = await connection.columns(`SELECT * FROM ${file}`);
      const isWeighted = present.some(({ name }) => name === MATRIX_WEIGHT);
      const read = [MATRIX_KEY, MATRIX_DAY, MATRIX_LABEL, ...columns, ...(isWeighted ? [MATRIX_WEIGHT] : [])];
      const query = `SELECT ${read.join(', ')} FROM ${file}`;
      const [count] = await connection.rows(`SELECT count(*) AS n FROM ${file}`);
      await connection.columns(query);
      return { rows: Number(count!['n']), query, isWeighted };
    });
    const features = new Float32Array(rows * width);
    const labels = new Float32Array(rows);
    const days = new Int32Array(rows);
    const keys = new Array<string>(rows);
    const weights = isWeighted ? new Float32Array(rows) : undefined;
    let start = 0;
    await connection.chunks(query, ({ rows: count, vectors }) => {
      const [key, day, label, ...values] = vectors;
      const weight = weights && values.pop();
      for (let i = 0; i < count; i++) {
        keys[start + i] = key!.getItem(i) as string;
        days[start + i] = day!.getItem(i) as number;
        labels[start + i] = label!.getItem(i) as number;
        if (weights) weights[start + i] = weight!.getItem(i) as number;
      }
      values.forEach((vector, column) => {
        for (let i = 0, at = start * width + column; i < count; i++, at += width)
          features[at] = vector.getItem(i) as number;
      });
      start += count;
    });
    return { rows, features, labels, days, keys, ...(weights && { weights }) };
  });
}

/**
 * The labels of a matrix, in the order of its rows.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` when the file has none.
 */
export async function readLabels(engine: Engine, path: string): Promise<Float32Array> {
  const { [MATRIX_LABEL]: labels } = await readColumns(engine, path, [MATRIX_LABEL]);
  return Float32Array.from(labels!);
}

/**
 * Some columns of a Parquet file as they are stored, by name: numbers with NaN for missing. Categories of a matrix come as codes,
 * to be looked up in the signature.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` when the file lacks a column, or one is not numeric.
 */
export function readColumns(
  engine: Engine,
  path: string,
  names: readonly string[],
): Promise<Record<string, Float64Array>> {
  return engine.task(async (connection) => {
    const file = `read_parquet(${quoteText(path)})`;
    if (names.length === 0) return {};
    const columns = names.map((name) => `coalesce(CAST(${quoteName(name)} AS DOUBLE), 'NaN'::DOUBLE)`);
    const query = `SELECT ${columns.join(', ')} FROM ${file}`;
    const rows = await mismatch(path, async () => {
      const [count] = await connection.rows(`SELECT count(*) AS n FROM ${file}`);
      await connection.columns(query);
      return Number(count!['n']);
    });
    const arrays = names.map(() => new Float64Array(rows));
    let start = 0;
    await connection.chunks(query, ({ rows: count, vectors }) => {
      vectors.forEach((vector, column) => {
        const target = arrays[column]!;
        for (let i = 0; i < count; i++) target[start + i] = vector.getItem(i) as number;
      });
      start += count;
    });
    return Object.fromEntries(names.map((name, i) => [name, arrays[i]!]));
  });
}

/** A category column of a matrix as its values, null for missing; `null` codes stay null. */
export async function readCategoryColumn(
  engine: Engine,
  path: string,
  signature: ModelSignature,
  name: string,
): Promise<(string | null)[]> {
  const column = signature.columns.find((candidate) => candidate.name === name);
  if (column?.kind !== 'category') {
    const allowed = signature.columns.filter(({ kind }) => kind === 'category').map((c) => c.name);
    const message = `slice by ${name}: the model has no such category (found: ${column?.kind ?? 'no such column'}; allowed: ${allowed.join(', ')})`;
    throw new UnderstudyError('SIGNATURE_MISMATCH', message, { column: name });
  }
  const codes = (await readColumns(engine, path, [name]))[name]!;
  return Array.from(codes, (code) => (Number.isNaN(code) ? null : (column.categories[code] ?? null)));
}

async function mismatch<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UnderstudyError('SIGNATURE_MISMATCH', `matrix ${path}: ${firstLine(error)}`, { path }, { cause: error });
  }
}
