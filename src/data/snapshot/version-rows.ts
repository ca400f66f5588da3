// The rows of a snapshot with the features of other views than its own: what a version with views of its own is evaluated on.
// Invariant: one row for each row of the matrix, in its order; a row without features is an error, never a missing value.
import { MATRIX_DAY, MATRIX_KEY, type ModelSignature } from '../../domain/training/training';
import { UnderstudyError } from '../../domain/failures';
import { DAY, featureRows, type FeatureFile } from '../derive/feature-files';
import type { Engine } from '../engine';
import { quoteName, quoteText } from '../sql-text';
import { coded, type MatrixLayout } from './matrix';

/** See {@link readVersionRows}. */
export interface VersionRowsRequest {
  /** A matrix of the snapshot: which rows, in which order. */
  readonly matrixPath: string;
  readonly entityKey: string;
  /** Views that have all columns of the signature. */
  readonly views: MatrixLayout['features'];
  /** View → its features for the days of the matrix. */
  readonly featureFiles: Readonly<Record<string, readonly FeatureFile[]>>;
  /** Columns and category codes of the result. */
  readonly signature: ModelSignature;
}

/**
 * Features row by row as float32, NaN for missing; a category that the signature does not know is missing.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` when no view has a column; `INTERNAL` when a row of the matrix has no features.
 */
export function readVersionRows(engine: Engine, request: VersionRowsRequest): Promise<Float32Array> {
  const { matrixPath, entityKey, views, featureFiles, signature } = request;
  const key = quoteName(entityKey);
  const used = views.filter(({ features }) => signature.columns.some(({ name }) => features[name] !== undefined));
  const raw = signature.columns.map(({ name, kind }) => {
    const at = used.findIndex(({ features }) => features[name] === kind);
    if (at < 0) throw new UnderstudyError('SIGNATURE_MISMATCH', `column ${name} (${kind}) is in no feature view`);
    const value = `v${at}.${quoteName(name)}`;
    return `${kind === 'number' ? `TRY_CAST(${value} AS FLOAT)` : value} AS ${quoteName(name)}`;
  });
  const joins = used.map((view, at) => {
    const names = [DAY, key, ...Object.keys(view.features).map(quoteName)].join(', ');
    return `JOIN (${featureRows(featureFiles[view.name] ?? [], names)}) v${at} ON v${at}.${DAY} = m.${MATRIX_DAY} AND v${at}.${key} = m.${MATRIX_KEY}`;
  });
  const matrix = `read_parquet(${quoteText(matrixPath)}, file_row_number = true)`;
  const codes = signature.columns.map(coded).join(', ');
  const columns = signature.columns.map(({ name }) => `coalesce(${quoteName(name)}, 'NaN'::FLOAT)`).join(', ');
  const width = signature.columns.length;
  return engine.task(async (connection) => {
    const [count] = await connection.rows(`SELECT count(*) AS n FROM read_parquet(${quoteText(matrixPath)})`);
    const rows = Number(count!['n']);
    const result = new Float32Array(rows * width);
    if (rows === 0) return result;
    await connection.run(
      `CREATE TEMP TABLE version_rows AS SELECT m.file_row_number AS __row, ${raw.join(', ')} FROM ${matrix} m ${joins.join(' ')}`,
    );
    let at = 0;
    const query = `SELECT ${columns} FROM (SELECT __row, ${codes} FROM version_rows) ORDER BY __row`;
    await connection.chunks(query, (chunk) => {
      for (let row = 0; row < chunk.rows; row++)
        for (const vector of chunk.vectors) result[at++] = vector.getItem(row) as number;
    });
    if (at === rows * width) return result;
    const message = `${at / width} of ${rows} rows of the snapshot have features in the version's own views; allowed: all`;
    throw new UnderstudyError('INTERNAL', message);
  });
}
