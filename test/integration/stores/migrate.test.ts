// Migrations: races, versions, and the committed dump of the schema.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { VERSION_STATES, VERSION_TRANSITIONS } from '../../../src/domain/lifecycle/registry';
import { migrate } from '../../../src/stores/migrate';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../setup/database';
import { dumpSchema } from './schema-dump';

const MIGRATIONS = join(__dirname, '../../../src/stores/migrations');
const DUMP = join(MIGRATIONS, 'schema.txt');

let database: TestDatabase;
let client: Client;
async function open(created: Promise<TestDatabase>): Promise<void> {
  database = await created;
  client = new Client({ connectionString: database.url });
  await client.connect();
}
afterEach(async () => {
  await client.end();
  await database.drop();
});

describe('migrations', () => {
  it('are applied exactly once when 20 migrators start on an empty database at the same moment', async () => {
    await open(createEmptyDatabase());
    const results = await Promise.all(Array.from({ length: 20 }, () => migrate(database.url)));
    expect(results.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
    expect(new Set(results.map(({ schema }) => schema)).size).toBe(1);
    const { rows } = await client.query(
      'select number, count(*)::int as times from schema_migrations group by number order by number',
    );
    const numbers = readdirSync(MIGRATIONS).flatMap((name) => /^(\d{3})_.*\.sql$/.exec(name)?.[1] ?? []);
    expect(rows).toEqual(numbers.sort().map((number) => ({ number: Number(number), times: 1 })));
  });

  it('refuse a database that a newer release has migrated, and leave it as it is', async () => {
    await open(createTestDatabase());
    await client.query(`insert into schema_migrations (number, name) values (999, '999_future.sql')`);
    await expect(migrate(database.url)).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW', details: { found: 999 } });
  });

  it('give the schema that is committed in schema.txt (UPDATE_SCHEMA=1 writes it anew)', async () => {
    await open(createTestDatabase());
    const dump = await dumpSchema(client);
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(DUMP, dump);
    expect(dump).toBe(readFileSync(DUMP, 'utf8'));
  });

  it('hold the same table of version transitions as the code', async () => {
    await open(createTestDatabase());
    const { rows } = await client.query<{ from_state: string; to_state: string }>(
      'select from_state, to_state from version_transitions',
    );
    const inCode = VERSION_STATES.flatMap((from) => VERSION_TRANSITIONS[from].map((to) => `${from} → ${to}`));
    expect(rows.map((row) => `${row.from_state} → ${row.to_state}`).sort()).toEqual(inCode.sort());
  });
});

describe('test databases', () => {
  it('are made from the template in well under a second', async () => {
    await open(createTestDatabase());
    const start = performance.now();
    const second = await createTestDatabase();
    const elapsedMs = performance.now() - start;
    await second.drop();
    expect(elapsedMs).toBeLessThan(1_000);
  });
});
