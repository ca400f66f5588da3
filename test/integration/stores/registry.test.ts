// Versions, evaluations and decisions, and what retention has to keep of them.
import type { Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { AS_OF, artifact, candidate, decision, evaluation, move, saveCandidates, sha, snapshot } from './fixtures';

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

describe('versions', () => {
  it('are numbered 1, 2, … without gaps when candidates are saved at the same time', async () => {
    const saved = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((name) =>
        stores.transaction((tx) => stores.registry.saveCandidate(tx, candidate('n', name))),
      ),
    );
    expect(saved.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('come back as saved; the newest of a contender is never a deleted one', async () => {
    await saveCandidates(stores, 'back', 2);
    const { version, state, createdAt, ...rest } = await stores.registry.load('back', 2);
    expect({ version, state, rest }).toEqual({ version: 2, state: 'candidate', rest: candidate('back', '2') });
    expect(createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await stores.registry.newestOf('back', 'gbm')).toMatchObject({ version: 2 });
    await stores.transaction((tx) => stores.registry.setState(tx, 'back', 2, 'deleted'));
    expect(await stores.registry.newestOf('back', 'gbm')).toMatchObject({ version: 1 });
    expect(await stores.registry.newestOf('back', 'other')).toBeNull();
    await expect(stores.registry.load('back', 3)).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
  });
});

describe('decisions', () => {
  it('come back exactly, newest first, with the last verdict on them', async () => {
    const [first, second] = [decision('d', 'cycle/d/1', 1), decision('d', 'cycle/d/2', null)];
    await stores.transaction(async (tx) => {
      await stores.registry.saveDecision(tx, first, null);
      await stores.registry.saveDecision(tx, first, null);
      await stores.registry.saveDecision(tx, second, { by: 'policy', comment: 'never asks' });
    });
    expect(await stores.registry.decisions('d', 10)).toMatchObject([
      { ...second, approval: { verdict: 'approved', by: 'policy', comment: 'never asks' } },
      { ...first, approval: null },
    ]);
    await stores.transaction((tx) => stores.registry.recordApproval(tx, 'd', first.digest, 'approved', 'ann', ''));
    await stores.transaction((tx) => stores.registry.recordApproval(tx, 'd', first.digest, 'rejected', 'bob', 'no'));
    expect((await stores.registry.decisions('d', 10))[1]).toMatchObject({
      approval: { verdict: 'rejected', by: 'bob', comment: 'no' },
    });
    const unknown = stores.transaction((tx) =>
      stores.registry.recordApproval(tx, 'd', sha('?'), 'approved', 'ann', ''),
    );
    await expect(unknown).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(await stores.registry.findCycle('d', 'snapshot-1', sha('definition'))).toBe('cycle/d/1');
    expect(await stores.registry.findCycle('d', 'snapshot-2', sha('definition'))).toBeNull();
  });

  it('rest on evaluations that are found by version and snapshot', async () => {
    await stores.registry.saveEvaluation('d', evaluation(1, 's'));
    expect(await stores.registry.evaluation('d', 1, 's')).toEqual(evaluation(1, 's'));
    expect(await stores.registry.evaluation('d', 1, 't')).toBeNull();
  });
});

describe('retention', () => {
  /** Versions 1 to 8 of which 2 is champion, 1 previous; version n is of 2013-01-0n and has the snapshot `snapshot-n`. */
  async function eightVersions(model: string): Promise<void> {
    for (let n = 1; n <= 8; n++) {
      const saved = candidate(model, `${n}`, `2013-01-0${n}`);
      const lineage = { ...saved.lineage, snapshot: `${model}-${n}` };
      await stores.transaction((tx) => stores.registry.saveCandidate(tx, { ...saved, lineage }));
      await stores.features.saveSnapshot(model, snapshot(`${model}-${n}`));
    }
    await move(stores, model, { version: 1, expectedEpoch: 0, why: 'promotion' });
    await move(stores, model, { version: 2, expectedEpoch: 1, why: 'promotion' });
  }

  it('keeps every artifact of what serves, is ready, or is new by number or by day, and nothing of the rest', async () => {
    await eightVersions('keep');
    const reachable = await stores.reachableArtifacts('keep', 2, '2013-01-06');
    const kept = (n: number) =>
      ['onnx', 'native', 'parity', 'report', 'signature'].map((kind) => reachable.has(sha(`keep ${n} ${kind}`)));
    const keptSnapshot = (n: number) =>
      ['manifest', 'train', 'holdout', 'truth', 'signature'].map((role) => reachable.has(sha(`keep-${n} ${role}`)));
    for (const n of [1, 2, 6, 7, 8])
      expect([n, ...kept(n), ...keptSnapshot(n)]).toEqual([n, ...Array<boolean>(10).fill(true)]);
    for (const n of [3, 4, 5])
      expect([n, ...kept(n), ...keptSnapshot(n)]).toEqual([n, ...Array<boolean>(10).fill(false)]);
    expect(await stores.expiredVersions('keep', 2, '2013-01-06')).toEqual([3, 4, 5]);
  });

  it('keeps the proposal that waits for an answer, however old, until it is answered', async () => {
    await eightVersions('wait');
    const open = decision('wait', 'cycle/wait/1', 3);
    await stores.transaction((tx) => stores.registry.saveDecision(tx, open, null));
    expect(await stores.expiredVersions('wait', 1, '2014-01-01')).toEqual([4, 5, 6, 7]);
    await stores.transaction((tx) => stores.registry.recordApproval(tx, 'wait', open.digest, 'expired', 'clock', ''));
    expect(await stores.expiredVersions('wait', 1, '2014-01-01')).toEqual([3, 4, 5, 6, 7]);
  });

  it('keeps newest partitions, raw splits, features, predictions of evaluations, and results of late effects', async () => {
    const accept = (text: string) =>
      stores.transaction((tx) =>
        stores.partitions.accept(
          tx,
          {
            ...{ model: 'data', table: 't', partition: '2013-01-01', rows: 1, quarantinedRows: 1, availableAt: AS_OF },
            ...{ data: artifact(text), quarantine: artifact(`${text} quarantine`) },
          },
          {},
          [],
        ),
      );
    await accept('old');
    await accept('new');
    await stores.partitions.saveSplit('f', 's', { '2013-01-01': artifact('raw') });
    await stores.features.save([{ key: 'k', view: 'v', day: '2013-01-01', data: artifact('feature'), rows: 1 }]);
    await stores.registry.saveEvaluation('data', evaluation(1, 's'));
    await stores.ledger.once('step/data/1', 'd', async () => ({ out: artifact('effect') }));
    const reachable = await stores.reachableArtifacts('data', 1, '2013-01-01');
    for (const text of ['new', 'new quarantine', 'raw', 'feature', 'p 1 s holdout', 'p 1 s truth', 'effect'])
      expect([text, reachable.has(sha(text))]).toEqual([text, true]);
    for (const text of ['old', 'old quarantine']) expect([text, reachable.has(sha(text))]).toEqual([text, false]);
  });
});
