// Moves of the champion pointer: races, what becomes of each version, and what is told.
import { Client } from 'pg';
import { createStores } from '../../../src/stores/stores';
import type { Stores } from '../../../src/ports/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { AS_OF, move, saveCandidates } from './fixtures';

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

async function states(model: string): Promise<string> {
  return (await stores.registry.list(model)).map(({ version, state }) => `${version} ${state}`).join(', ');
}

/** Promotes versions 1 to `count`, one after the other. */
async function promoted(model: string, count: number): Promise<void> {
  await saveCandidates(stores, model, count);
  for (let version = 1; version <= count; version++)
    await move(stores, model, { version, expectedEpoch: version - 1, why: 'promotion' });
}

describe('promotion', () => {
  it('starts from a pointer at epoch 0 that names nobody', async () => {
    expect(await stores.registry.champion('nobody')).toMatchObject({ version: null, previous: null, epoch: 0 });
  });

  it('lets one of two moves with the same epoch win, and tells of one', async () => {
    await saveCandidates(stores, 'race', 2);
    const outcomes = await Promise.allSettled(
      [1, 2].map((version) => move(stores, 'race', { version, expectedEpoch: 0, why: 'promotion' })),
    );
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({ reason: { code: 'EPOCH_CONFLICT', details: { expected: 0, found: 1 } } });
    const champion = await stores.registry.champion('race');
    expect(champion.epoch).toBe(1);
    expect(await states('race')).toBe(champion.version === 1 ? '1 champion, 2 candidate' : '1 candidate, 2 champion');
    expect(await stores.registry.moves('race')).toHaveLength(1);
    expect(await stores.audit.list('race', 10)).toHaveLength(1);
    expect(await stores.outbox.list('race', 10)).toHaveLength(1);
  });

  it('lets one of ten moves win also when there is a champion already', async () => {
    await promoted('race again', 1);
    await saveCandidates(stores, 'race again', 10);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        move(stores, 'race again', { version: n + 2, expectedEpoch: 1, why: 'promotion' }),
      ),
    );
    const codes = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? 'won' : (outcome.reason as { code?: string }).code,
    );
    expect(codes.sort()).toEqual([...Array<string>(9).fill('EPOCH_CONFLICT'), 'won']);
    expect(await stores.registry.champion('race again')).toMatchObject({ epoch: 2, previous: 1 });
  });

  it('makes the old champion previous and archives the one before', async () => {
    await promoted('chain', 3);
    expect(await states('chain')).toBe('1 archived, 2 previous, 3 champion');
    expect(await stores.registry.champion('chain')).toEqual({
      model: 'chain',
      version: 3,
      previous: 2,
      epoch: 3,
      since: AS_OF,
    });
    expect((await stores.registry.moves('chain')).map(({ from, to, epoch }) => [from, to, epoch])).toEqual([
      [null, 1, 1],
      [1, 2, 2],
      [2, 3, 3],
    ]);
  });

  it('refuses the version that is champion, and one that does not exist', async () => {
    await promoted('refused', 1);
    const again = move(stores, 'refused', { version: 1, expectedEpoch: 1, why: 'promotion' });
    await expect(again).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
    const absent = move(stores, 'refused', { version: 9, expectedEpoch: 1, why: 'promotion' });
    await expect(absent).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
    expect((await stores.registry.champion('refused')).epoch).toBe(1);
  });

  it('takes a rejected version only as an override, and a deleted one never', async () => {
    await saveCandidates(stores, 'override', 2);
    await stores.transaction((tx) => stores.registry.setState(tx, 'override', 1, 'rejected'));
    await stores.transaction((tx) => stores.registry.setState(tx, 'override', 2, 'deleted'));
    const asPromotion = move(stores, 'override', { version: 1, expectedEpoch: 0, why: 'promotion' });
    await expect(asPromotion).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
    expect(await move(stores, 'override', { version: 1, expectedEpoch: 0, why: 'override' })).toMatchObject({
      version: 1,
      epoch: 1,
    });
    const deleted = move(stores, 'override', { version: 2, expectedEpoch: 1, why: 'override' });
    await expect(deleted).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
  });

  it('leaves no trace when the transaction fails afterwards', async () => {
    await saveCandidates(stores, 'undone', 1);
    const undone = stores.transaction(async (tx) => {
      const request = {
        model: 'undone',
        version: 1,
        expectedEpoch: 0,
        why: 'promotion',
        by: 'a',
        reason: 'r',
        asOf: AS_OF,
      } as const;
      await stores.registry.move(tx, request, {
        ...request,
        key: 'undone',
        severity: 'info',
        event: '',
        what: '',
        command: '',
      });
      throw new Error('later');
    });
    await expect(undone).rejects.toThrow('later');
    expect(await states('undone')).toBe('1 candidate');
    expect(await stores.outbox.list('undone', 1)).toEqual([]);
    expect(await stores.audit.list('undone', 1)).toEqual([]);
  });

  it('notifies listeners of the model when it commits', async () => {
    await saveCandidates(stores, 'heard', 1);
    const listener = new Client({ connectionString: database.url });
    await listener.connect();
    const heard = new Promise((resolve) => listener.once('notification', resolve));
    await listener.query('listen understudy_champion');
    await move(stores, 'heard', { version: 1, expectedEpoch: 0, why: 'promotion' });
    expect(await heard).toMatchObject({ channel: 'understudy_champion', payload: 'heard' });
    await listener.end();
  });
});

describe('fallback', () => {
  it('restores previous, quarantines the bad champion, and takes the last good version before as previous', async () => {
    await promoted('fall', 3);
    expect(await move(stores, 'fall', { version: 2, expectedEpoch: 3, why: 'fallback', quarantine: 3 })).toMatchObject({
      version: 2,
      previous: 1,
      epoch: 4,
    });
    expect(await states('fall')).toBe('1 previous, 2 champion, 3 quarantined');
    expect((await stores.audit.list('fall', 1))[0]).toMatchObject({
      action: 'champion.fallback',
      subject: 'version/2',
      details: { from: 3, to: 2, quarantined: 3, previous: 1, epoch: 4 },
    });
  });

  it('skips quarantined versions, and ends with no previous and then NO_PREVIOUS', async () => {
    await promoted('down', 2);
    expect(await move(stores, 'down', { version: 1, expectedEpoch: 2, why: 'fallback', quarantine: 2 })).toMatchObject({
      version: 1,
      previous: null,
    });
    const further = move(stores, 'down', { version: 2, expectedEpoch: 3, why: 'fallback', quarantine: 1 });
    await expect(further).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
    await saveCandidates(stores, 'down', 1);
    const none = move(stores, 'down', { version: 3, expectedEpoch: 3, why: 'fallback', quarantine: 1 });
    await expect(none).rejects.toMatchObject({ code: 'NO_PREVIOUS' });
    expect(await states('down')).toBe('1 champion, 2 quarantined, 3 candidate');
  });

  it('goes to previous only, and quarantines nobody but the champion', async () => {
    await promoted('strict', 3);
    const elsewhere = move(stores, 'strict', { version: 1, expectedEpoch: 3, why: 'fallback', quarantine: 3 });
    await expect(elsewhere).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
    const wrong = move(stores, 'strict', { version: 2, expectedEpoch: 3, why: 'fallback', quarantine: 1 });
    await expect(wrong).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
  });
});

describe('rollback', () => {
  it('may quarantine the champion that it replaces; the last good version becomes previous', async () => {
    await promoted('both', 3);
    expect(await move(stores, 'both', { version: 1, expectedEpoch: 3, why: 'rollback', quarantine: 3 })).toMatchObject({
      version: 1,
      previous: 2,
    });
    expect(await states('both')).toBe('1 champion, 2 previous, 3 quarantined');
  });

  it('to previous swaps the two', async () => {
    await promoted('swap', 3);
    expect(await move(stores, 'swap', { version: 2, expectedEpoch: 3, why: 'rollback' })).toMatchObject({
      version: 2,
      previous: 3,
    });
    expect(await states('swap')).toBe('1 archived, 2 champion, 3 previous');
  });

  it('to an earlier version keeps the replaced one as previous and archives the old previous', async () => {
    await promoted('back', 3);
    expect(await move(stores, 'back', { version: 1, expectedEpoch: 3, why: 'rollback' })).toMatchObject({
      version: 1,
      previous: 3,
    });
    expect(await states('back')).toBe('1 champion, 2 archived, 3 previous');
  });

  it('refuses a quarantined version', async () => {
    await promoted('tainted', 2);
    await move(stores, 'tainted', { version: 1, expectedEpoch: 2, why: 'fallback', quarantine: 2 });
    const rollback = move(stores, 'tainted', { version: 2, expectedEpoch: 3, why: 'rollback' });
    await expect(rollback).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
  });
});
