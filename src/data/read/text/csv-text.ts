// Reads CSV and TSV (RFC 4180: quotes, quoted delimiters and line breaks; blank lines are no records) and writes them with line numbers.
// Invariant: a record is written exactly as it was delivered, but for a carriage return before its line break.
import type { FileSourcePlan } from '../../../domain/plan/plan';
import { UnderstudyError } from '../../../domain/failures';
import { createTextWriter, MAX_RECORD_BYTES, PROGRESS_ROWS, type NumberedText } from '../numbered-text';
import type { Position } from '../open-file';
import { parseHeader } from '../header';
import { shown, unreadable } from '../raw-file';

const NUL = 0;
const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
/** Bytes of a record that messages show. */
const HEAD_BYTES = 200;

type State = 'between' | 'field' | 'plain' | 'quoted' | 'closed' | 'returned';

export interface NumberingOptions {
  readonly name: string;
  /** Stop after so many rows; default: none. */
  readonly maxRows?: number | undefined;
  readonly onProgress?: ((rowsRead: number) => void) | undefined;
}

/** The delimiter of a source: its own, else a tab for `tsv` and a comma. Fails with DEFINITION_INVALID for one that cannot be one. */
export function delimiterOf({ format, delimiter }: Pick<FileSourcePlan, 'format' | 'delimiter'>): string {
  const found = delimiter ?? (format === 'tsv' ? '\t' : ',');
  if (/^[\t\x20-\x7e]$/.test(found) && found !== '"') return found;
  const message = `source.delimiter: not usable (found: ${JSON.stringify(found)}; allowed: one printable ASCII character or a tab, no quote)`;
  throw new UnderstudyError('DEFINITION_INVALID', message);
}

/**
 * Copies the UTF-8 of a CSV file to `path`, each record with its line in front.
 * @param position counts lines as they are read.
 * @throws UnderstudyError `SOURCE_UNREADABLE` with line, what was found and what is allowed.
 */
export async function numberCsv(
  chunks: AsyncIterable<Buffer>,
  path: string,
  delimiter: string,
  position: Position,
  { name, maxRows = Infinity, onProgress }: NumberingOptions,
): Promise<NumberedText> {
  const writer = await createTextWriter(path);
  const delimiterByte = delimiter.charCodeAt(0);
  let out = Buffer.alloc(0);
  let used = 0;
  let state = 'between' as State;
  let header = null as readonly string[] | null;
  let rows = 0;
  let fields = 0;
  let line = 1; // of the present byte
  let recordLine = 1;
  let quoteLine = 1;
  let textFrom = 0; // where the record's text begins in `out`; negative: in an earlier chunk
  let head = Buffer.alloc(0); // the first bytes of a record that began in an earlier chunk
  let longestBytes = 0;

  const recordText = (): Buffer =>
    Buffer.concat([head, out.subarray(Math.max(0, textFrom), used)]).subarray(0, header ? HEAD_BYTES : undefined);
  const damaged = (what: string, allowed: string, found = shown(recordText()), at = recordLine): Error =>
    unreadable(name, { line: at, what, found, allowed });
  const startRecord = (): void => {
    recordLine = line;
    fields = 1;
    head = Buffer.alloc(0);
    if (header) {
      used += out.write(String(line), used, 'latin1');
      out[used++] = delimiterByte;
    }
    textFrom = used;
  };
  const endRecord = (): void => {
    state = 'between';
    if (!header) {
      header = parseHeader(recordText().toString('utf8'), delimiter, name, recordLine);
      used = 0;
      return;
    }
    if (fields !== header.length)
      throw damaged('wrong number of fields', String(header.length), `${fields}, in ${shown(recordText())}`);
    longestBytes = Math.max(longestBytes, used - textFrom);
    out[used++] = NEWLINE;
    rows++;
    if (rows % PROGRESS_ROWS === 0) onProgress?.(rows);
  };
  /** One byte of the text; the states follow RFC 4180. */
  const read = (byte: number): void => {
    if (state === 'returned') {
      if (byte !== NEWLINE)
        throw damaged('a carriage return without a line feed', 'lines that end in LF or CRLF', undefined, line);
      state = fields > 0 ? 'plain' : 'between';
      read(byte);
      return;
    }
    if (byte === NUL)
      throw damaged('an embedded NUL', 'text without NUL bytes', `a byte 0 after ${shown(recordText())}`, line);
    if (state === 'quoted') {
      if (byte === QUOTE) state = 'closed';
      else if (byte === NEWLINE) line++;
      out[used++] = byte;
      return;
    }
    if (byte === NEWLINE) {
      if (state !== 'between') endRecord();
      fields = 0;
      line++;
      position.lines = line - 1;
      return;
    }
    if (byte === RETURN) {
      state = 'returned';
      return;
    }
    if (state === 'between') {
      startRecord();
      state = 'field';
    }
    if (byte === delimiterByte) {
      fields++;
      state = 'field';
    } else if (byte === QUOTE && (state === 'field' || state === 'closed')) {
      if (state === 'field') quoteLine = line;
      state = 'quoted';
    } else if (state === 'closed') {
      throw damaged(
        'text behind a closing quote',
        'a delimiter or the end of the line, or "" for a quote within quotes',
        undefined,
        line,
      );
    } else state = 'plain';
    out[used++] = byte;
  };

  try {
    for await (const chunk of chunks) {
      // In the worst case every second byte begins a record: a line number, a delimiter and the byte itself.
      const needed = chunk.length * 9 + 64 + (header ? 0 : used);
      if (out.length < needed) out = Buffer.concat([out.subarray(0, used)], needed);
      for (let i = 0; i < chunk.length && rows < maxRows; i++) {
        // Most bytes are plain ones; this loop is why 600 MB take seconds.
        if (state === 'plain' || state === 'quoted') {
          for (let byte = chunk[i]!; byte > QUOTE && byte !== delimiterByte; byte = chunk[i]!) {
            out[used++] = byte;
            if (++i === chunk.length) break;
          }
          if (i === chunk.length) break;
        }
        read(chunk[i]!);
      }
      if (!header && used > MAX_RECORD_BYTES)
        throw damaged('the header is too long', `at most ${MAX_RECORD_BYTES} bytes`, `${used} bytes`);
      if (!header) continue;
      if (used - textFrom > MAX_RECORD_BYTES) throw tooLong();
      await flush();
      if (rows >= maxRows) break;
    }
    if (state === 'quoted') throw openQuote();
    if (rows < maxRows) {
      if (state === 'returned') state = fields > 0 ? 'plain' : 'between';
      if (state !== 'between') {
        if (out.length < used + 64) out = Buffer.concat([out.subarray(0, used)], used + 64);
        endRecord();
        await flush();
      }
    }
  } finally {
    await writer.close();
  }
  if (!header) {
    const allowed = 'a header line and one line for each row';
    throw unreadable(name, { what: 'the file is empty', found: 'no line', allowed });
  }
  onProgress?.(rows);
  return { path, columns: header, rows, longestBytes, bytes: writer.bytes(), delimiter, ragged: false };

  async function flush(): Promise<void> {
    if (state !== 'between' && head.length < HEAD_BYTES) {
      const more = out.subarray(Math.max(0, textFrom), Math.min(used, Math.max(0, textFrom) + HEAD_BYTES));
      head = Buffer.concat([head, more]).subarray(0, HEAD_BYTES);
    }
    await writer.write(out.subarray(0, used));
    textFrom -= used;
    used = 0;
  }
  function openQuote(): Error {
    return damaged('a quote is not closed', 'pairs of "', undefined, quoteLine);
  }
  function tooLong(): Error {
    return state === 'quoted'
      ? openQuote()
      : damaged('the record is too long', `at most ${MAX_RECORD_BYTES} bytes`, `more than ${MAX_RECORD_BYTES} bytes`);
  }
}
