// Reads the header of a CSV file.
// Invariant: names are distinct also for DuckDB, which does not tell upper case from lower case, and none is one of our own columns.
import { LINE } from './numbered-text';
import { unreadable } from './raw-file';

/** The column with the file's name, in deliveries of several files. */
export const FILE = '__file';

/**
 * Names of a header record, as written.
 * @throws UnderstudyError `SOURCE_UNREADABLE` for a name that is empty, there twice, or reserved.
 */
export function parseHeader(text: string, delimiter: string, name: string, line: number): string[] {
  const names: string[] = [];
  for (let at = 0; at <= text.length; at++) {
    let end: number;
    if (text[at] === '"') {
      end = at + 1;
      while (end < text.length && (text[end] !== '"' || text[end + 1] === '"')) end += text[end] === '"' ? 2 : 1;
      names.push(text.slice(at + 1, end).replaceAll('""', '"'));
      end++;
    } else {
      end = text.indexOf(delimiter, at);
      if (end < 0) end = text.length;
      names.push(text.slice(at, end));
    }
    at = end;
  }
  requireNames(names, name, line);
  return names;
}

/** Fails with `SOURCE_UNREADABLE` for names that cannot be the columns of one table. */
export function requireNames(names: readonly string[], name: string, line?: number): void {
  const seen = new Map<string, string>();
  for (const column of names) {
    const key = column.toLowerCase();
    const other = seen.get(key);
    seen.set(key, column);
    let found: string | null = null;
    if (column === '') found = 'a column without a name';
    else if (other !== undefined)
      found = other === column ? `column "${column}" twice` : `columns "${other}" and "${column}"`;
    else if ([LINE, FILE, '__day'].includes(key)) found = `column "${column}"`;
    if (found === null) continue;
    const allowed = other === undefined && column !== '' ? 'names that do not begin with __' : 'distinct names';
    throw unreadable(name, {
      ...(line === undefined ? {} : { line }),
      what: 'the header is not usable',
      found,
      allowed,
    });
  }
}
