// Sorts the rows of readable files into one Parquet file of text for each day.
// Small deliveries go through a temporary table; large ones are staged as Parquet on disk, because DuckDB's tables in memory are not compressed.
import { join } from 'node:path';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import { missingColumnIn, missingColumnMessage } from '../check/columns';
import { messageOf, modelSql, refuseToBlame, type Connection } from '../engine';
import { copyToParquet, quoteName, quoteText } from '../sql-text';
import { FILE } from './header';
import { LINE } from './numbered-text';
import { blamingFile, unreadable } from './raw-file';
import type { ReadableFile } from './readable';

/** The raw rows of one day: text columns (missing values NULL), {@link LINE}, of several files {@link FILE}; in file order. */
export interface SplitDay {
  readonly day: Day;
  readonly path: string;
  readonly rows: number;
}

export interface SplitJob {
  readonly connection: Connection;
  readonly files: readonly ReadableFile[];
  readonly workDir: string;
  readonly outDir: string;
}

/** Above this much text (or, of Parquet, this many rows) rows are staged on disk. */
const STAGED_BYTES = 64 * 1024 * 1024;
const STAGED_ROWS = 500_000;
const DAY = '__day';
/** Position of a row's file in the delivery. */
const FILE_INDEX = '__file_index';

/** Writes all rows as those of one day, straight from the files. */
export async function oneDay(job: SplitJob, day: Day): Promise<SplitDay[]> {
  const { connection, files, outDir } = job;
  const columns = columnsOf(files);
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const path = join(outDir, `${day}.parquet`);
  const query = `SELECT ${outputColumns(files, columns)} FROM (${union(files, columns, 'NULL')})`;
  await reading(files, () => connection.run(copyToParquet(query, path, metadataOf(files))));
  return [{ day, path, rows }];
}

/** Writes the rows of each day that `partitionBy` gives, in day order. */
export async function splitByDay(job: SplitJob, partitionBy: string): Promise<SplitDay[]> {
  const { connection, files } = job;
  const columns = columnsOf(files);
  await requireGoodSql(connection, files, partitionBy);
  const rows = union(files, columns, `TRY_CAST(TRY(${partitionBy}) AS DATE)`);
  const staged = await stage(job, rows);
  await refuseRowsWithoutDay(job, staged, columns, partitionBy);
  const days = await connection.rows(
    `SELECT CAST(${DAY} AS VARCHAR) AS day, count(*) AS rows FROM ${staged} GROUP BY ${DAY} ORDER BY ${DAY}`,
  );
  const written: SplitDay[] = [];
  for (const row of days) {
    const day = String(row['day']);
    const path = join(job.outDir, `${day}.parquet`);
    const query = `SELECT ${outputColumns(files, columns)} FROM ${staged} WHERE ${DAY} = DATE ${quoteText(day)}`;
    await connection.run(copyToParquet(query, path, metadataOf(files)));
    written.push({ day, path, rows: Number(row['rows']) });
  }
  return written;
}

/** Rows by day and place in the delivery, as something to select from. */
async function stage({ connection, files, workDir }: SplitJob, rows: string): Promise<string> {
  const order = `ORDER BY ${DAY}, ${FILE_INDEX}, ${LINE}`;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const count = files.reduce((sum, file) => sum + (file.types ? file.rows : 0), 0);
  if (bytes <= STAGED_BYTES && count <= STAGED_ROWS) {
    await reading(files, () => connection.run(`CREATE TEMP TABLE staged AS SELECT * FROM (${rows}) ${order}`));
    return 'staged';
  }
  const asDelivered = join(workDir, 'staged.parquet');
  await reading(files, () => connection.run(stagedCopy(rows, asDelivered)));
  const delivered = `read_parquet(${quoteText(asDelivered)})`;
  const [unsorted] = await connection.rows(
    `SELECT coalesce(bool_or(${DAY} < before), false) AS found FROM (SELECT ${DAY}, lag(${DAY}) OVER () AS before FROM ${delivered})`,
  );
  if (unsorted!['found'] === false) return delivered;
  const sorted = join(workDir, 'sorted.parquet');
  await connection.run(stagedCopy(`SELECT * FROM ${delivered} ${order}`, sorted));
  return `read_parquet(${quoteText(sorted)})`;
}

function stagedCopy(query: string, path: string): string {
  return `COPY (${query}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440)`;
}

/** Union of all files' columns; a file's missing ones (JSON Lines) are NULL. */
function columnsOf(files: readonly ReadableFile[]): string[] {
  return [...new Set(files.flatMap((file) => file.columns))];
}

function union(files: readonly ReadableFile[], columns: readonly string[], day: string): string {
  const parts = files.map((file, index) => {
    const texts = columns.map(
      (name) => `${file.columns.includes(name) ? file.text(name) : 'CAST(NULL AS VARCHAR)'} AS ${quoteName(name)}`,
    );
    const place = [LINE, `${quoteText(file.name)} AS ${FILE}`, `${index} AS ${FILE_INDEX}`];
    // The day is made of the columns as they came, so it must not see their texts under the same names.
    return `SELECT ${[...place, ...texts, DAY].join(', ')} FROM (SELECT *, ${day} AS ${DAY} FROM (${file.query}))`;
  });
  return parts.join(' UNION ALL ');
}

function outputColumns(files: readonly ReadableFile[], columns: readonly string[]): string {
  return [LINE, ...(files.length > 1 ? [FILE] : []), ...columns.map(quoteName)].join(', ');
}

/** What a typed source says of its columns; later files win where they differ. */
function metadataOf(files: readonly ReadableFile[]): Record<string, string> {
  const typed = files.flatMap((file) => (file.types ? [file.types] : []));
  return typed.length === 0 ? {} : { source_types: JSON.stringify(Object.assign({}, ...typed)) };
}

async function requireGoodSql(
  connection: Connection,
  files: readonly ReadableFile[],
  partitionBy: string,
): Promise<void> {
  for (const file of files.filter((each) => each.columns.length > 0)) {
    try {
      const query = `SELECT ${partitionBy} FROM (${file.query})`;
      await modelSql(`source.partitionBy (${partitionBy})`, () => connection.columns(query));
    } catch (error) {
      const missing = missingColumnIn(error);
      if (!missing) throw error;
      const message = missingColumnMessage(file.name, [missing], file.columns, []);
      throw new UnderstudyError('SOURCE_UNREADABLE', message, { file: file.name, line: 1, column: missing });
    }
  }
}

/** Damage of several Parquet files in one statement: each is read alone to find the one. */
async function reading(files: readonly ReadableFile[], work: () => Promise<void>): Promise<void> {
  const file = files[0]!;
  const named = { path: /'([^']+[.](?:parquet|csv))'/.exec(file.query)?.[1] ?? file.name, name: file.name };
  if (files.length === 1) return blamingFile(named, file.types ? 'Parquet' : 'text', work);
  try {
    await work();
  } catch (error) {
    refuseToBlame(error, files.map((each) => each.name).join(', '));
    const bad = files.find((each) => messageOf(error).includes(each.name)) ?? file;
    throw await blamingFile({ path: bad.name, name: bad.name }, bad.types ? 'Parquet' : 'text', () =>
      Promise.reject(error as Error),
    ).catch((failure: unknown) => failure);
  }
}

async function refuseRowsWithoutDay(
  { connection, files }: SplitJob,
  staged: string,
  columns: readonly string[],
  partitionBy: string,
): Promise<void> {
  const [count] = await connection.rows(`SELECT count(*) AS n FROM ${staged} WHERE ${DAY} IS NULL`);
  if (Number(count!['n']) === 0) return;
  const values = columns.map((name) => `coalesce(${quoteName(name)}, 'NULL')`).join(', ');
  const [bad] = await connection.rows(`
    SELECT ${LINE} AS line, ${FILE_INDEX} AS file, left(concat_ws(',', ${values}), 200) AS found
    FROM ${staged} WHERE ${DAY} IS NULL ORDER BY ${FILE_INDEX}, ${LINE} LIMIT 1`);
  const file = files[Number(bad!['file'])]!;
  throw unreadable(file.name, {
    [file.unit]: Number(bad!['line']),
    what: `no day for this row and ${Number(count!['n']) - 1} more`,
    found: `"${String(bad!['found'])}"`,
    allowed: `rows for which ${partitionBy} is a date`,
  });
}
