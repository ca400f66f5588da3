// Reads a delivery of one or many files and days once and writes the rows of each day as one Parquet file of text.
// Invariant: no row is lost or changed, and each keeps its line (Parquet: row) number in its file; memory is bounded whatever the size.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { Connection, Engine } from '../engine';
import { oneDay, splitByDay } from './by-day';
import type { SplitDay } from './by-day';
import type { RawFile } from './raw-file';
import { makeReadable, type ReadableFile, type SourceFormat } from './readable';
import { requireSameColumns } from './same-columns';

export { LINE } from './numbered-text';
export { FILE } from './header';
export type { SplitDay } from './by-day';

export interface SplitRequest {
  /** The files of the delivery, in their order; rows of several files also have their file's name ({@link FILE}). */
  readonly files: readonly RawFile[];
  /** `format` is csv unless set; compression `auto`, encoding `utf-8`. `nullText` means text sources; for JSON Lines and Parquet an empty one means nothing. */
  readonly source: SourceFormat;
  /** An existing directory for the Parquet files; the temporary ones are below it and removed. */
  readonly outDir: string;
  /** The day of all rows, for a source without `partitionBy`. */
  readonly day?: Day;
  /** Called with the rows read so far, at least every 100,000 rows of text and twice a second while DuckDB works. */
  readonly onProgress?: (rowsRead: number) => void;
  /** Stops the work; what was written for it is removed. */
  readonly signal?: AbortSignal;
}

const PROGRESS_EVERY_MS = 500;

/**
 * Splits a delivery by day, in day order; files without rows give no days. Equal files give equal bytes.
 * What it gives depends on the files and the fields of `source` only, so tables that agree in these can share one split.
 * @throws UnderstudyError `SOURCE_NOT_FOUND`; `SOURCE_UNREADABLE` for a file that is damaged or has a row without a day, naming
 * file, line or row, what was found and what is allowed; `MODEL_CODE_FAILED` when `partitionBy` is not valid SQL;
 * `DEFINITION_INVALID` without both `partitionBy` and `day`. An aborted signal throws its reason.
 */
export async function splitRawFile(engine: Engine, request: SplitRequest): Promise<SplitDay[]> {
  const { source, signal, files, outDir } = request;
  if (source.partitionBy === undefined && request.day === undefined) {
    const message =
      'source.partitionBy: missing (found: nothing; allowed: SQL of a day, or a path with {yyyy}, {MM} and {dd})';
    throw new UnderstudyError('DEFINITION_INVALID', message);
  }
  signal?.throwIfAborted();
  const workDir = await mkdtemp(join(outDir, 'unpack-'));
  try {
    return await engine.task(async (connection) => {
      const progress = trackProgress(connection, request.onProgress);
      try {
        const readable: ReadableFile[] = [];
        for (const [index, file] of files.entries()) {
          const before = progress.rows;
          const onProgress = (rows: number): void => progress.report(before + rows);
          readable.push(await makeReadable(connection, file, index, { source, workDir, signal, onProgress }));
        }
        requireSameColumns(readable);
        if (readable.every((file) => file.rows === 0)) return [];
        const job = { connection, files: readable, workDir, outDir };
        return source.partitionBy === undefined
          ? await oneDay(job, request.day!)
          : await splitByDay(job, source.partitionBy);
      } finally {
        progress.stop();
      }
    }, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Reports rows as the text is read, and keeps reporting while a statement runs, so that nobody takes long work for dead. */
function trackProgress(connection: Connection, onProgress: ((rowsRead: number) => void) | undefined) {
  const progress = {
    rows: 0,
    report(rows: number): void {
      progress.rows = Math.max(progress.rows, rows);
      onProgress?.(progress.rows);
    },
    stop: (): void => clearInterval(timer),
  };
  const timer = onProgress && setInterval(() => progress.report(connection.rowsRead()), PROGRESS_EVERY_MS);
  return progress;
}
