// Brings a database to this release's schema: numbered SQL files, forward only, each in a transaction of its own.
// Invariant: any number of migrators at once apply each file exactly once; a newer schema is never touched.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { UnderstudyError } from '../domain/failures';
import { addressOf, failureOf } from './database-failures';

/** Any fixed number: the advisory lock that migrators of one database share. */
const LOCK = 7_269_314_885;
const FILE = /^(\d{3})_[a-z0-9_]+\.sql$/;

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly path: string;
}

/** What a migration run found and did. */
export interface MigrationResult {
  /** Names of the files that this run applied. */
  readonly applied: readonly string[];
  /** Number of the newest migration that the database has now. */
  readonly schema: number;
}

/**
 * Applies what is missing. Safe at any time and by several processes at once; a database that is up to date costs one query.
 * @param directory Folder of the SQL files. Default: the ones of this release.
 * @throws UnderstudyError `SCHEMA_TOO_NEW` when the database has a migration that this release does not know, `DATABASE_UNAVAILABLE`.
 */
export async function migrate(
  databaseUrl: string,
  directory = join(__dirname, 'migrations'),
): Promise<MigrationResult> {
  const address = addressOf(databaseUrl);
  const migrations = await migrationsIn(directory);
  const newest = migrations.at(-1)?.number ?? 0;
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'understudy migrate',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    if ((await schemaOf(client, newest)) === newest) return { applied: [], schema: newest };
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(
      `create table if not exists schema_migrations (number integer primary key, name text not null, applied_at timestamptz not null default now())`,
    );
    const current = await schemaOf(client, newest);
    const missing = migrations.filter(({ number }) => number > current);
    for (const migration of missing) await apply(client, migration);
    return { applied: missing.map(({ name }) => name), schema: newest };
  } catch (error) {
    throw failureOf(error, address);
  } finally {
    // Ending the session gives the lock back, also after a failure.
    await client.end().catch(() => undefined);
  }
}

async function apply(client: Client, { number, name, path }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(await readFile(path, 'utf8'));
    await client.query('insert into schema_migrations (number, name) values ($1, $2)', [number, name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** The newest applied number, 0 for an empty database. */
async function schemaOf(client: Client, newest: number): Promise<number> {
  const table = await client.query<{ found: boolean }>(`select to_regclass('schema_migrations') is not null as found`);
  if (!table.rows[0]?.found) return 0;
  const { rows } = await client.query<{ number: number; name: string }>(
    'select number, name from schema_migrations order by number desc limit 1',
  );
  const last = rows[0];
  if (last && last.number > newest)
    throw new UnderstudyError(
      'SCHEMA_TOO_NEW',
      `The database has migration ${last.name}; this release knows migrations up to ${newest}.`,
      { found: last.number, known: newest },
    );
  return last?.number ?? 0;
}

async function migrationsIn(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => FILE.test(name)).sort();
  return names.map((name) => ({ number: Number(FILE.exec(name)?.[1]), name, path: join(directory, name) }));
}
