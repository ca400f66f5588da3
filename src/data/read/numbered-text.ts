// The temporary file between a delivered text file and DuckDB: the same records, each with its line number as a first field.
// Invariant: DuckDB meets only text that our own reader has understood, so that it never has to report (or guess) anything.
import { open } from 'node:fs/promises';
import { quoteName, quoteText } from '../sql-text';

/** Records longer than this are refused: an open quote must not swallow a whole file into memory. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;
/** Rows between two reports of progress. */
export const PROGRESS_ROWS = 100_000;
/** A missing value, unquoted. Not a text that anyone writes. */
export const MISSING = '\u0001missing\u0001';

/** A numbered file and what is in it. */
export interface NumberedText {
  readonly path: string;
  /** Column names without {@link LINE}, in the file's order. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** Size of the longest record. */
  readonly longestBytes: number;
  readonly bytes: number;
  readonly delimiter: string;
  /** Rows may end before the last columns: those values are missing. */
  readonly ragged: boolean;
}

/** The column with the line (Parquet: row) number of the source. */
export const LINE = '__line';

/** Writes a file piece by piece; each piece may be reused as soon as `write` has resolved. */
export interface TextWriter {
  write(bytes: Uint8Array): Promise<void>;
  bytes(): number;
  close(): Promise<void>;
}

/** Creates or replaces the file. */
export async function createTextWriter(path: string): Promise<TextWriter> {
  const file = await open(path, 'w');
  let written = 0;
  return {
    async write(bytes) {
      for (let from = 0; from < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, from, bytes.length - from);
        from += bytesWritten;
      }
      written += bytes.length;
    },
    bytes: () => written,
    close: () => file.close(),
  };
}

/** A query that gives {@link LINE} and the text columns of a numbered file, in its order; `nullText` (if not empty, or always) is NULL. */
export function numberedQuery(text: NumberedText, nullText: string | null): string {
  const types = [`${quoteText(LINE)}: 'BIGINT'`, ...text.columns.map((name) => `${quoteText(name)}: 'VARCHAR'`)];
  const values = text.columns.map((name) =>
    nullText === null ? quoteName(name) : `nullif(${quoteName(name)}, ${quoteText(nullText)}) AS ${quoteName(name)}`,
  );
  const lineBytes = Math.max(1 << 20, text.longestBytes + 1024);
  return `SELECT ${[LINE, ...values].join(', ')} FROM read_csv(${quoteText(text.path)}, auto_detect = false,
    header = false, delim = ${quoteText(text.delimiter)}, quote = '"', escape = '"', columns = {${types.join(', ')}},
    nullstr = ${quoteText(MISSING)}, allow_quoted_nulls = false, null_padding = ${text.ragged}, parallel = ${!text.ragged},
    max_line_size = ${lineBytes}, buffer_size = ${Math.max(8 << 20, 2 * lineBytes)})`;
}
