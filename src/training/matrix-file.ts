// Reads a training matrix and writes a parity sample, both Parquet, by DuckDB.
// Invariant: a missing value is NaN here, whatever the file's way to say so; rows keep the file's order.
import { DOUBLE, DuckDBInstance, FLOAT, type DuckDBConnection, type DuckDBFloatVector } from '@duckdb/node-api';
import { UnderstudyError } from '../domain/failures';
import type { Target } from '../domain/evaluation/task';
import { MATRIX_DAY, MATRIX_LABEL, MATRIX_WEIGHT, type ModelSignature } from '../domain/training/training';

/** Training rows: features row by row in the signature's column order. */
export interface TrainingMatrix {
  readonly rows: number;
  readonly features: Float32Array;
  readonly labels: Float32Array;
  /** How much each row counts; absent: all the same. */
  readonly weights?: Float32Array;
}

/** The day of each row of a training matrix, in the file's order: days since 1970-01-01. */
export async function readDays(path: string, threads: number): Promise<Int32Array> {
  return withDuckDB(threads, async (connection) => {
    const query = `SELECT ${MATRIX_DAY}::INTEGER FROM read_parquet('${path.replaceAll("'", "''")}')`;
    return Int32Array.from((await connection.runAndReadAll(query)).getColumns()[0] ?? [], Number);
  });
}

/**
 * Reads the rows of a training matrix.
 * @throws UnderstudyError `TRAINING_FAILED` for a missing column, a label that is none of the target's, or an infinite value.
 */
export async function readMatrix(
  path: string,
  signature: ModelSignature,
  threads: number,
  target: Target,
): Promise<TrainingMatrix> {
  const names = [MATRIX_LABEL, ...signature.columns.map((column) => column.name)];
  return withDuckDB(threads, async (connection) => {
    const file = `read_parquet('${path.replaceAll("'", "''")}')`;
    const present = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${file}`))
      .getRows()
      .map(([name]) => String(name));
    const absent = names.find((name) => !present.includes(name));
    if (absent !== undefined)
      throw failed(`The training matrix has no column ${absent}; it has ${present.join(', ')}.`);
    const rows = Number((await connection.runAndReadAll(`SELECT count(*) FROM ${file}`)).getRows()[0]![0]);
    const width = signature.columns.length;
    const features = new Float32Array(rows * width);
    const labels = new Float32Array(rows);
    const weights = present.includes(MATRIX_WEIGHT) ? new Float32Array(rows) : undefined;
    const list = [...names, ...(weights ? [MATRIX_WEIGHT] : [])].map((name) => `${quoted(name)}::FLOAT`).join(', ');
    const result = await connection.stream(`SELECT ${list} FROM ${file}`);
    let first = 0;
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (let position = 0; position < chunk.columnCount; position++) {
        const vector = chunk.getColumnVector(position) as DuckDBFloatVector;
        for (let row = 0; row < chunk.rowCount; row++) {
          const value = vector.getItem(row) ?? NaN;
          if (position === 0) labels[first + row] = value;
          else if (position > width) weights![first + row] = value || 0;
          else features[(first + row) * width + position - 1] = value;
        }
      }
      first += chunk.rowCount;
    }
    const { holds, allowed } = labelRule(target);
    const label = labels.find((value) => !holds(value));
    if (label !== undefined)
      throw failed(`The training matrix has a ${MATRIX_LABEL} of ${label}; allowed are ${allowed}.`);
    const infinite = features.findIndex((value) => value === Infinity || value === -Infinity);
    if (infinite >= 0) {
      const name = names[1 + (infinite % width)]!;
      throw failed(
        `Row ${Math.floor(infinite / width)} of the training matrix has an infinite ${name}; a number or NULL is allowed.`,
      );
    }
    if (!weights) return { rows, features, labels };
    if (!weights.some((weight) => weight > 0)) throw failed('All training rows have the weight 0.');
    return { rows, features, labels, weights };
  });
}

function labelRule({ task, classes = [] }: Target): { holds: (label: number) => boolean; allowed: string } {
  switch (task) {
    case 'binary':
      return { holds: (label) => label === 0 || label === 1, allowed: '0 and 1' };
    case 'multiclass': {
      const last = classes.length - 1;
      return { holds: (label) => Number.isInteger(label) && label >= 0 && label <= last, allowed: `0 to ${last}` };
    }
    case 'regression':
      return { holds: (label) => Number.isFinite(label), allowed: 'finite numbers' };
  }
}

/** Writes sample rows and the native model's predictions of each: columns of double, their values row by row. */
export async function writeParity(
  path: string,
  signature: ModelSignature,
  sample: Float32Array,
  native: { readonly columns: readonly string[]; readonly values: Float64Array },
): Promise<void> {
  const names = signature.columns.map((column) => column.name);
  await withDuckDB(1, async (connection) => {
    await connection.run(
      `CREATE TABLE sample (${names.map((name) => `${quoted(name)} FLOAT`).join(', ')}, ${native.columns.map((name) => `${name} DOUBLE`).join(', ')})`,
    );
    const appender = await connection.createAppender('sample');
    const width = native.columns.length;
    for (let row = 0; row < native.values.length / width; row++) {
      for (let position = 0; position < names.length; position++) {
        appender.appendValue(sample[row * names.length + position]!, FLOAT);
      }
      for (let k = 0; k < width; k++) appender.appendValue(native.values[row * width + k]!, DOUBLE);
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(`COPY sample TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`);
  });
}

async function withDuckDB<T>(threads: number, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function failed(message: string): UnderstudyError {
  return new UnderstudyError('TRAINING_FAILED', message);
}
