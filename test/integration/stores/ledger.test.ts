// The effect ledger: exactly one committed effect per key, whatever races, fails or dies.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Stores, Transaction } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { AS_OF } from './fixtures';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createTestDatabase();
  stores = await createStores(database.url);
});
afterAll(async () => {
  await stores.close();
  await database.drop();
});

const note = (tx: Transaction, model: string, subject: string) =>
  stores.audit.add(tx, { model, asOf: AS_OF, by: 'test', action: 'step', subject, details: { n: 1 } });

describe('the effect ledger', () => {
  it('runs an effect once for two attempts at the same moment, and gives both the same result', async () => {
    let runs = 0;
    const attempt = () =>
      stores.ledger.once('save/race/1', 'digest', async (tx) => {
        runs++;
        await note(tx, 'race', 'x');
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { version: 7, list: ['b', 'a'] };
      });
    const both = await Promise.all([attempt(), attempt()]);
    expect(both.map(({ result }) => result)).toEqual([
      { version: 7, list: ['b', 'a'] },
      { version: 7, list: ['b', 'a'] },
    ]);
    expect(both.map(({ first }) => first).sort()).toEqual([false, true]);
    expect(runs).toBe(1);
    expect(await stores.audit.list('race', 10)).toHaveLength(1);
    expect(await stores.ledger.count('race')).toBe(1);
  });

  it('lets the waiting attempt do the effect when the first one fails', async () => {
    let release = (): void => undefined;
    const started = new Promise<void>((resolve) => (release = resolve));
    const failing = stores.ledger.once('save/retry/1', 'digest', async (tx) => {
      await note(tx, 'retry', 'of the failing attempt');
      release();
      await new Promise((resolve) => setTimeout(resolve, 100));
      throw new Error('first attempt fails');
    });
    await started;
    const second = stores.ledger.once('save/retry/1', 'digest', async (tx) => {
      await note(tx, 'retry', 'of the second attempt');
      return 'done';
    });
    await expect(failing).rejects.toThrow('first attempt fails');
    expect(await second).toEqual({ result: 'done', first: true });
    expect((await stores.audit.list('retry', 10)).map(({ subject }) => subject)).toEqual(['of the second attempt']);
  });

  it('leaves neither key nor effect behind when the effect throws', async () => {
    await expect(
      stores.ledger.once('save/throws/1', 'digest', async (tx) => {
        await note(tx, 'throws', 'x');
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    expect(await stores.ledger.count('throws')).toBe(0);
    expect(await stores.audit.list('throws', 10)).toEqual([]);
  });

  it('refuses the same key with other inputs and names it', async () => {
    await stores.ledger.once('save/other/1', 'one', async () => 1);
    const second = stores.ledger.once('save/other/1', 'two', async () => 2);
    await expect(second).rejects.toMatchObject({
      code: 'DUPLICATE_EFFECT',
      details: { key: 'save/other/1', stored: 'one', asked: 'two' },
    });
    await expect(second).rejects.toThrow('save/other/1');
  });

  it('keeps an effect without result, and gives null to all', async () => {
    expect(await stores.ledger.once('save/void/1', 'd', async () => undefined)).toEqual({ result: null, first: true });
    expect(await stores.ledger.once('save/void/1', 'd', async () => undefined)).toEqual({ result: null, first: false });
  });

  it('does not pass for committed when the work swallows a failed statement', async () => {
    const swallowing = stores.transaction(async (tx) => {
      await note(tx, 'swallow', 'x');
      const bad = { model: 'swallow', asOf: 'no instant', by: 'x', action: 'x', subject: 'x', details: {} };
      await stores.audit.add(tx, bad).catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('rolled back');
    expect(await stores.audit.list('swallow', 1)).toEqual([]);
  });

  it('is not left half done by a process that is killed inside its effect', async () => {
    const child = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(__dirname, 'crash-in-effect.ts'), database.url],
      {
        encoding: 'utf8',
      },
    );
    expect({ signal: child.signal, stderr: child.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
    const again = await stores.ledger.once('step/m/crash', 'digest', async (tx) => {
      await note(tx, 'm', 'x');
      return 'second process';
    });
    expect(again).toEqual({ result: 'second process', first: true });
    expect((await stores.audit.list('m', 10)).map(({ by }) => by)).toEqual(['test']);
  });

  it('shows an effect that was done twice past the ledger as a duplicate in the audit log', async () => {
    await stores.ledger.once('save/planted/1', 'd', (tx) => note(tx, 'planted', 'x'));
    expect(await stores.audit.duplicates('planted')).toEqual([]);
    await stores.ledger.once('save/planted/1/run-2', 'd', (tx) => note(tx, 'planted', 'x'));
    expect(await stores.audit.duplicates('planted')).toEqual([{ action: 'step', subject: 'x', asOf: AS_OF, times: 2 }]);
  });

  it('refuses the use of a transaction that has ended', async () => {
    const leaked = await stores.transaction(async (tx) => tx);
    await expect(note(leaked, 'late', 'x')).rejects.toThrow('has ended');
  });
});
