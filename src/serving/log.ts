// The log of the serving process: one JSON object per line, for people and for log collectors.

/** Least to most talkative. */
const LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;

/** Writes one line. `facts` are JSON values and must hold no secrets and no request bodies. */
export type Log = (level: (typeof LEVELS)[number], message: string, facts?: Readonly<Record<string, unknown>>) => void;

/**
 * A log of JSON lines.
 * @param most - the most talkative level that is written.
 * @param write - where a line goes, with its line end. Default: standard output.
 */
export function createJsonLog(
  most: (typeof LEVELS)[number],
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Log {
  const last = LEVELS.indexOf(most);
  return (level, message, facts = {}) => {
    if (LEVELS.indexOf(level) > last) return;
    write(`${JSON.stringify({ at: new Date().toISOString(), level, process: 'serving', message, ...facts })}\n`);
  };
}

/** The sentence of whatever was thrown; by shape, because not everything that is thrown is an Error. */
export function messageOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return message === '' ? 'no reason was given' : message;
}
