// What the CLI prints: results on stdout (tables for people, one JSON document with --json), progress and errors on stderr.
import Table from 'cli-table3';
import { FAILURES, failureCodeOf, UnderstudyError } from '../domain/failures';
import { fitted } from './fit';

/** Where a command puts its words. */
export interface Output {
  readonly json: boolean;
  /** The result of the command, once: `document` with --json, else `text`. */
  readonly result: (document: unknown, text: () => string) => void;
  /** Something for a person to read before the result; nothing with --json. */
  readonly say: (text: string) => void;
  /** What is going on, on stderr. */
  readonly progress: (text: string) => void;
}

/** The two streams that are written to. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Output to these streams. */
export function createOutput(streams: Streams, json: boolean): Output {
  const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
  return {
    json,
    result: (document, text) => void streams.stdout.write(line(json ? JSON.stringify(document, null, 2) : text())),
    say: (text) => void (json ? undefined : streams.stdout.write(line(text))),
    progress: (text) => void streams.stderr.write(line(text)),
  };
}

/**
 * A plain table; no colours, so that it can be piped and compared.
 * @param columns width to fit it into by breaking lines within cells; null: as wide as it is. Default: the terminal's, without one null.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  columns: number | null = process.stdout.isTTY ? process.stdout.columns : null,
): string {
  if (rows.length === 0) return '(none)';
  const cells = [head, ...rows].map((row) => row.map((cell) => (cell === null ? '–' : String(cell))));
  const [first = [], ...others] = columns === null ? cells : fitted(cells, columns);
  const made = new Table({ head: [...first], style: { head: [], border: [] } });
  made.push(...others.map((row) => [...row]));
  return made.toString();
}

/** Names and values below each other. */
export function facts(rows: readonly (readonly [string, string | number | null])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value === null ? '–' : String(value)}`).join('\n');
}

/**
 * What is printed for a failure: code and sentence, then its own remedy (`details.remedy`) or that of the table, with the model that it is about.
 * Never a stack trace.
 */
export function failureText(error: unknown, model?: string): { readonly text: string; readonly exit: number } {
  const code = failureCodeOf(error);
  const { remedy, exit } = FAILURES[code];
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof UnderstudyError ? error.details : {};
  const own = typeof details['remedy'] === 'string' ? details['remedy'] : remedy;
  const about = typeof details['model'] === 'string' ? details['model'] : model;
  const text = `understudy: ${code}: ${message}\n${about === undefined ? own : own.replaceAll('<model>', about)}\n`;
  return { text, exit };
}
