// Rows of an author's async iterator; the boundary round the author's code.
// Invariant: whatever the hook does ends as rows or as one error that names the hook, the row and what was found.
import { UnderstudyError } from '../../domain/failures';
import type { SourceHook, SourceHookInput } from '../../domain/plan/source-hook';
import { sourceFailure } from './source-file';

/** A hook and what it is called with. */
export interface HookRequest {
  /** How messages call it, such as `hooks/weather.ts`. */
  readonly name: string;
  /** The module's default export, whatever it is. */
  readonly hook: unknown;
  readonly input: SourceHookInput;
}

/** Codes that a hook may put on its own errors. */
const OWN_CODES = ['SOURCE_NOT_FOUND', 'SOURCE_UNAVAILABLE'] as const;

/**
 * The rows, each a JSON object.
 * @throws UnderstudyError `MODEL_CODE_FAILED`, or what the hook asked for by the `code` of its error.
 */
export async function* hookRows({ name, hook, input }: HookRequest): AsyncGenerator<string> {
  if (typeof hook !== 'function') {
    const problem = {
      what: 'this is no hook',
      found: kindOf(hook),
      allowed: 'export default async function* ({ … }) { … }',
    };
    throw sourceFailure('MODEL_CODE_FAILED', name, problem);
  }
  const { signal } = input;
  const boundary = async <T>(rows: number, work: () => T | Promise<T>): Promise<T> => {
    try {
      return await untilAborted(signal, work);
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(name, rows, error);
    }
  };
  const iterator = await boundary(0, () => iteratorOf(name, (hook as SourceHook)(input)));
  let rows = 0;
  let ended = false;
  try {
    for (;;) {
      const next = await boundary(rows, () => iterator.next());
      if (next.done === true) {
        ended = true;
        return;
      }
      rows++;
      yield lineOf(name, rows, next.value);
    }
  } finally {
    // The hook gets the chance to close what it has open; not waited for, since it may never answer.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function iteratorOf(name: string, rows: unknown): AsyncIterator<unknown> {
  const iterable = rows as Partial<AsyncIterable<unknown>> | null | undefined;
  const iterator = iterable?.[Symbol.asyncIterator]?.();
  if (iterator) return iterator;
  const problem = {
    what: 'the hook gives no rows',
    found: kindOf(rows),
    allowed: 'an async iterator of plain objects',
  };
  throw sourceFailure('MODEL_CODE_FAILED', name, problem);
}

/** A hook that ignores the signal is not waited for. */
async function untilAborted<T>(signal: AbortSignal, work: () => T | Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop!);
  }
}

function failureOf(name: string, rows: number, error: unknown): UnderstudyError {
  if (error instanceof UnderstudyError) return error;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const said = typeof message === 'string' ? message.split('\n', 1)[0]! : String(error);
  const own = OWN_CODES.find((each) => each === code) ?? 'MODEL_CODE_FAILED';
  return new UnderstudyError(
    own,
    `${name}: the hook failed after row ${rows}: ${said}`,
    { file: name, rows },
    { cause: error },
  );
}

function lineOf(name: string, row: number, value: unknown): string {
  if (!isPlain(value)) throw badRow(name, `row ${row}`, kindOf(value), 'a plain object');
  return `{${Object.entries(value)
    .map(([field, inner]) => `${JSON.stringify(field)}:${jsonOf(name, `row ${row}, field "${field}"`, inner)}`)
    .join(',')}}`;
}

/** JSON that keeps what JSON would lose: whole numbers of any size, NaN and the infinities. */
function jsonOf(name: string, where: string, value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'bigint':
      return String(value);
    case 'undefined':
      return 'null';
    case 'object':
      if (value === null) return 'null';
      if (isDate(value)) {
        if (Number.isNaN(value.getTime())) throw badRow(name, where, 'an invalid Date', 'a valid one');
        return `"${value.toISOString()}"`;
      }
      if (Array.isArray(value)) return `[${value.map((inner) => jsonOf(name, where, inner)).join(',')}]`;
      if (isPlain(value)) {
        const fields = Object.entries(value).map(
          ([key, inner]) => `${JSON.stringify(key)}:${jsonOf(name, where, inner)}`,
        );
        return `{${fields.join(',')}}`;
      }
      throw badRow(name, where, kindOf(value), ALLOWED_VALUES);
    case 'function':
    case 'symbol':
      throw badRow(name, where, kindOf(value), ALLOWED_VALUES);
  }
}

const ALLOWED_VALUES = 'texts, numbers, booleans, dates, null, and lists and plain objects of them';

function badRow(name: string, where: string, found: string, allowed: string): UnderstudyError {
  return sourceFailure('MODEL_CODE_FAILED', `${name} ${where}`, {
    what: 'the hook gives no usable row',
    found,
    allowed,
  });
}

/** By shape, because an author's module may run in another realm. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return (
    prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'))
  );
}

function isDate(value: object): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]';
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object')
    return `an object of ${(value as { constructor?: { name?: string } }).constructor?.name ?? 'no class'}`;
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value)?.slice(0, 80);
  return `a ${typeof value}${text === undefined ? '' : ` (${text})`}`;
}
