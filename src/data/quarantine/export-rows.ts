// Rows that checks set aside, of one table and any days, as one file for people: what was delivered, with day and rule before it.
// Invariant: the file appears whole or not at all, and holds the delivered values as they are.
import { rename, rm } from 'node:fs/promises';
import type { Day } from '../../domain/days';
import type { Engine } from '../engine';
import { copyToParquet, quoteText } from '../sql-text';

/** How the file is written. CSV has a header; JSON lines and Parquet keep null apart from an empty text. */
export type ExportFormat = 'csv' | 'jsonl' | 'parquet';

/** The rows that one partition's revision set aside. */
export interface QuarantineFile {
  readonly partition: Day;
  /** Parquet as {@link writeQuarantine} made it: `rule`, then the raw columns. */
  readonly path: string;
}

export interface QuarantineExport {
  /** At least one; rows come in their order. */
  readonly files: readonly QuarantineFile[];
  /** Only rows under these rules. */
  readonly rules: readonly string[];
  /** Rows at most; null: all. */
  readonly limit: number | null;
  readonly format: ExportFormat;
  readonly outPath: string;
}

/** The place of a row's file. */
const AT = '__at';
/** Columns that the readers add are told by names without underscores, which no raw column of the file then has. */
const RENAMED = { __line: 'source_line', __file: 'source_file' } as const;

/**
 * Writes the rows, in the order of the files and of the rows in them; a column that only some days have is null in the others.
 * @returns the number of rows.
 */
export async function exportQuarantine(engine: Engine, request: QuarantineExport): Promise<number> {
  const { files, rules, limit, format, outPath } = request;
  const scratch = `${outPath}.part`;
  try {
    const rows = await engine.task(async (connection) => {
      const parts = files.map(
        ({ path, partition }, at) =>
          `SELECT ${at} AS ${AT}, ${quoteText(partition)} AS partition, * FROM read_parquet(${quoteText(path)}, file_row_number = true)`,
      );
      const all = parts.join(' UNION ALL BY NAME ');
      const names = (await connection.columns(all)).map(({ name }) => name);
      const renamed = Object.entries(RENAMED).filter(([from, to]) => names.includes(from) && !names.includes(to));
      const renaming =
        renamed.length > 0 ? `RENAME (${renamed.map(([from, to]) => `${from} AS ${to}`).join(', ')})` : '';
      const query = `
        SELECT * EXCLUDE (${AT}, file_row_number) ${renaming} FROM (${all})
        WHERE rule IN (${rules.map(quoteText).join(', ')})
        ORDER BY ${AT}, file_row_number ${limit === null ? '' : `LIMIT ${limit}`}`;
      await connection.run(`CREATE TEMP TABLE found AS ${query}`);
      await connection.run(copy(format, scratch));
      const [counted] = await connection.rows('SELECT count(*) AS n FROM found');
      return Number(counted!['n']);
    });
    await rename(scratch, outPath);
    return rows;
  } finally {
    await rm(scratch, { force: true });
  }
}

function copy(format: ExportFormat, path: string): string {
  switch (format) {
    case 'csv':
      return `COPY found TO ${quoteText(path)} (FORMAT csv, HEADER)`;
    case 'jsonl':
      return `COPY found TO ${quoteText(path)} (FORMAT json)`;
    case 'parquet':
      return copyToParquet('SELECT * FROM found', path);
  }
}
