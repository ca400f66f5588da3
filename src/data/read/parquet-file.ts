// Reads Parquet: typed columns for the author's `partitionBy`, and the exact text of each value for everything after it.
import { open } from 'node:fs/promises';
import type { Connection } from '../engine';
import { quoteName, quoteText } from '../sql-text';
import { requireNames } from './header';
import { LINE } from './numbered-text';
import { blamingFile, fileSystemFailure, unreadable, type RawFile } from './raw-file';

export interface ParquetFile {
  /** Columns with their DuckDB types, in the file's order. */
  readonly types: Readonly<Record<string, string>>;
  readonly rows: number;
  /** Gives {@link LINE} (the row from 1) and the typed columns, in the file's order. */
  readonly query: string;
}

const MAGIC = 'PAR1';
/** Magic twice, and the length of the footer. */
const LEAST_BYTES = 12;

/**
 * Opens a Parquet file.
 * @throws UnderstudyError `SOURCE_UNREADABLE` for a file that is none, or whose footer is cut off or damaged.
 */
export async function openParquet(connection: Connection, file: RawFile): Promise<ParquetFile> {
  await requireMagic(file);
  const read = `read_parquet(${quoteText(file.path)})`;
  return blamingFile(file, 'Parquet', async () => {
    const columns = await connection.columns(`SELECT * FROM ${read}`);
    const names = columns.map((column) => column.name);
    requireNames(names, file.name);
    const [count] = await connection.rows(`SELECT count(*) AS n FROM ${read}`);
    const row = names.some((name) => name.toLowerCase() === 'file_row_number')
      ? { number: 'row_number() OVER ()', from: read }
      : { number: 'file_row_number + 1', from: `read_parquet(${quoteText(file.path)}, file_row_number = true)` };
    return {
      types: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
      rows: Number(count!['n']),
      query: `SELECT ${[`${row.number} AS ${LINE}`, ...names.map(quoteName)].join(', ')} FROM ${row.from}`,
    };
  });
}

/** DuckDB's own messages about these name the temporary path. */
async function requireMagic(file: RawFile): Promise<void> {
  const handle = await open(file.path).catch((error: unknown) => {
    throw fileSystemFailure(error, file.name) ?? error;
  });
  try {
    const { size } = await handle.stat();
    const text = async (from: number): Promise<string> =>
      (await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, from)).buffer.toString('latin1');
    const allowed = 'one complete Parquet file, which begins and ends with PAR1';
    if (size === 0) throw unreadable(file.name, { what: 'the file is empty', found: '0 bytes', allowed });
    if (size < LEAST_BYTES || (await text(0)) !== MAGIC) {
      const found = `${size} bytes that begin with ${JSON.stringify((await text(0)).slice(0, size))}`;
      throw unreadable(file.name, { what: 'not a Parquet file', found, allowed });
    }
    if ((await text(size - MAGIC.length)) !== MAGIC) {
      const found = `${size} bytes without PAR1 at the end`;
      throw unreadable(file.name, { what: 'the Parquet data are cut off', found, allowed });
    }
  } finally {
    await handle.close();
  }
}

/**
 * SQL of a typed column's exact text: doubles in the fewest digits that read back the same, instants in ISO 8601 (UTC), nested values as JSON.
 * @param type as DuckDB calls it.
 */
export function exactText(name: string, type: string): string {
  const column = quoteName(name);
  if (type === 'VARCHAR') return column;
  const text = `CAST(${column} AS VARCHAR)`;
  if (/^(STRUCT|MAP|UNION)|\]$/.test(type)) return `CAST(to_json(${column}) AS VARCHAR)`;
  if (type === 'TIMESTAMP WITH TIME ZONE') return `regexp_replace(replace(${text}, ' ', 'T'), '[+]00$', 'Z')`;
  return type.startsWith('TIMESTAMP') ? `replace(${text}, ' ', 'T')` : text;
}
