// What an error of an author's code says, in one line: whatever was thrown, by whichever realm or compiler.

/** The first line of what an error says; of a compiler, which announces its errors by a colon, the next one too. */
export function saidBy(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  const [first = '', second = ''] = (typeof message === 'string' ? message : String(error)).split('\n');
  return first.endsWith(':') ? `${first} ${second.trim()}` : first;
}
