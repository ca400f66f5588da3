// What PostgreSQL's errors mean to a user: which ones say that the database cannot be reached, and which that its address is wrong.
import { types } from 'node:util';
import { UnderstudyError } from '../domain/failures';

/** Codes of the socket layer and of PostgreSQL after which the same statement may well work later. */
const UNREACHABLE = new Set([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'ECONNABORTED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EPIPE',
    'ENOENT',
  ],
  ...['57P01', '57P02', '57P03', '57P05', '57014'], // shut down, crashed, starting, idle time-out, statement time-out
  ...['53000', '53100', '53200', '53300', '25P03'], // out of resources, disk full, memory, connections; idle in transaction
]);
/** Wrong password, no such user or database: a matter of DATABASE_URL. */
const MISCONFIGURED = new Set(['28000', '28P01', '3D000']);
/** pg reports some losses by message only. */
const LOST_MESSAGE =
  /connection terminated|timeout exceeded when trying to connect|not queryable|connection ended|server closed the connection|timeout expired|query read timeout/i;

/** The error that the caller sees; errors with a meaning of their own (a broken constraint) stay as they are. */
export function failureOf(error: unknown, address: string): unknown {
  // Not instanceof: Node's own errors can come from another realm.
  if (error instanceof UnderstudyError || !types.isNativeError(error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNREACHABLE.has(code) || code.startsWith('08') || LOST_MESSAGE.test(error.message))
    return new UnderstudyError(
      'DATABASE_UNAVAILABLE',
      `PostgreSQL at ${address}: ${messageOf(error)}`,
      { address, code },
      { cause: error },
    );
  if (MISCONFIGURED.has(code))
    return new UnderstudyError(
      'CONFIG_INVALID',
      `DATABASE_URL (${address}): ${error.message}`,
      { address, code },
      { cause: error },
    );
  return error;
}

/** Name of the constraint or rule that refused a statement, when PostgreSQL gave one. */
export function constraintOf(error: unknown): string | undefined {
  return types.isNativeError(error) && 'constraint' in error && typeof error.constraint === 'string'
    ? error.constraint
    : undefined;
}

/**
 * Host, port and database of a URL, without user and password.
 * @throws UnderstudyError `CONFIG_INVALID` when it is not a PostgreSQL URL.
 */
export function addressOf(databaseUrl: string): string {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:')
    throw new UnderstudyError(
      'CONFIG_INVALID',
      'DATABASE_URL is not a PostgreSQL URL; allowed is postgres://user:password@host:port/database.',
    );
  return `${url.host}${url.pathname}`;
}

/** Several addresses of one host fail with an AggregateError, whose own message is empty. */
function messageOf(error: Error): string {
  if (error.message) return error.message;
  return error instanceof AggregateError && error.errors[0] instanceof Error
    ? error.errors[0].message
    : 'no connection';
}
