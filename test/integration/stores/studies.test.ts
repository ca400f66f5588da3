// Studies and trials in PostgreSQL: the first end of a trial counts, a study goes on where it ended, and nothing of it is ever lost.
import { Client } from 'pg';
import type { TrialResult } from '../../../src/domain/training/tuning';
import type { Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { STUDY } from '../../unit/tuning/study';
import { artifact } from './fixtures';

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

const history = (study: string) => artifact(`what a trial of ${study} was told`);
const result = (value: number): TrialResult => ({
  state: 'complete',
  params: { rate: value, kind: 'a', deep: true },
  value,
  folds: [{ score: value, rows: 10, trainRows: 90, iterations: 5, fitSeconds: 0.25, seconds: 0.5 }],
  seconds: 0.75,
});

async function openStudy(study: string): Promise<void> {
  const { ended: _ended, best: _best, startedAt: _startedAt, endedAt: _endedAt, ...rest } = STUDY;
  await stores.studies.open({ ...rest, study });
}
const start = (study: string, number: number) =>
  stores.studies.startTrial('m', study, { number, seed: 4_294_967_295, history: history(study) });

it('keeps a trial as it ended first, however often it is started or ended again', async () => {
  await openStudy('once');
  await start('once', 0);
  await stores.studies.endTrial('m', 'once', 0, result(0.5));
  await stores.studies.endTrial('m', 'once', 0, result(0.1));
  await start('once', 0);
  const [trial] = await stores.studies.trials('m', 'once');
  const { params, value, folds, seconds } = result(0.5);
  expect(trial).toMatchObject({ number: 0, state: 'complete', seed: 4_294_967_295, params, value, folds, seconds });
});

it('keeps a failed trial with its sentence, and what it had tried where that is known', async () => {
  await openStudy('failed');
  for (const [number, params] of [{ rate: 2 }, null].entries()) {
    await start('failed', number);
    await stores.studies.endTrial('m', 'failed', number, {
      state: 'failed',
      params,
      code: 'TRAINING_FAILED',
      message: 'no',
    });
  }
  expect(await stores.studies.trials('m', 'failed')).toMatchObject([
    { state: 'failed', params: { rate: 2 }, value: null, message: 'TRAINING_FAILED: no' },
    { state: 'failed', params: null, value: null, message: 'TRAINING_FAILED: no' },
  ]);
});

it('stops what runs when a study ends, and lets a study that is opened again go on', async () => {
  await openStudy('again');
  await start('again', 0);
  await stores.studies.endTrial('m', 'again', 0, result(0.5));
  await start('again', 1);
  await stores.studies.end('m', 'again', 'stopped', 0);
  await stores.studies.end('m', 'again', 'failed', null);
  expect(await stores.studies.load('m', 'again')).toMatchObject({ ended: 'stopped', best: 0 });
  // A cancelled attempt that comes too late.
  await start('again', 2);
  expect((await stores.studies.trials('m', 'again')).map(({ state }) => state)).toEqual(['complete', 'stopped']);

  await openStudy('again');
  await start('again', 1);
  await stores.studies.endTrial('m', 'again', 1, result(0.4));
  await stores.studies.end('m', 'again', 'budget', 1);
  expect(await stores.studies.load('m', 'again')).toMatchObject({ ended: 'budget', best: 1 });
  expect((await stores.studies.trials('m', 'again')).map(({ state }) => state)).toEqual(['complete', 'complete']);
});

it('keeps what a running trial is told from retention, and lets it go after its end', async () => {
  await openStudy('reach');
  await start('reach', 0);
  expect((await stores.reachableArtifacts('m', 1, '2013-01-01')).has(history('reach').sha256)).toBe(true);
  await stores.studies.endTrial('m', 'reach', 0, result(0.5));
  expect((await stores.reachableArtifacts('m', 1, '2013-01-01')).has(history('reach').sha256)).toBe(false);
});

it('lets nobody change or delete a trial that has ended', async () => {
  await openStudy('guarded');
  await start('guarded', 0);
  await stores.studies.endTrial('m', 'guarded', 0, result(0.5));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await expect(client.query(`update trials set value = 0.1 where study = 'guarded'`)).rejects.toThrow(
    'is never changed',
  );
  await expect(client.query(`delete from trials where study = 'guarded'`)).rejects.toThrow('never changed or deleted');
  await client.end();
});
