// Reads JSON Lines: one object in each line, whose keys become columns; nested values stay JSON text.
// Invariant: numbers and nested values keep the exact text of the file (12.50 stays 12.50), texts their characters; null is a missing value.
import type { NumberingOptions } from './csv-text';
import { requireNames } from '../header';
import { jsonMembers } from './json-members';
import { createTextWriter, MAX_RECORD_BYTES, MISSING, PROGRESS_ROWS, type NumberedText } from '../numbered-text';
import type { Position } from '../open-file';
import { shown, unreadable } from '../raw-file';

/** Columns of all lines together, at most: keys that are values would be a column each. */
const MAX_COLUMNS = 2000;
const BATCH_BYTES = 1 << 20;
const NEWLINE = 10;

/**
 * Writes each object of a JSON Lines file as one CSV record with its line in front. Blank lines are skipped.
 * @throws UnderstudyError `SOURCE_UNREADABLE` naming the line.
 */
export async function numberJsonLines(
  chunks: AsyncIterable<Buffer>,
  path: string,
  position: Position,
  { name, maxRows = Infinity, onProgress }: NumberingOptions,
): Promise<NumberedText> {
  const writer = await createTextWriter(path);
  const columns = new Map<string, number>();
  let rows = 0;
  let longestBytes = 0;
  let batch: string[] = [];
  let batchBytes = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(batch.join(''), 'utf8');
    batch = [];
    batchBytes = 0;
    await writer.write(bytes);
  };
  const add = (bytes: Buffer): void => {
    const line = position.lines + 1;
    const text = bytes.toString('utf8').trim();
    if (text === '') return;
    const record = recordOf(text, bytes, line);
    longestBytes = Math.max(longestBytes, record.length * 3);
    batch.push(record);
    batchBytes += record.length;
    rows++;
    if (rows % PROGRESS_ROWS === 0) onProgress?.(rows);
  };
  const recordOf = (text: string, bytes: Buffer, line: number): string => {
    const refuse = (what: string, found: string, allowed: string): never => {
      throw unreadable(name, { line, what, found, allowed });
    };
    const members = jsonMembers(text);
    if (members === null) return refuse('not a JSON object', shown(bytes), 'one JSON object in each line');
    const escaped = text.includes('\\u');
    const values: string[] = [];
    for (const [key, value] of members) {
      let at = columns.get(key);
      if (at === undefined) {
        columns.set(key, (at = columns.size));
        requireNames([...columns.keys()], name, line);
        if (at === MAX_COLUMNS) refuse('too many keys', `${at + 1} different ones so far`, `at most ${MAX_COLUMNS}`);
      }
      if (values[at] !== undefined) refuse('a key twice', `"${key}"`, 'each key once');
      if (escaped && value?.includes('\0')) refuse('an embedded NUL', `\\u0000 in "${key}"`, 'text without NUL');
      if (escaped && /\p{Cs}/u.test(value ?? ''))
        refuse('half of a surrogate pair', `in "${key}"`, 'text that UTF-8 can hold');
      values[at] = value === null ? MISSING : `"${value.replaceAll('"', '""')}"`;
    }
    let record = String(line);
    for (let i = 0; i < Math.max(1, values.length); i++) record += `,${values[i] ?? MISSING}`;
    return `${record}\n`;
  };

  let rest: Buffer[] = [];
  let restBytes = 0;
  try {
    for await (const chunk of chunks) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0 && rows < maxRows; end = chunk.indexOf(NEWLINE, start)) {
        const piece = chunk.subarray(start, end);
        add(rest.length > 0 ? Buffer.concat([...rest, piece]) : piece);
        rest = [];
        restBytes = 0;
        position.lines++;
        start = end + 1;
      }
      if (start < chunk.length) {
        rest.push(Buffer.from(chunk.subarray(start)));
        restBytes += chunk.length - start;
      }
      if (restBytes > MAX_RECORD_BYTES) {
        const found = `more than ${MAX_RECORD_BYTES} bytes`;
        throw unreadable(name, {
          line: position.lines + 1,
          what: 'the line is too long',
          found,
          allowed: `at most ${MAX_RECORD_BYTES} bytes`,
        });
      }
      if (batchBytes > BATCH_BYTES) await flush();
      if (rows >= maxRows) break;
    }
    if (restBytes > 0 && rows < maxRows) add(Buffer.concat(rest));
    await flush();
  } finally {
    await writer.close();
  }
  onProgress?.(rows);
  const names = [...columns.keys()];
  return { path, columns: names, rows, longestBytes, bytes: writer.bytes(), delimiter: ',', ragged: true };
}
