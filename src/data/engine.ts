// One DuckDB instance per process and one connection per task: the only file that knows DuckDB's own API.
// Invariant: nothing is ever downloaded (extensions stay those of the binary) and every instant is read and written in UTC.
import { DuckDBInstance, type DuckDBConnection, type DuckDBValue, type DuckDBVector } from '@duckdb/node-api';
import { UnderstudyError } from '../domain/failures';

export interface EngineOptions {
  /** Threads of DuckDB besides the callers'. With 1, sums of fractions in a user's SQL have one order, hence one result. */
  readonly threads: number;
  readonly memoryLimitMb: number;
  /** Where DuckDB puts what does not fit into memory. */
  readonly tempDir: string;
}

/** A value of a row: what JSON knows, and dates. 64-bit integers come as numbers. */
export type Value = string | number | boolean | Date | null | readonly Value[];
export type Row = Readonly<Record<string, Value>>;

/** One chunk of a result, column by column: at most some thousand rows. */
export interface Chunk {
  readonly rows: number;
  readonly vectors: readonly DuckDBVector[];
}

/** One DuckDB connection: statements run one after the other; temporary tables and variables are its own. */
export interface Connection {
  /** Runs one or, without parameters, several statements. */
  run(sql: string, params?: readonly DuckDBValue[]): Promise<void>;
  /** Runs a statement that writes rows to a table or a file, and gives how many. */
  write(sql: string): Promise<number>;
  rows(sql: string, params?: readonly DuckDBValue[]): Promise<Row[]>;
  /** Columns that a query would give, without running it. */
  columns(sql: string): Promise<{ readonly name: string; readonly type: string }[]>;
  /** Calls `visit` for each chunk of a result, in order. */
  chunks(sql: string, visit: (chunk: Chunk) => void): Promise<void>;
  /** Tables that a query names (not its own common table expressions). */
  tableNames(sql: string): readonly string[];
  /** Appends rows to an existing table, in order; values must have the types of the table's columns. */
  append(table: string, rows: Iterable<readonly DuckDBValue[]>): Promise<void>;
  /** Rows that the running statement has read so far; 0 when DuckDB does not know. */
  rowsRead(): number;
  /** Stops the running statement, which then fails. */
  interrupt(): void;
  close(): void;
}

export interface Engine {
  connect(): Promise<Connection>;
  /**
   * Runs a task on a connection of its own and closes it, whatever happens.
   * @param signal when it aborts, the running statement is interrupted and the task fails with the signal's reason.
   */
  task<T>(work: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Runs one statement on a connection of its own. */
  run(sql: string, params?: readonly DuckDBValue[]): Promise<void>;
  rows(sql: string, params?: readonly DuckDBValue[]): Promise<Row[]>;
  columns(sql: string): Promise<{ readonly name: string; readonly type: string }[]>;
  close(): void;
}

/** Starts an in-memory DuckDB. Close it before the process ends. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${options.memoryLimitMb}MB`,
    temp_directory: options.tempDir,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connect = async (): Promise<Connection> => wrap(await instance.connect());
  const first = await connect();
  await first.run("SET GLOBAL TimeZone = 'UTC'");
  first.close();
  const task = async <T>(work: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    signal?.throwIfAborted();
    const connection = await connect();
    const stop = signal && interruptOn(signal, connection);
    try {
      return await work(connection);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      stop?.();
      connection.close();
    }
  };
  return {
    connect,
    task,
    run: (sql, params) => task((connection) => connection.run(sql, params)),
    rows: (sql, params) => task((connection) => connection.rows(sql, params)),
    columns: (sql) => task((connection) => connection.columns(sql)),
    close: () => instance.closeSync(),
  };
}

/** How often an aborted task is interrupted: an interrupt between two statements would miss both. */
const INTERRUPT_EVERY_MS = 50;

/** Interrupts from the signal's abort until the returned function is called. */
function interruptOn(signal: AbortSignal, connection: Connection): () => void {
  let again: NodeJS.Timeout | undefined;
  const abort = (): void => {
    connection.interrupt();
    again = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => {
    clearInterval(again);
    signal.removeEventListener('abort', abort);
  };
}

function wrap(connection: DuckDBConnection): Connection {
  const rows: Connection['rows'] = async (sql, params) => {
    const reader = await connection.runAndReadAll(sql, params && [...params]);
    return reader.getRowObjectsJS().map(plainRow);
  };
  return {
    rows,
    async run(sql, params) {
      await connection.run(sql, params && [...params]);
    },
    write: async (sql) => (await connection.run(sql)).rowsChanged,
    async columns(sql) {
      const found = await rows(`DESCRIBE ${sql}`);
      return found.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
    },
    async chunks(sql, visit) {
      const result = await connection.stream(sql);
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        const vectors: DuckDBVector[] = [];
        for (let i = 0; i < chunk.columnCount; i++) vectors.push(chunk.getColumnVector(i));
        visit({ rows: chunk.rowCount, vectors });
      }
    },
    tableNames: (sql) => connection.getTableNames(sql, false),
    async append(table, values) {
      const appender = await connection.createAppender(table);
      try {
        for (const row of values) {
          for (const value of row) appender.appendValue(value);
          appender.endRow();
        }
        appender.flushSync();
      } finally {
        appender.closeSync();
      }
    },
    rowsRead: () => Number(connection.progress.rows_processed),
    interrupt: () => connection.interrupt(),
    close: () => connection.closeSync(),
  };
}

function plainRow(row: Record<string, unknown>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): Value {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plainValue);
  return (value ?? null) as Value;
}

/** An error's text. `instanceof Error` would miss errors that a native module made in another realm. */
export function messageOf(error: unknown): string {
  const message: unknown = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : String(error);
}

/** The first line of what DuckDB has to say, without its list of remedies. */
export function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0]!;
}

/**
 * Throws when the engine itself was short of memory: that is no fault of the file or the SQL at hand, and passes when other work ends.
 * @throws UnderstudyError `INTERNAL` (retryable).
 */
export function refuseToBlame(error: unknown, what: string): void {
  if (!/out of memory/i.test(messageOf(error))) return;
  throw new UnderstudyError(
    'INTERNAL',
    `${what}: the engine is short of memory: ${firstLine(error)}`,
    {},
    { cause: error },
  );
}

/**
 * Runs something that contains a user's SQL.
 * @param part which part of the model it is, such as `feature view "calendar"`.
 * @throws UnderstudyError `MODEL_CODE_FAILED` with the part and DuckDB's first line; an error that has a code already stays as it is.
 */
export async function modelSql<T>(part: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnderstudyError) throw error;
    refuseToBlame(error, part);
    throw new UnderstudyError('MODEL_CODE_FAILED', `${part}: ${firstLine(error)}`, { part }, { cause: error });
  }
}
