// Reads a raw file of one or many days once, as text, and writes the rows of each day as one Parquet file.
// Invariant: no row is lost or changed, and each keeps its line number in the file (`__line`; the header is line 1).
import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { FileSourcePlan } from '../../domain/plan';
import { missingColumnIn, missingColumnMessage } from '../check/columns';
import { firstLine, messageOf, modelSql, refuseToBlame, type Connection, type Engine } from '../engine';
import { unpackRawText, type LineShift } from './raw-text';
import { copyToParquet, quoteName, quoteText } from '../sql-text';

/** The column that every split file has besides the raw ones: line number (BIGINT) in the raw file. */
export const LINE = '__line';

export interface SplitRequest {
  /** A csv or csv.gz file. */
  readonly path: string;
  readonly source: Pick<FileSourcePlan, 'nullText' | 'partitionBy'>;
  /** An existing directory for the Parquet files. */
  readonly outDir: string;
  /** How messages call the file; default: the last part of `path`. */
  readonly fileName?: string;
}

/** The raw rows of one day: text columns of the file (the source's null text is NULL) and {@link LINE}, in file order. */
export interface SplitDay {
  readonly day: Day;
  readonly path: string;
  readonly rows: number;
}

/**
 * Splits a raw file by day, in day order; a file with only a header gives no days. Equal files give equal bytes.
 * What it gives depends on the file, `nullText` and `partitionBy` only, so tables that agree in these can share one split.
 * @throws UnderstudyError `SOURCE_NOT_FOUND`; `SOURCE_UNREADABLE` for a file that is damaged or has a row without a day, naming
 * file, line, what was found and what is allowed; `MODEL_CODE_FAILED` when `partitionBy` is not valid SQL.
 */
export async function splitRawFile(engine: Engine, request: SplitRequest): Promise<SplitDay[]> {
  const fileName = request.fileName ?? basename(request.path);
  const workDir = await mkdtemp(join(request.outDir, 'unpack-'));
  try {
    const plainPath = join(workDir, 'raw.csv');
    const raw = await unpackRawText(request.path, plainPath, fileName);
    if (raw.records === 0) return [];
    return await engine.task(async (connection) => {
      await readText(connection, plainPath, raw.header, request.source.nullText, fileName);
      const partitionBy = request.source.partitionBy ?? 'NULL';
      await addDays(connection, partitionBy, raw.header, fileName);
      await addLines(connection, raw.records, raw.shifts);
      await refuseRowsWithoutDay(connection, raw.header, partitionBy, fileName);
      return writeDays(connection, raw.header, request.outDir);
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function readText(
  connection: Connection,
  path: string,
  header: readonly string[],
  nullText: string,
  fileName: string,
): Promise<void> {
  const columns = header.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ');
  try {
    await connection.run(`
      CREATE TEMP TABLE raw AS SELECT row_number() OVER () AS __record, * FROM read_csv(${quoteText(path)},
        auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {${columns}},
        nullstr = ${quoteText(nullText)}, max_line_size = 16777216)`);
  } catch (error) {
    refuseToBlame(error, fileName);
    throw unreadable(error, header, fileName);
  }
}

/** Turns DuckDB's page about a bad line into one sentence. */
function unreadable(error: unknown, header: readonly string[], fileName: string): UnderstudyError {
  const text = messageOf(error);
  const line = Number(/CSV Error on Line: (\d+)/.exec(text)?.[1] ?? 0);
  const original = (/Original Line: (.*)/.exec(text)?.[1] ?? '').slice(0, 200);
  const fields = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
  let what = firstLine(error);
  if (fields) what = `wrong number of fields (found: ${fields[2]}, in "${original}"; allowed: ${header.length})`;
  else if (/Invalid unicode/.test(text)) what = `not UTF-8 (found: "${original}"; allowed: text in UTF-8)`;
  else if (/unterminated quote/.test(text)) what = `a quote is not closed (found: "${original}"; allowed: pairs of ")`;
  const message = `${fileName} line ${line}: ${what}`;
  return new UnderstudyError('SOURCE_UNREADABLE', message, { file: fileName, line }, { cause: error });
}

async function addDays(
  connection: Connection,
  partitionBy: string,
  header: readonly string[],
  fileName: string,
): Promise<void> {
  const part = `source.partitionBy (${partitionBy})`;
  try {
    await modelSql(part, () =>
      connection.run(`CREATE TEMP TABLE dated AS SELECT *, TRY_CAST(TRY(${partitionBy}) AS DATE) AS __day FROM raw`),
    );
  } catch (error) {
    const missing = missingColumnIn(error);
    if (!missing) throw error;
    const message = missingColumnMessage(fileName, [missing], header, []);
    throw new UnderstudyError('SOURCE_UNREADABLE', message, { file: fileName, line: 1, column: missing });
  }
}

/** Adds the line numbers. Quoted newlines and blank lines shift them; where the two readers disagree, it is record number + 1. */
async function addLines(connection: Connection, records: number, shifts: readonly LineShift[]): Promise<void> {
  const [count] = await connection.rows('SELECT count(*) AS n FROM raw');
  const trusted = shifts.length > 0 && count!['n'] === records;
  await connection.run('CREATE TEMP TABLE shifts(record BIGINT, lines BIGINT)');
  if (trusted)
    await connection.append(
      'shifts',
      shifts.map((s) => [BigInt(s.record), BigInt(s.lines)]),
    );
  const lines = trusted
    ? 'SELECT d.* EXCLUDE (__record), __record + 1 + coalesce(s.lines, 0) AS __line FROM dated d ASOF LEFT JOIN shifts s ON d.__record >= s.record'
    : 'SELECT * EXCLUDE (__record), __record + 1 AS __line FROM dated';
  await connection.run(`CREATE TEMP TABLE lined AS SELECT * FROM (${lines}) ORDER BY __day, __line`);
}

async function refuseRowsWithoutDay(
  connection: Connection,
  header: readonly string[],
  partitionBy: string,
  fileName: string,
): Promise<void> {
  const values = header.map((name) => `coalesce(${quoteName(name)}, 'NULL')`).join(', ');
  const [bad] = await connection.rows(`
    SELECT __line, concat_ws(',', ${values}) AS found, (SELECT count(*) FROM lined WHERE __day IS NULL) AS n
    FROM lined WHERE __day IS NULL ORDER BY __line LIMIT 1`);
  if (!bad) return;
  const line = Number(bad['__line']);
  const message = `${fileName} line ${line}: no day for this row and ${Number(bad['n']) - 1} more (found: "${String(bad['found']).slice(0, 200)}"; allowed: rows for which ${partitionBy} is a date)`;
  throw new UnderstudyError('SOURCE_UNREADABLE', message, { file: fileName, line, rows: bad['n'] });
}

async function writeDays(connection: Connection, header: readonly string[], outDir: string): Promise<SplitDay[]> {
  const days = await connection.rows(
    'SELECT CAST(__day AS VARCHAR) AS day, count(*) AS rows FROM lined GROUP BY __day ORDER BY __day',
  );
  const columns = [LINE, ...header].map(quoteName).join(', ');
  const written: SplitDay[] = [];
  for (const row of days) {
    const day = String(row['day']);
    const path = join(outDir, `${day}.parquet`);
    await connection.run(
      copyToParquet(`SELECT ${columns} FROM lined WHERE __day = DATE ${quoteText(day)} ORDER BY __line`, path),
    );
    written.push({ day, path, rows: Number(row['rows']) });
  }
  return written;
}
