// Takes a JSON object apart without changing the text of its values.
// JSON.parse would make 12.50 to 12.5 and 12345678901234567890 to another number.

/**
 * The members of a JSON object in their order: texts decoded, null as null, everything else as written. Null when the text is no JSON object.
 * The syntax is judged by JSON.parse; what follows only has to find where each value begins and ends.
 */
export function jsonMembers(text: string): [string, string | null][] | null {
  if (!text.startsWith('{')) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const members: [string, string | null][] = [];
  let at = skipSpace(text, 1);
  while (text[at] !== '}') {
    const keyEnd = textEnd(text, at);
    const key = decoded(text, at, keyEnd);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1); // behind the colon
    const end = valueEnd(text, start);
    members.push([key, valueOf(text, start, end)]);
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

function valueOf(text: string, start: number, end: number): string | null {
  if (text[start] === '"') return decoded(text, start, end);
  const raw = text.slice(start, end);
  return raw === 'null' ? null : raw;
}

function decoded(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : raw;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Just behind the closing quote of the text that begins at `start`. */
function textEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function valueEnd(text: string, start: number): number {
  if (text[start] === '"') return textEnd(text, start);
  let depth = 0;
  let at = start;
  for (; at < text.length; at++) {
    const c = text[at]!;
    if (c === '"') at = textEnd(text, at) - 1;
    else if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (c === ',' || c.charCodeAt(0) <= 32)) return at;
  }
  return at;
}
