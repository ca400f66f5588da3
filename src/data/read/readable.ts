// Makes delivered files of any format readable by DuckDB: text files are unpacked and numbered first, Parquet is read in place.
// Invariant: after this, a file has been read to its end once and is known to be whole (text) or to have a good footer (Parquet).
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileSourcePlan } from '../../domain/plan/plan';
import type { Connection } from '../engine';
import { quoteName, quoteText } from '../sql-text';
import { delimiterOf, numberCsv } from './text/csv-text';
import { decodeText } from './text/decode';
import { numberJsonLines } from './text/json-lines';
import { numberedQuery, type NumberedText } from './numbered-text';
import { compressionOf, openRawFile, requireFile, type Position } from './open-file';
import { exactText, openParquet } from './parquet-file';
import { unreadable, type RawFile } from './raw-file';

/** What the reader needs to know of a source. */
export type SourceFormat = Pick<FileSourcePlan, 'nullText'> &
  Partial<Pick<FileSourcePlan, 'format' | 'compression' | 'encoding' | 'delimiter' | 'partitionBy'>>;

/** A file that DuckDB can read now. */
export interface ReadableFile {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Of the text that DuckDB reads; 0 for Parquet, whose size says little. */
  readonly bytes: number;
  /** What a number in `__line` counts. */
  readonly unit: 'line' | 'row';
  /** Gives `__line` and the columns as `partitionBy` sees them, in the file's order. */
  readonly query: string;
  /** SQL of a column's exact text over `query`. */
  readonly text: (column: string) => string;
  /** Rows may lack columns: JSON Lines. */
  readonly ragged: boolean;
  /** DuckDB types of the columns; null: the source knows no types. */
  readonly types: Readonly<Record<string, string>> | null;
}

export interface ReadOptions {
  readonly source: SourceFormat;
  /** For the unpacked text. */
  readonly workDir: string;
  /** Stop after so many rows of text; default: none. */
  readonly maxRows?: number | undefined;
  readonly onProgress?: ((rowsRead: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks and looks over one file.
 * @param index of the file in its delivery: names the temporary file.
 * @throws UnderstudyError `SOURCE_NOT_FOUND`, `SOURCE_UNREADABLE`; `DEFINITION_INVALID` for a delimiter that cannot be one.
 */
export async function makeReadable(
  connection: Connection,
  file: RawFile,
  index: number,
  options: ReadOptions,
): Promise<ReadableFile> {
  await requireFile(file);
  const format = options.source.format ?? 'csv';
  if (format === 'parquet') return readableParquet(connection, file, index, options);
  const path = join(options.workDir, `text-${index}.csv`);
  const position: Position = { lines: 0 };
  const bytes = openRawFile(file, options.source.compression ?? 'auto', position, options.signal);
  const chunks = decodeText(bytes, options.source.encoding ?? 'utf-8', file.name, position);
  const numbering = { name: file.name, maxRows: options.maxRows, onProgress: options.onProgress };
  if (format === 'jsonl')
    return readableText(
      file,
      await numberJsonLines(chunks, path, position, numbering),
      options.source.nullText || null,
    );
  const delimiter = delimiterOf({
    format,
    ...(options.source.delimiter ? { delimiter: options.source.delimiter } : {}),
  });
  return readableText(file, await numberCsv(chunks, path, delimiter, position, numbering), options.source.nullText);
}

function readableText(file: RawFile, text: NumberedText, nullText: string | null): ReadableFile {
  if (text.columns.length === 0 && text.rows > 0) {
    throw unreadable(file.name, {
      what: 'no object has a key',
      found: `${text.rows} times {}`,
      allowed: 'objects with keys',
    });
  }
  return {
    name: file.name,
    columns: text.columns,
    rows: text.rows,
    bytes: text.bytes,
    unit: 'line',
    query: numberedQuery(text, nullText),
    text: quoteName,
    ragged: text.ragged,
    types: null,
  };
}

async function readableParquet(
  connection: Connection,
  file: RawFile,
  index: number,
  { source, workDir, maxRows, signal }: ReadOptions,
): Promise<ReadableFile> {
  let plain = file;
  // A column's own compression needs none of the file; some still have it.
  if (compressionOf(file, source.compression ?? 'auto') !== 'none') {
    plain = { path: join(workDir, `plain-${index}.parquet`), name: file.name };
    const bytes = openRawFile(file, source.compression ?? 'auto', { lines: 0 }, signal);
    await pipeline(Readable.from(bytes), createWriteStream(plain.path));
  }
  const { types, rows, query } = await openParquet(connection, plain);
  const nullText = source.nullText;
  const text = (column: string): string => {
    const exact = exactText(column, types[column]!);
    return nullText === '' ? exact : `nullif(${exact}, ${quoteText(nullText)})`;
  };
  return {
    name: file.name,
    columns: Object.keys(types),
    rows: Math.min(rows, maxRows ?? rows),
    bytes: 0,
    unit: 'row',
    query: maxRows === undefined ? query : `${query} LIMIT ${maxRows}`,
    text,
    ragged: false,
    types,
  };
}
