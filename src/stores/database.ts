// The connection to PostgreSQL: a pool, parsed rows, transactions, and one meaning for every way of losing the database.
// Invariant: a lost connection is DATABASE_UNAVAILABLE for the caller and never an unhandled 'error' event of the process.
import { Pool, types, type PoolClient } from 'pg';
import { z } from 'zod';
import type { Transaction } from '../ports/stores';
import { addressOf, failureOf } from './database-failures';

/** Settings of the pool. */
export interface DatabaseOptions {
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** How long to wait for a connection, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long one statement may take (waiting for locks included), in milliseconds. Default 120,000. */
  readonly statementTimeoutMs?: number;
  /** A transaction whose process is silent for so long is ended by the server, so that a stopped worker blocks nobody. Default 60,000. */
  readonly idleTransactionTimeoutMs?: number;
}

/** Statements with parsed rows. */
export interface Queryable {
  /** Runs a statement and parses each row; a column that the schema does not name is dropped. */
  query<T>(row: z.ZodType<T>, text: string, values?: readonly unknown[]): Promise<T[]>;
  /** Runs a statement; returns the number of rows that it touched. */
  run(text: string, values?: readonly unknown[]): Promise<number>;
}

/** The pool: every call outside of a transaction takes any free connection. */
export interface Database extends Queryable {
  /** Commits what `work` did, or nothing when it throws. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const INT8 = 20;
const DATE = 1082;
const TIMESTAMPTZ = 1184;
const parseTimestamp = types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date;

/** Days stay text, instants become ISO text with Z (pg would give a local `Date` for both), 64-bit counts become numbers. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [DATE, (text) => text],
  [TIMESTAMPTZ, (text) => parseTimestamp(text).toISOString()],
]);

const parserOf = (oid: number, format?: 'text' | 'binary'): ((text: string) => unknown) =>
  PARSERS.get(oid) ?? (types.getTypeParser(oid, format) as (text: string) => unknown);

/** What an open transaction runs on; the entry goes when it ends, so that a late use is an error and not a write elsewhere. */
const OPEN = new WeakMap<Transaction, { readonly queryable: Queryable; readonly effect: string | null }>();

/**
 * Opens a pool. Nothing is connected before the first statement.
 * @throws UnderstudyError `CONFIG_INVALID` when the address is not a PostgreSQL URL.
 */
export function createDatabase(databaseUrl: string, options: DatabaseOptions = {}): Database {
  const address = addressOf(databaseUrl);
  const pool = new Pool({
    connectionString: databaseUrl,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    statement_timeout: options.statementTimeoutMs ?? 120_000,
    idle_in_transaction_session_timeout: options.idleTransactionTimeoutMs ?? 60_000,
    application_name: 'understudy',
    keepAlive: true,
    types: { getTypeParser: parserOf },
  });
  // The pool drops a broken connection by itself; without listeners the event would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));

  const translated = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw failureOf(error, address);
    }
  };

  async function transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await translated(() => pool.connect());
    const tx = Object.freeze({}) as Transaction;
    let broken = false;
    try {
      await translated(() => client.query('begin'));
      OPEN.set(tx, { queryable: inOrder(client, translated), effect: null });
      const result = await work(tx);
      const { command } = await translated(() => client.query('commit'));
      // Work that swallowed a failed statement would otherwise look committed.
      if (command !== 'COMMIT') throw new Error('The transaction was rolled back: a statement in it had failed.');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => (broken = true));
      throw error;
    } finally {
      OPEN.delete(tx);
      client.release(broken);
    }
  }

  return {
    ...queryableOn((text, values) => translated(() => pool.query(text, values))),
    transaction,
    close: () => pool.end(),
  };
}

/** The statements of an open transaction. */
export function within(tx: Transaction): Queryable {
  return openOf(tx).queryable;
}

/** Key of the ledger's effect that the transaction belongs to; null: none. */
export function effectOf(tx: Transaction): string | null {
  return openOf(tx).effect;
}

/** Marks the transaction as the one of an effect. */
export function markEffect(tx: Transaction, effect: string): void {
  OPEN.set(tx, { ...openOf(tx), effect });
}

/** Serialises what shares a name until the transaction ends. */
export async function lockName(tx: Transaction, name: string): Promise<void> {
  await within(tx).run('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
}

/** JSON text of a value for a json column; `undefined` is null. */
export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** Any JSON value of this type: for payloads that only this code base writes and whose type has no schema. */
export function jsonOf<T>(): z.ZodType<T> {
  return z.custom<T>((value) => value !== undefined);
}

function openOf(tx: Transaction): { readonly queryable: Queryable; readonly effect: string | null } {
  const open = OPEN.get(tx);
  if (!open) throw new Error('This transaction has ended (or it is none of these stores): its work was not awaited.');
  return open;
}

type Send = (text: string, values: unknown[]) => Promise<{ rows: unknown[]; rowCount: number | null }>;

function queryableOn(send: Send): Queryable {
  return {
    async query(row, text, values = []) {
      const { rows } = await send(text, [...values]);
      return rows.map((found) => row.parse(found));
    },
    async run(text, values = []) {
      return (await send(text, [...values])).rowCount ?? 0;
    },
  };
}

/** One statement after the other on a connection, also when the caller did not wait (pg gives that up). */
function inOrder(client: PoolClient, translated: <T>(work: () => Promise<T>) => Promise<T>): Queryable {
  let tail: Promise<unknown> = Promise.resolve();
  return queryableOn((text, values) => {
    const next = tail.then(() => translated(() => client.query(text, values)));
    tail = next.catch(() => undefined);
    return next;
  });
}
