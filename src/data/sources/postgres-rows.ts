// Rows of a PostgreSQL database: one read-only snapshot, fetched in chunks under a statement time-out, each value as PostgreSQL writes it.
// Invariant: equal rows give equal lines in equal order, whatever order the server finds them in.
import { Client, type FieldDef } from 'pg';
import type { IsoTimestamp } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { PostgresSourcePlan } from '../../domain/plan/table-plan';
import { networkProblem, sourceFailure, systemCode } from './source-file';

/** What to ask of which database. */
export interface PostgresRequest {
  /** `postgresql://user:password@host:port/database`; never shown. */
  readonly address: string;
  readonly table: string;
  readonly source: Pick<PostgresSourcePlan, 'connection' | 'query' | 'chunkRows'>;
  readonly statementTimeoutMs: number;
  /** `$1` and `$2` of the query. */
  readonly from: IsoTimestamp;
  readonly to: IsoTimestamp;
  /** The zone in which the session reads and writes times: the model's. */
  readonly timeZone: string;
  readonly signal?: AbortSignal;
}

/** How long making the connection may take. */
const CONNECT_TIMEOUT_MS = 10_000;
const RAW_TEXT = { getTypeParser: () => (value: string) => value };

/**
 * The rows, each a JSON object whose values are texts or null.
 * @throws UnderstudyError `MODEL_CODE_FAILED` for a query that PostgreSQL refuses, `SOURCE_UNAVAILABLE` for a server that cannot be reached or
 * is too slow, `CONFIG_INVALID` for a wrong user, password or database.
 */
export async function* postgresRows(request: PostgresRequest): AsyncGenerator<string> {
  const { source, statementTimeoutMs, from, to, timeZone, signal } = request;
  const client = new Client({
    connectionString: request.address,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'understudy source',
    keepAlive: true,
    types: RAW_TEXT,
  });
  // A connection that breaks between two statements is noticed by the next one.
  client.on('error', () => undefined);
  /** Ending a connection with a query under way cuts it off. */
  const cutOff = (): void => void client.end().catch(() => undefined);
  try {
    signal?.throwIfAborted();
    await client.connect();
    signal?.addEventListener('abort', cutOff, { once: true });
    await client.query('begin isolation level repeatable read read only');
    await client.query(
      `select set_config('TimeZone', $1, true), set_config('DateStyle', 'ISO', true), set_config('IntervalStyle', 'iso_8601', true),
         set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true),
         set_config('statement_timeout', $2, true)`,
      [timeZone, String(statementTimeoutMs)],
    );
    await client.query(cursorOver(source.query), [from, to]);
    for (let more = true; more;) {
      const text = `fetch forward ${source.chunkRows} from understudy_rows`;
      const { fields, rows } = await client.query<(string | null)[]>({ text, rowMode: 'array' });
      const names = namesOf(request, fields);
      for (const row of rows) yield lineOf(names, row);
      more = rows.length === source.chunkRows;
    }
    await client.query('commit');
  } catch (error) {
    signal?.throwIfAborted();
    throw failureOf(request, error);
  } finally {
    signal?.removeEventListener('abort', cutOff);
    await client.end().catch(() => undefined);
  }
}

/**
 * The two bounds come first, so that their type is known wherever the query uses them, and rows are ordered by their whole text: a query
 * without an order would otherwise be another delivery each time it is read.
 */
function cursorOver(query: string): string {
  const inner = query.trim().replace(/(\s*;)+$/, '');
  return `declare understudy_rows no scroll cursor for
    with understudy_period as (select $1::timestamptz as starts, $2::timestamptz as ends)
    select understudy_found.* from (
${inner}
    ) as understudy_found order by understudy_found::text collate "C"`;
}

/** Each name as the beginning of its field in a line. */
function namesOf({ table, source }: PostgresRequest, fields: readonly FieldDef[]): string[] {
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) {
    const problem = {
      what: `the query gives column "${twice}" twice`,
      found: names.join(', '),
      allowed: 'distinct names',
    };
    throw sourceFailure('MODEL_CODE_FAILED', `source of ${table} (${source.connection})`, problem);
  }
  return names.map((name) => `${JSON.stringify(name)}:`);
}

function lineOf(names: readonly string[], row: readonly (string | null)[]): string {
  return `{${names.map((name, at) => name + JSON.stringify(row[at] ?? null)).join(',')}}`;
}

/** Shut down, crashed, starting, time-out of a statement, of an idle transaction and of a lock. */
const MAY_PASS = new Set(['57P01', '57P02', '57P03', '57P05', '57014', '25P03', '55P03', '40001']);
const MISCONFIGURED = new Set(['28000', '28P01', '3D000']);

function failureOf({ table, source, statementTimeoutMs }: PostgresRequest, error: unknown): Error {
  if (error instanceof UnderstudyError) return error;
  const name = `source of ${table} (${source.connection})`;
  const code = systemCode(error);
  const message = messageOf(error);
  if (code === '57014') {
    const problem = {
      what: 'the query took too long',
      found: message,
      allowed: `${statementTimeoutMs} ms a statement`,
    };
    return sourceFailure('SOURCE_UNAVAILABLE', name, problem, error);
  }
  const lost =
    networkProblem(error) ?? (/connection terminated|timeout|not queryable|closed/i.test(message) ? message : null);
  if (lost !== null || MAY_PASS.has(code) || code.startsWith('08') || code.startsWith('53')) {
    const problem = { what: 'the database cannot be used', found: lost ?? message, allowed: 'a database that answers' };
    return sourceFailure('SOURCE_UNAVAILABLE', name, problem, error);
  }
  if (MISCONFIGURED.has(code)) {
    const allowed = 'postgresql://user:password@host:port/database of an account that may read';
    return sourceFailure('CONFIG_INVALID', source.connection, { what: 'no entry', found: message, allowed }, error);
  }
  const hint = (error as { hint?: string } | null)?.hint;
  const problem = {
    what: 'PostgreSQL refuses the query',
    found: `${message}${hint ? `; ${hint}` : ''}`,
    allowed: 'one SELECT, with $1 and $2 as the bounds of the day',
  };
  return sourceFailure('MODEL_CODE_FAILED', name, problem, error);
}

/** Several addresses of one host fail with an AggregateError, whose own message is empty. */
function messageOf(error: unknown): string {
  const { message, errors } = (error ?? {}) as { message?: unknown; errors?: readonly { message?: string }[] };
  if (typeof message === 'string' && message !== '') return message;
  return errors?.[0]?.message ?? 'no connection';
}
