// Pushed rows of old days leave the database for an archive, and a day is delivered as if nothing had been moved.
import { MockActivityEnvironment } from '@temporalio/testing';
import { Client } from 'pg';
import { createIngestActivities } from '../../../src/activities/ingest/ingest';
import { createSweepActivities } from '../../../src/activities/sweep';
import { planDigest } from '../../../src/definition/digest';
import { pushTable } from '../../../src/definition/builders';
import type { Day } from '../../../src/domain/days';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import type { PushReceipt } from '../../../src/ports/push';
import { CONTRACT, createWorkbench, planOf, type Workbench } from './workbench';

const DAY = '2013-03-10';
const OLD: string = '2013-06-01T09:00:00Z';
/** More than one look of the store at a partition. */
const MANY = 5_200;
let bench: Workbench;
let database: Client;
beforeAll(async () => {
  bench = await createWorkbench();
  database = new Client({ connectionString: bench.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await bench.close();
});

interface Ratings {
  push(batch: string, ids: readonly string[], day?: Day): Promise<PushReceipt>;
  /** Tells of the rows and ingests the day; the revision's number, or the rejection. */
  ingest(day?: Day): Promise<{ readonly outcome: string; readonly rows: number }>;
  delivered(day?: Day): ReturnType<Workbench['finder']['find']>;
  retain(asOf?: string, graceMs?: number): Promise<{ readonly unreachable: number }>;
  /** Rows in the database, archives, names of posts. */
  kept(): Promise<readonly [number, number, number]>;
}

async function deployed(model: string): Promise<Ratings> {
  const columns = { id: { type: 'string' }, at: { type: 'timestamp' } } as const;
  const table = pushTable({ ...CONTRACT, columns, eventTime: 'at', microBatch: '10 s' });
  const plan: ModelPlan = planOf(table, model);
  const definitionDigest = planDigest(plan);
  await bench.stores.definitions.save(definitionDigest, plan, 'test');
  await bench.stores.definitions.setCurrent(model, 'simulated', definitionDigest);
  const { stores, dependencies } = bench;
  const step = { model, definitionDigest, logicalTime: DAY, asOf: OLD };
  const run = <I, R>(activity: (input: I) => Promise<R>, input: I): Promise<R> =>
    new MockActivityEnvironment().run(activity, input);
  return {
    push: (batch, ids, day = DAY) => {
      const json = `[${ids.map((id) => `{"id": ${JSON.stringify(id)},\n "at": "${day}T12:00:00Z"}`).join(',')}]`;
      const partitions = ids.map(() => day);
      return stores.pushes.append({
        ...{ model, table: 'rows', batch, json, partitions },
        eventTimes: ids.map(() => `${day}T12:00:00Z`),
      });
    },
    async ingest(day = DAY) {
      for (const told of await stores.pushes.waiting()) if (told.model === model) await stores.pushes.announced(told);
      const activities = createIngestActivities(dependencies);
      const request = { table: 'rows', partition: day };
      const { found } = await run(activities.locateDeliveries, { ...step, request, exact: true });
      const [result] = await run(activities.ingestDeliveries, { ...step, deliveries: found });
      return result!;
    },
    delivered: (day = DAY) => bench.newFinder().find(plan, 'rows', day),
    async retain(asOf = OLD, graceMs = 0) {
      const { sweepArtifacts } = createSweepActivities({ ...dependencies, sweepGraceMs: graceMs });
      const planned = await run(sweepArtifacts, { ...step, asOf, dryRun: true });
      await run(sweepArtifacts, { ...step, asOf, dryRun: false });
      return planned;
    },
    async kept() {
      const count = async (name: string) =>
        (await database.query<{ n: number }>(`select count(*)::int as n from ${name} where model = $1`, [model]))
          .rows[0]!.n;
      return [await count('pushed_rows'), await count('push_archives'), await count('push_batches')];
    },
  };
}

it('moves the rows of an ingested day that is older than `pushedDays`, and the day is the same delivery as before', async () => {
  const ratings = await deployed('moved');
  // A line separator of Unicode may stand in a JSON text as it is, and is no line break.
  await ratings.push('first', ['a', 'quoted "b"', 'c\u2028d', ...Array.from({ length: MANY }, (_, at) => `${at}`)]);
  expect(await ratings.ingest()).toMatchObject({ outcome: 'accepted', rows: MANY + 3 });
  const before = await ratings.delivered();

  expect((await ratings.retain('2013-04-09T09:00:00Z')).unreachable).toBe(0);
  expect(await ratings.kept()).toEqual([MANY + 3, 0, 1]);
  expect((await ratings.retain('2013-04-10T09:00:00Z')).unreachable).toBe(1);
  expect(await ratings.kept()).toEqual([0, 1, 1]);

  expect(await ratings.delivered()).toEqual(before);
  expect(await ratings.ingest()).toMatchObject({ outcome: 'unchanged' });
  const entry = (await bench.stores.audit.list('moved', 10)).find(({ action }) => action === 'pushes.archived');
  expect(entry!.details).toEqual({ partitions: 1, rows: MANY + 3, deletedRows: MANY + 3, forgottenBatches: 0 });
});

it('adds late rows of a moved day to the old ones, and moves them in turn', async () => {
  const ratings = await deployed('late');
  await ratings.push('first', ['a', 'b']);
  await ratings.ingest();
  await ratings.retain();
  await ratings.push('second', ['c']);
  expect(await ratings.ingest()).toMatchObject({ outcome: 'accepted', rows: 3, reopened: true });
  const three = await ratings.delivered();
  expect((await bench.rowsOf(three))!.map(({ __line, id }) => [__line, id])).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
  await ratings.retain();
  expect(await ratings.kept()).toEqual([0, 2, 2]);
  expect(await ratings.delivered()).toEqual(three);
  // Archives have no other source, so nothing of them is ever swept.
  await ratings.retain();
  expect(await ratings.delivered()).toEqual(three);
});

it('leaves rows alone that the lifecycle was not told of, or that were never part of an accepted partition', async () => {
  const ratings = await deployed('open');
  await ratings.push('first', ['a']);
  expect((await ratings.retain()).unreachable).toBe(0);
  await ratings.ingest();
  await ratings.push('second', ['b']);
  await ratings.retain();
  expect(await ratings.kept()).toEqual([2, 0, 2]);
  // Told of, yet not ingested: its delivery was never accepted.
  for (const told of await bench.stores.pushes.waiting()) await bench.stores.pushes.announced(told);
  expect((await ratings.retain()).unreachable).toBe(1);
  expect(await ratings.kept()).toEqual([2, 0, 2]);
  await ratings.ingest();
  await ratings.retain();
  expect(await ratings.kept()).toEqual([0, 1, 2]);
});

it('keeps moved rows in the database for the grace, so that a reader who knew of no archive misses none', async () => {
  const ratings = await deployed('graceful');
  await ratings.push('first', ['a', 'b']);
  await ratings.ingest();
  const before = await ratings.delivered();
  await ratings.retain(OLD, 60_000);
  expect(await ratings.kept()).toEqual([2, 1, 1]);
  expect(await ratings.delivered()).toEqual(before);
  await ratings.retain(OLD, 0);
  expect(await ratings.kept()).toEqual([0, 1, 1]);
});

it('knows the name of a post for `pushedDays` after it came, and forgets it then', async () => {
  const ratings = await deployed('named');
  await ratings.push('first', ['a']);
  await ratings.ingest();
  await ratings.retain();
  expect(await ratings.push('first', ['a'])).toMatchObject({ duplicate: true, rows: 1 });
  expect(await ratings.kept()).toEqual([0, 1, 1]);
  await database.query("update push_batches set received_at = now() - interval '31 days' where model = 'named'");
  await ratings.push('second', ['b']);
  await ratings.retain();
  expect(await ratings.kept()).toEqual([1, 1, 1]);
});
