// Losing the database: one failure code, no unhandled event, and work that goes on when it is back.
import { Client } from 'pg';
import { createStores } from '../../../src/stores/stores';
import { createDatabase } from '../../../src/stores/database';
import { createTestDatabase, databaseUrl, type TestDatabase } from '../../setup/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Ends all other sessions of the test database, as a restart of the server would. */
async function killSessions(): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await client.end();
}

describe('the database connection', () => {
  it('says DATABASE_UNAVAILABLE when nobody listens, without the password', async () => {
    const failure = await createStores('postgres://ann:secret@127.0.0.1:1/x').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      details: { address: '127.0.0.1:1/x', code: 'ECONNREFUSED' },
    });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('secret');
  });

  it('says CONFIG_INVALID for an address that is none, and for a database that does not exist', async () => {
    await expect(createStores('mysql://x/y')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(createStores(databaseUrl('absent'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('survives the loss of its idle connections', async () => {
    const stores = await createStores(database.url);
    await Promise.all([1, 2, 3].map(() => stores.outbox.pending()));
    await killSessions();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await stores.outbox.pending()).toBe(0);
    await stores.close();
  });

  it('fails a transaction that loses its connection as DATABASE_UNAVAILABLE and commits nothing', async () => {
    const stores = await createStores(database.url);
    const lost = stores.ledger.once('step/lost/1', 'd', async () => {
      await killSessions();
      return 1;
    });
    await expect(lost).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await stores.ledger.count('lost')).toBe(0);
    expect(await stores.ledger.once('step/lost/1', 'd', async () => 2)).toEqual({ result: 2, first: true });
    await stores.close();
  });

  it('gives up waiting for a lock after the statement time-out', async () => {
    const holder = createDatabase(database.url);
    const waiter = createDatabase(database.url, { statementTimeoutMs: 50 });
    await holder.run('create table locked (n integer)');
    await holder.transaction(async () => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      await client.query('begin');
      await client.query('lock table locked');
      await expect(waiter.run('select * from locked')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      await client.end();
    });
    await Promise.all([holder.close(), waiter.close()]);
  });
});
