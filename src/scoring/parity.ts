// Compares an ONNX model with the native model that it was made from, on the sample that the trainer wrote.
import { DuckDBInstance } from '@duckdb/node-api';
import { UnderstudyError } from '../domain/failures';
import type { ModelSignature } from '../domain/training';
import type { OpenModel } from './session';

/** The largest difference of two probabilities that counts as the same. */
export const PARITY_TOLERANCE = 1e-5;
/** The trainer's column with the native model's probability. */
const NATIVE = '__native';

export interface ParityCheck {
  readonly rows: number;
  readonly maxDifference: number;
  /** False also when there is no row, or a probability is not a number: no evidence is no parity. */
  readonly passed: boolean;
}

/**
 * Scores the sample's rows and compares.
 * @param parityPath Parquet with the signature's columns and `__native`.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` when the sample does not have these columns.
 */
export async function checkParity(
  model: OpenModel,
  parityPath: string,
  signature: ModelSignature,
): Promise<ParityCheck> {
  const { matrix, native } = await readSample(parityPath, signature);
  const scored = await model.score(matrix, native.length);
  let maxDifference = 0;
  native.forEach((expected, row) => {
    const difference = Math.abs((scored[row] ?? NaN) - expected);
    if (!(difference <= maxDifference)) maxDifference = Number.isNaN(difference) ? Infinity : difference;
  });
  return { rows: native.length, maxDifference, passed: native.length > 0 && maxDifference <= PARITY_TOLERANCE };
}

async function readSample(
  path: string,
  signature: ModelSignature,
): Promise<{ matrix: Float32Array; native: number[] }> {
  const names = [...signature.columns.map((column) => column.name), NATIVE];
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
    const native = (columns.pop() ?? []).map((value) => value ?? NaN);
    const matrix = new Float32Array(native.length * columns.length);
    columns.forEach((values, position) =>
      values.forEach((value, row) => {
        matrix[row * columns.length + position] = value ?? NaN;
      }),
    );
    return { matrix, native };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
