// Rules that the database itself keeps, whoever writes past the stores.
import fc from 'fast-check';
import { Client } from 'pg';
import { VERSION_STATES, VERSION_TRANSITIONS, type VersionState } from '../../../src/domain/lifecycle/registry';
import type { Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { AS_OF, move, saveCandidates } from './fixtures';

let database: TestDatabase;
let stores: Stores;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  stores = await createStores(database.url);
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await stores.close();
  await database.drop();
});

describe('the database', () => {
  it('allows exactly the transitions of the table, along any path', async () => {
    let model = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...VERSION_STATES), { minLength: 1, maxLength: 8 }), async (path) => {
        const name = `path-${++model}`;
        await saveCandidates(stores, name, 1);
        let state: VersionState = 'candidate';
        for (const next of path) {
          const allowed = next === state || VERSION_TRANSITIONS[state].includes(next);
          const update = client.query('update model_versions set state = $2 where model = $1', [name, next]);
          if (allowed) await update;
          else await expect(update).rejects.toMatchObject({ constraint: 'version_transition' });
          if (allowed) state = next;
        }
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('refuses a version that does not start as candidate', async () => {
    await saveCandidates(stores, 'born', 1);
    const copy = `insert into model_versions select model, 2, contender, 'champion', onnx, signature, training, lineage, logical_time, snapshot
                  from model_versions where model = 'born'`;
    await expect(client.query(copy)).rejects.toMatchObject({ constraint: 'version_transition' });
  });

  it('refuses a second champion, another change of a version, and its deletion', async () => {
    await saveCandidates(stores, 'two', 2);
    await move(stores, 'two', { version: 1, expectedEpoch: 0, why: 'promotion' });
    const second = client.query(`update model_versions set state = 'champion' where model = 'two' and version = 2`);
    await expect(second).rejects.toMatchObject({ constraint: 'one_champion_per_model' });
    const other = client.query(`update model_versions set contender = 'x' where model = 'two' and version = 2`);
    await expect(other).rejects.toMatchObject({ constraint: 'version_immutable' });
    await expect(client.query(`delete from model_versions`)).rejects.toMatchObject({
      constraint: 'model_versions_append_only',
    });
  });

  it('refuses a pointer that skips an epoch or goes away', async () => {
    await saveCandidates(stores, 'epoch', 2);
    await move(stores, 'epoch', { version: 1, expectedEpoch: 0, why: 'promotion' });
    const same = client.query(`update champions set version = 2 where model = 'epoch'`);
    await expect(same).rejects.toMatchObject({ constraint: 'champion_epoch' });
    await expect(client.query(`delete from champions`)).rejects.toMatchObject({ constraint: 'champion_kept' });
  });

  it.each(['audit', 'champion_moves', 'approvals'])('never changes or deletes rows of %s', async (table) => {
    await expect(client.query(`delete from ${table}`)).rejects.toMatchObject({ constraint: `${table}_append_only` });
    await expect(client.query(`update ${table} set model = 'x'`)).rejects.toMatchObject({
      constraint: `${table}_append_only`,
    });
    await expect(client.query(`truncate ${table} cascade`)).rejects.toMatchObject({
      constraint: `${table}_append_only`,
    });
  });
});

describe('setState', () => {
  const set = (model: string, version: number, state: VersionState) =>
    stores.transaction((tx) => stores.registry.setState(tx, model, version, state));

  it('refuses what the transition table refuses, and what only a move may do', async () => {
    await saveCandidates(stores, 'set', 3);
    await move(stores, 'set', { version: 1, expectedEpoch: 0, why: 'promotion', asOf: AS_OF });
    await expect(set('set', 2, 'champion')).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
    await expect(set('set', 1, 'quarantined')).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
    await expect(set('set', 2, 'archived')).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
    await set('set', 2, 'rejected');
    await set('set', 2, 'rejected');
    await expect(set('set', 9, 'rejected')).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
    expect((await stores.registry.list('set')).map(({ state }) => state)).toEqual([
      'champion',
      'rejected',
      'candidate',
    ]);
  });
});
