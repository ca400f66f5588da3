// Compares an ONNX model with the native model that it was made from, on the sample that the trainer wrote.
import { DuckDBInstance } from '@duckdb/node-api';
import { UnderstudyError } from '../domain/failures';
import { nativeColumns, recordedTarget } from '../domain/evaluation/task';
import type { ModelSignature } from '../domain/training/training';
import type { OpenModel } from './session';
import { scaleOf } from './value-scale';

/**
 * The largest difference of two probabilities that counts as the same. Of two values of a `regression`: this times the largest of 1, the standard
 * deviation of the training labels, and the value itself, since float32 keeps seven digits of whatever unit the label has.
 */
export const PARITY_TOLERANCE = 1e-5;
export interface ParityCheck {
  readonly rows: number;
  /** In units of the largest of 1, the labels' standard deviation and the value, where the task is `regression`. */
  readonly maxDifference: number;
  /** False also when there is no row, or a prediction is not a number: no evidence is no parity. */
  readonly passed: boolean;
}

/**
 * Scores the sample's rows and compares.
 * @param parityPath Parquet with the signature's columns and those of {@link nativeColumns}.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` when the sample does not have these columns.
 */
export async function checkParity(
  model: OpenModel,
  parityPath: string,
  signature: ModelSignature,
): Promise<ParityCheck> {
  const target = recordedTarget(signature);
  const { rows, matrix, native } = await readSample(parityPath, signature, nativeColumns(target));
  const scored = await model.score(matrix, rows);
  const scale = scaleOf(signature);
  let maxDifference = 0;
  native.forEach((expected, at) => {
    const difference = Math.abs((scored[at] ?? NaN) - expected) / scale(expected);
    if (!(difference <= maxDifference)) maxDifference = Number.isNaN(difference) ? Infinity : difference;
  });
  return { rows, maxDifference, passed: rows > 0 && maxDifference <= PARITY_TOLERANCE };
}

async function readSample(
  path: string,
  signature: ModelSignature,
  predictions: readonly string[],
): Promise<{ rows: number; matrix: Float32Array; native: Float64Array }> {
  const names = [...signature.columns.map((column) => column.name), ...predictions];
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const file = `read_parquet('${path.replaceAll("'", "''")}')`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${file}`);
    const present = new Set(described.getRows().map(([name]) => name));
    const absent = names.find((name) => !present.has(name));
    if (absent !== undefined) {
      throw new UnderstudyError(
        'SIGNATURE_MISMATCH',
        `The parity sample has no column ${absent}; it has ${[...present].join(', ')}.`,
        {
          column: absent,
        },
      );
    }
    const list = names.map((name) => `"${name.replaceAll('"', '""')}"::DOUBLE`).join(', ');
    const columns = (await connection.runAndReadAll(`SELECT ${list} FROM ${file}`)).getColumns() as (number | null)[][];
    const rows = columns[0]?.length ?? 0;
    const width = columns.length - predictions.length;
    const matrix = new Float32Array(rows * width);
    const native = new Float64Array(rows * predictions.length);
    columns.forEach((values, position) =>
      values.forEach((value, row) => {
        if (position < width) matrix[row * width + position] = value ?? NaN;
        else native[row * predictions.length + position - width] = value ?? NaN;
      }),
    );
    return { rows, matrix, native };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
