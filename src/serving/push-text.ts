// Reads posted rows off the wire without changing them: each row keeps its own JSON text, so that no digit of a number is lost.
// Invariant: a row that is let in can be stored and read again; one that could not be refuses the whole post, with its number.
import { UnderstudyError } from '../domain/failures';

/** The rows of a post. */
export interface Post {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** The rows as a JSON array in the client's own words. */
  readonly json: string;
  /** Name of the post in its body, whatever the client wrote there. */
  readonly batch: unknown;
}

const ALLOWED_BODY =
  'a JSON array of objects, {"rows": [...], "batch"?: "..."}, or one object a line with Content-Type: application/x-ndjson';
/** Columns of our own in the files that rows become. */
const RESERVED = new Set(['__line', '__file', '__day']);

/**
 * Reads a body.
 * @throws UnderstudyError `REQUEST_INVALID` naming the row or line
 */
export function readPost(text: string, contentType: string | undefined): Post {
  if (/ndjson|jsonl|json-?lines/i.test(contentType ?? '')) return readLines(text);
  const parsed = parse(text, 'the body');
  if (Array.isArray(parsed)) return checked(parsed, arrayTexts(text, 1), undefined);
  const { rows, batch, ...others } = (parsed ?? {}) as { rows?: unknown; batch?: unknown };
  if (!Array.isArray(rows) || Object.keys(others).length > 0) throw refusal(shapeOf(parsed), ALLOWED_BODY);
  return checked(rows, arrayTexts(text, 2), batch);
}

/** The refusal of a post, as `REQUEST_INVALID`. */
export function refusal(found: string, allowed: string): UnderstudyError {
  const message = `The rows cannot be taken (found: ${found}; allowed: ${allowed}). Nothing of this post was stored.`;
  return new UnderstudyError('REQUEST_INVALID', message, { found, allowed });
}

function readLines(text: string): Post {
  const rows: unknown[] = [];
  const texts: string[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    rows.push(parse(line, `line ${at + 1}`));
    texts.push(line.trim());
  }
  return checked(rows, texts, undefined);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal(`${what} is no JSON: ${(error as Error).message}`, ALLOWED_BODY);
  }
}

/** The texts of the members of the one array at a depth: 1 for a body that is an array, 2 for one in an envelope. */
function arrayTexts(text: string, depthOfArray: number): string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = -1;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (sign === '"') at = endOfText(text, at);
    else if (sign === '[' || sign === '{') {
      if (depth === depthOfArray && start < 0) start = at;
      depth++;
    } else if (sign === ']' || sign === '}') {
      depth--;
      if (depth !== depthOfArray || start < 0) continue;
      texts.push(text.slice(start, at + 1));
      start = -1;
    }
  }
  return texts;
}

/** Where the text that begins at a quote ends. */
function endOfText(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function checked(rows: readonly unknown[], texts: readonly string[], batch: unknown): Post {
  if (rows.length === 0) throw refusal('no rows', 'at least one row');
  const fitting = rows.map((row, at) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw refusal(`row ${at + 1} is ${shapeOf(row)}`, 'rows that are objects');
    return row as Readonly<Record<string, unknown>>;
  });
  // Rows twice in an envelope would be other rows in the text than in the object.
  if (texts.length !== rows.length) throw refusal('"rows" twice', 'each field once');
  for (const [at, row] of fitting.entries()) checkRow(row, texts[at]!, `row ${at + 1}`);
  return { rows: fitting, json: `[${texts.join(',')}]`, batch };
}

function checkRow(row: Readonly<Record<string, unknown>>, text: string, where: string): void {
  const names = Object.keys(row);
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = name.toLowerCase();
    if (name === '') throw refusal(`${where} has a field without a name`, 'fields with names');
    if (RESERVED.has(key)) throw refusal(`${where} has a field "${name}"`, 'names that do not begin with __');
    if (seen.has(key))
      throw refusal(`${where} has "${seen.get(key)}" and "${name}"`, 'names that differ not only in case');
    seen.set(key, name);
  }
  if (fieldsOf(text) !== names.length) throw refusal(`${where} has a field twice`, 'each field once');
  // Databases and files cannot hold these; looked for only where the text can have them.
  if (/\\u(0000|d[89a-f])/i.test(text) && hasBadText(row))
    throw refusal(
      `${where} has \\u0000 or half of a surrogate pair in a text`,
      'text that UTF-8 can hold, without NUL',
    );
}

/** Fields on the first level of an object's text: its colons there. */
function fieldsOf(text: string): number {
  let fields = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (sign === '"') at = endOfText(text, at);
    else if (sign === '[' || sign === '{') depth++;
    else if (sign === ']' || sign === '}') depth--;
    else if (sign === ':' && depth === 1) fields++;
  }
  return fields;
}

function hasBadText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || Buffer.from(value, 'utf8').toString('utf8') !== value;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => hasBadText(name) || hasBadText(inner));
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value).slice(0, 80);
  return `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'no field'}`;
}
