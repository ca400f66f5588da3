// What a delivered file is called and how its damage is told: one sentence with file, place, what was found and what is allowed.
// Invariant: every refusal of a file is SOURCE_UNREADABLE or SOURCE_NOT_FOUND; nothing that the machine lacks is blamed on the file.
import { UnderstudyError } from '../../domain/failures';
import { firstLine, refuseToBlame } from '../engine';

/** One file of a delivery. */
export interface RawFile {
  /** Where it lies on this machine. */
  readonly path: string;
  /** How messages (and `__file`) call it. */
  readonly name: string;
}

/** What is wrong with a file, and where. */
export interface Damage {
  /** Line from 1 (text files). */
  readonly line?: number;
  /** Row from 1 (Parquet). */
  readonly row?: number;
  /** What is wrong, such as `wrong number of fields`. */
  readonly what: string;
  readonly found: string;
  readonly allowed: string;
  readonly cause?: unknown;
}

/** Bytes of a found text that a message shows, at most. */
const SHOWN_BYTES = 200;

/** The failure that says what is wrong with a file, with code `SOURCE_UNREADABLE`. */
export function unreadable(name: string, damage: Damage): UnderstudyError {
  const { line, row, what, found, allowed, cause } = damage;
  const place = line !== undefined ? ` line ${line}` : row !== undefined ? ` row ${row}` : '';
  const message = `${name}${place}: ${what} (found: ${found}; allowed: ${allowed})`;
  const details = { file: name, ...(line === undefined ? {} : { line }), ...(row === undefined ? {} : { row }) };
  return new UnderstudyError('SOURCE_UNREADABLE', message, details, { cause });
}

/** A piece of a file as text for a message: the first line of it, cut, with bytes that cannot be shown as `\xNN`. */
export function shown(bytes: Buffer): string {
  const end = bytes.indexOf(10);
  const head = bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, SHOWN_BYTES));
  const decoded = head.toString('utf8');
  const text = head.length < SHOWN_BYTES ? decoded : decoded.replace(/\uFFFD$/, '');
  const fits = !text.includes('\uFFFD');
  const line = fits ? text : head.toString('latin1');
  const hidden = fits ? /[\u0000-\u0008\u000b-\u001f\u007f]/g : /[\u0000-\u0008\u000b-\u001f\u007f-\u00ff]/g;
  const plain = line
    .replace(/\r$/, '')
    .replace(hidden, (c) => `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return `"${plain}"`;
}

/**
 * The failure for an error of the file system while opening or reading a file; null for any other error.
 * A missing file is `SOURCE_NOT_FOUND`; a directory, or a file without permission, `SOURCE_UNREADABLE`.
 */
export function fileSystemFailure(error: unknown, name: string): UnderstudyError | null {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new UnderstudyError('SOURCE_NOT_FOUND', `${name}: there is no such file`, { file: name });
    case 'EISDIR':
      return unreadable(name, { what: 'not a file', found: 'a directory', allowed: 'one file', cause: error });
    case 'EACCES':
    case 'EPERM':
      return unreadable(name, {
        what: 'the file cannot be opened',
        found: 'no permission to read it',
        allowed: 'a file that the worker may read',
        cause: error,
      });
    default:
      return null;
  }
}

/**
 * Runs a statement that reads a file.
 * @throws UnderstudyError `SOURCE_UNREADABLE` with the engine's first line; `INTERNAL` when the engine is short of memory.
 */
export async function blamingFile<T>(file: RawFile, format: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnderstudyError) throw error;
    refuseToBlame(error, file.name);
    // A full disk or an interrupt is not the file's fault.
    if (/No space left|INTERRUPT/i.test(firstLine(error))) throw error;
    const found = firstLine(error)
      .replaceAll(file.path, file.name)
      .replace(/[\s:\p{Cc}]+$/u, '');
    throw unreadable(file.name, {
      what: 'the file is damaged',
      found,
      allowed: `one complete ${format} file`,
      cause: error,
    });
  }
}
