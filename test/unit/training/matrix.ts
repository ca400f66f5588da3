// A training matrix of the made-up rows as the snapshot step writes it, in an artifact store.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { MEDIA_TYPES, type ArtifactRef } from '../../../src/domain/data/artifacts';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import { COLUMNS, trainingRows } from './rows';

/** Matrix and signature of `rows` rows; missing values as NULL. `label`: SQL of the label. */
export async function storeMatrix(
  artifacts: ArtifactStore,
  rows: number,
  label = '__label',
): Promise<{ readonly matrix: ArtifactRef; readonly signature: ArtifactRef }> {
  const { features, labels } = trainingRows(rows);
  const lines = Array.from(labels, (y, row) => {
    const values = [...features.subarray(row * COLUMNS.length, (row + 1) * COLUMNS.length)];
    return [`k${row}`, 15000 + (row % 30), y, ...values.map((value) => (Number.isNaN(value) ? '' : value))].join(',');
  });
  const folder = await artifacts.tempDir();
  writeFileSync(join(folder, 'm.csv'), ['__key,__day,__label,x,letter,pressure,constant', ...lines].join('\n'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `COPY (SELECT __key, __day::INT AS __day, (${label})::FLOAT AS __label, COLUMNS('^[^_]')::FLOAT FROM read_csv('${folder}/m.csv', header = true))
     TO '${folder}/m.parquet' (FORMAT parquet)`,
  );
  connection.closeSync();
  const matrix = await artifacts.putFile(join(folder, 'm.parquet'), MEDIA_TYPES.parquet, rows);
  rmSync(folder, { recursive: true });
  const signature = await artifacts.put(Buffer.from(JSON.stringify({ columns: COLUMNS })), MEDIA_TYPES.json);
  return { matrix, signature };
}
