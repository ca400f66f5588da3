// Where the rows of a feature partition lie: alone in a file of their own, or among those of many days in a file that was put together.
// Invariant: what is taken out of a compacted file has the bytes that the partition's own file had.
import type { Connection, Engine } from '../engine';
import { copyToParquet, quoteList, quoteName, quoteText } from '../sql-text';

/** The column of feature files with the row's day, as days since 1970-01-01. */
export const DAY = '__day';
/** The column of feature files with the instant that a row is for: its entity's event time (TIMESTAMP, UTC). */
export const EVENT_TIME = '__event_time';
/** Compacted files only: the key of the partition that a row belongs to. */
const PARTITION = '__partition';

/** A feature partition as a local file. */
export interface FeatureFile {
  readonly path: string;
  /** The partition's key in a file that holds many. Absent: the file holds this one alone. */
  readonly within?: string;
}

/** SQL of all rows of these partitions, in no order; columns are SQL over the files' columns. At least one file. */
export function featureRows(files: readonly FeatureFile[], columns: string): string {
  const own = files.flatMap(({ path, within }) => (within === undefined ? [path] : []));
  const compacted = files.filter(({ within }) => within !== undefined);
  const parts: string[] = [];
  if (own.length > 0) parts.push(`SELECT ${columns} FROM read_parquet(${quoteList([...new Set(own)])})`);
  if (compacted.length > 0) {
    const paths = quoteList([...new Set(compacted.map(({ path }) => path))]);
    const keys = compacted.map(({ within }) => quoteText(within!)).join(', ');
    parts.push(`SELECT ${columns} FROM read_parquet(${paths}) WHERE ${PARTITION} IN (${keys})`);
  }
  return parts.join(' UNION ALL ');
}

/**
 * Puts feature partitions of one version of a view into one Parquet file: rows by day, partition and key, with `__partition`.
 * @returns the number of rows.
 */
export async function compactFeatureFiles(
  engine: Engine,
  partitions: readonly { readonly key: string; readonly path: string }[],
  outPath: string,
): Promise<number> {
  return engine.task(async (connection) => {
    const names = await columnsOf(connection, partitions[0]!.path);
    const values = partitions.map(({ key, path }) => `(${quoteText(key)}, ${quoteText(path)})`).join(', ');
    const columns = names.map((name) => `t.${quoteName(name)}`).join(', ');
    const paths = quoteList([...new Set(partitions.map(({ path }) => path))]);
    await connection.run(
      copyToParquet(
        `SELECT p.${PARTITION}, ${columns} FROM read_parquet(${paths}, filename = '__file') t
         JOIN (VALUES ${values}) p(${PARTITION}, __file) ON t.__file = p.__file
         ORDER BY t.${DAY}, p.${PARTITION}, t.${quoteName(names[0]!)}`,
        outPath,
      ),
    );
    const [row] = await connection.rows(`SELECT count(*) AS n FROM read_parquet(${quoteText(outPath)})`);
    return Number(row!['n']);
  });
}

/** Writes one partition of a compacted file as the file that it was. */
export async function extractFeatureFile(
  engine: Engine,
  compacted: { readonly path: string; readonly within: string },
  outPath: string,
): Promise<void> {
  await engine.task(async (connection) => {
    const [, ...names] = await columnsOf(connection, compacted.path);
    const columns = names.map(quoteName).join(', ');
    const query = `SELECT ${columns} FROM read_parquet(${quoteText(compacted.path)}) WHERE ${PARTITION} = ${quoteText(compacted.within)} ORDER BY ${quoteName(names[0]!)}`;
    await connection.run(copyToParquet(query, outPath));
  });
}

/** In the file's order: the entity's key first, in a compacted file after `__partition`. */
async function columnsOf(connection: Connection, path: string): Promise<string[]> {
  return (await connection.columns(`SELECT * FROM read_parquet(${quoteText(path)})`)).map(({ name }) => name);
}
