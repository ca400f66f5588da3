// A fresh, migrated PostgreSQL database per test file: a copy of a template that is built once per server and schema.
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/stores/migrate';

const MIGRATIONS = join(__dirname, '../../src/stores/migrations');
/** Advisory lock of the admin database: one process builds the template, the others wait. */
const TEMPLATE_LOCK = 7_269_314_886;

/** A database of one test file. */
export interface TestDatabase {
  readonly url: string;
  /** Ends what is still connected and removes the database. */
  drop(): Promise<void>;
}

/** URL of the test server's own database; global-setup starts the server and sets it. */
export function adminUrl(): string {
  const url = process.env['UNDERSTUDY_TEST_DATABASE_URL'];
  if (!url)
    throw new Error('UNDERSTUDY_TEST_DATABASE_URL is not set: run the tests with the jest project "integration".');
  return url;
}

/** The same server, another database. */
export function databaseUrl(name: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return url.href;
}

/** Creates a database with the current schema. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return withAdmin(async (admin) => create(admin, await templateName(admin)));
}

/** Creates a database without any table. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return withAdmin((admin) => create(admin, 'template0'));
}

async function create(admin: Client, template: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`create database ${name} template ${template}`);
  return {
    url: databaseUrl(name),
    drop: async () => {
      await withAdmin((admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** Builds the template under a temporary name, so that a half-made one is never used. */
async function templateName(admin: Client): Promise<string> {
  const digest = createHash('sha256');
  for (const file of readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort())
    digest.update(readFileSync(join(MIGRATIONS, file)));
  const name = `template_${digest.digest('hex').slice(0, 16)}`;
  await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) {
      await admin.query(`drop database if exists ${name}_new`);
      await admin.query(`create database ${name}_new template template0`);
      await migrate(databaseUrl(`${name}_new`));
      await admin.query(`alter database ${name}_new rename to ${name}`);
    }
  } finally {
    await admin.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
  return name;
}

async function withAdmin<T>(work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
