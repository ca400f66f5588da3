// The outbox: one row per key, several relays, failures and crashes.
import { Client } from 'pg';
import type { Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { alert } from './fixtures';

let database: TestDatabase;
let stores: Stores;
beforeEach(async () => {
  database = await createTestDatabase();
  stores = await createStores(database.url, { outbox: { firstRetryMs: 60_000 } });
});
afterEach(async () => {
  await stores.close();
  await database.drop();
});

const add = (...keys: string[]) =>
  stores.transaction(async (tx) => {
    for (const key of keys) await stores.outbox.add(tx, alert('m', key));
  });
/** Seconds until the row is due; makes it due at once. */
async function waitSeconds(key: string): Promise<number> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ wait: number }>(
    'select extract(epoch from next_attempt_at - clock_timestamp())::float8 as wait from outbox where key = $1',
    [key],
  );
  await client.query('update outbox set next_attempt_at = now() where key = $1', [key]);
  await client.end();
  return rows[0]?.wait ?? NaN;
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the outbox', () => {
  it('keeps one row per key and hands each over once, also with several relays at once', async () => {
    const keys = Array.from({ length: 20 }, (_, n) => `key-${n}`);
    await add(...keys);
    await add(...keys);
    expect(await stores.outbox.pending()).toBe(20);
    const told: string[] = [];
    const relay = () =>
      stores.outbox.deliverDue(50, async ({ key }) => {
        await pause(2);
        told.push(key);
      });
    const counts = await Promise.all([relay(), relay(), relay(), relay()]);
    expect(counts.reduce((a, b) => a + b)).toBe(20);
    expect(told.sort()).toEqual([...keys].sort());
    expect(await stores.outbox.pending()).toBe(0);
    await add('key-1');
    expect(await stores.outbox.deliverDue(50, async () => undefined)).toBe(0);
  });

  it('does not hold up other rows when one fails, and tries that one again later and later', async () => {
    await add('bad', 'good');
    const told: string[] = [];
    const deliver = async ({ key }: { key: string }) => {
      if (key === 'bad') throw new Error('receiver says 500');
      told.push(key);
    };
    expect(await stores.outbox.deliverDue(10, deliver)).toBe(1);
    expect(told).toEqual(['good']);
    expect(await stores.outbox.deliverDue(10, deliver)).toBe(0);
    expect((await stores.outbox.list('m', 10))[1]).toMatchObject({
      attempts: 1,
      deliveredAt: null,
      lastError: 'receiver says 500',
    });
    const firstWait = await waitSeconds('bad');
    await stores.outbox.deliverDue(10, deliver);
    const secondWait = await waitSeconds('bad');
    expect([firstWait > 30, firstWait <= 60, secondWait > 60, secondWait <= 120]).toEqual([true, true, true, true]);
    expect(await stores.outbox.deliverDue(10, async () => undefined)).toBe(1);
    expect((await stores.outbox.list('m', 10))[1]).toMatchObject({ attempts: 3, lastError: null });
  });

  it('hands over at most `limit` rows, oldest first', async () => {
    await add('a', 'b', 'c');
    const told: string[] = [];
    const deliver = async ({ key }: { key: string }) => void told.push(key);
    expect(await stores.outbox.deliverDue(2, deliver)).toBe(2);
    expect(told).toEqual(['a', 'b']);
  });

  it('delivers again with the same id when a relay is lost between delivery and mark', async () => {
    await add('once');
    const ids: number[] = [];
    const lost = await createStores(database.url, { idleTransactionTimeoutMs: 50 });
    const first = lost.outbox.deliverDue(1, async (_, id) => {
      ids.push(id);
      await pause(200); // the server ends the transaction meanwhile
    });
    await expect(first).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await lost.close();
    expect(await stores.outbox.deliverDue(1, async (_, id) => void ids.push(id))).toBe(1);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('forgets a row whose transaction fails', async () => {
    const failing = stores.transaction(async (tx) => {
      await stores.outbox.add(tx, alert('m', 'never'));
      throw new Error('later');
    });
    await expect(failing).rejects.toThrow('later');
    expect(await stores.outbox.pending()).toBe(0);
  });
});
