// Unpacks a raw file and walks over its bytes once: header, number of records, and the line that each record starts on.
// It exists because DuckDB reads a truncated gzip file without an error (1.5.6: 48,806 of 50,000 rows) and skips blank lines uncounted.
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UnderstudyError } from '../../domain/failures';
import { messageOf } from '../engine';

/** From the record with this number on (1: the first after the header), lines are this many more than record number + 1. */
export interface LineShift {
  readonly record: number;
  readonly lines: number;
}

export interface RawText {
  readonly header: readonly string[];
  /** Records after the header. */
  readonly records: number;
  readonly shifts: readonly LineShift[];
}

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;

/**
 * Copies a csv or csv.gz file unpacked to `plainPath`.
 * @param fileName how messages call the file.
 * @throws UnderstudyError `SOURCE_NOT_FOUND`, or `SOURCE_UNREADABLE` for a broken gzip file, an empty file, or a bad header.
 */
export async function unpackRawText(path: string, plainPath: string, fileName: string): Promise<RawText> {
  const scanner = createScanner();
  const scan = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      scanner.push(bytes);
      done(null, bytes);
    },
  });
  const unzip = path.endsWith('.gz') ? [createGunzip()] : [];
  try {
    await pipeline([createReadStream(path), ...unzip, scan, createWriteStream(plainPath)]);
  } catch (error) {
    throw unreadable(error, fileName, scanner.lines());
  }
  return scanner.end(fileName);
}

function unreadable(error: unknown, fileName: string, lines: number): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT') {
    return new UnderstudyError('SOURCE_NOT_FOUND', `${fileName}: there is no such file`, { file: fileName });
  }
  if (!code.startsWith('Z_')) return error;
  const message = `${fileName}: the gzip data are damaged or cut off after line ${lines} (found: ${messageOf(error)}; allowed: one complete gzip file)`;
  return new UnderstudyError('SOURCE_UNREADABLE', message, { file: fileName, line: lines }, { cause: error });
}

function createScanner() {
  const headerBytes: Buffer[] = [];
  const shifts: LineShift[] = [];
  let inQuotes = false;
  let empty = true; // nothing but a carriage return on the present line so far
  let records = 0; // complete ones, header included
  let lines = 0; // complete ones
  let shift = 0;
  const endRecord = () => {
    if (empty) shift++;
    else {
      records++;
      empty = true;
    }
  };
  const startRecord = () => {
    empty = false;
    if (shift !== (shifts.at(-1)?.lines ?? 0)) shifts.push({ record: records, lines: shift });
  };
  return {
    lines: () => lines,
    push(bytes: Buffer): void {
      if (records === 0) headerBytes.push(bytes);
      for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i];
        if (byte === NEWLINE) {
          lines++;
          if (inQuotes) shift++;
          else endRecord();
        } else {
          if (empty && byte !== RETURN) startRecord();
          if (byte === QUOTE) inQuotes = !inQuotes;
        }
      }
    },
    end(fileName: string): RawText {
      if (!empty) endRecord();
      if (records === 0) {
        const message = `${fileName}: the file is empty (found: no line; allowed: a header line and one line for each row)`;
        throw new UnderstudyError('SOURCE_UNREADABLE', message, { file: fileName, line: 1 });
      }
      return { header: readHeader(Buffer.concat(headerBytes), fileName), records: records - 1, shifts };
    },
  };
}

function readHeader(bytes: Buffer, fileName: string): string[] {
  const first = bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
    .split(/\r?\n/, 1)[0]!;
  const names = [...first.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map((match) => match[1]!)
    .slice(0, first.endsWith(',') ? undefined : -1)
    .map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name));
  const bad = names.find((name, i) => name === '' || names.indexOf(name) !== i);
  if (bad !== undefined || names.length === 0) {
    const message = `${fileName} line 1: the header is not usable (found: ${bad ? `column "${bad}" twice` : 'a column without a name'}; allowed: distinct names)`;
    throw new UnderstudyError('SOURCE_UNREADABLE', message, { file: fileName, line: 1 });
  }
  return names;
}
