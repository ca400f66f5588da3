// Deliveries through the real check into the real stores: what is kept of each, what people let in, and what a second delivery changes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDeliveryIngest, type DeliveryIngest } from '../../../src/activities/ingest/check-delivery';
import { createDeliveryStandings, type DeliveryStandings } from '../../../src/activities/deliveries/delivery-standing';
import type { DataDependencies } from '../../../src/activities/dependencies';
import { createEngine, type Engine } from '../../../src/data/engine';
import { ModelPlan, type ModelPlanInput } from '../../../src/domain/plan/plan';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import type { Stores } from '../../../src/ports/stores';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { artifact } from './fixtures';
import { TINY_INPUT } from '../../unit/data/tiny-model';

const AS_OF = '2013-02-01T00:00:00.000Z';
const FIRST = '2013-01-02';
const LATER = '2013-01-03';

let database: TestDatabase;
let stores: Stores;
let artifacts: ArtifactStore;
let engine: Engine;
let dir: string;
let ingest: DeliveryIngest;
let standings: DeliveryStandings;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'understudy-checked-'));
  database = await createTestDatabase();
  stores = await createStores(database.url);
  artifacts = createFileArtifactStore(join(dir, 'artifacts'));
  engine = await createEngine({ threads: 1, memoryLimitMb: 256, tempDir: join(dir, 'spill') });
  const dependencies = { stores, artifacts, engine } as unknown as DataDependencies;
  ingest = createDeliveryIngest(dependencies);
  standings = createDeliveryStandings(dependencies);
});
afterAll(async () => {
  engine.close();
  await stores.close();
  await database.drop();
  rmSync(dir, { recursive: true });
});

const contracts = TINY_INPUT.tables;
/** A model of its own for each test. */
function planOf(name: string, deliveries: object = {}): ModelPlan {
  const tables = {
    ...contracts,
    deliveries: { ...contracts['deliveries']!, ...deliveries },
  } as ModelPlanInput['tables'];
  return ModelPlan.parse({ ...TINY_INPUT, name, tables });
}

/** Stores the raw rows of a day as the readers do, and hands them over as a delivery. */
async function deliver(plan: ModelPlan, partition: string, rows: string, table = 'deliveries') {
  const out = await artifacts.tempDir();
  const path = join(out, 'raw.parquet');
  await engine.run(
    `COPY (SELECT (row_number() OVER () + 1)::BIGINT AS __line, * FROM ${rows}) TO '${path}' (FORMAT parquet)`,
  );
  const { sha256 } = await artifacts.putFile(path, 'application/vnd.apache.parquet');
  const context = { model: plan.name, definitionDigest: 'd', asOf: AS_OF };
  return ingest(context, plan, await standings.of(plan, { table, partition, sha256, uri: `${table}.csv` }));
}

const rows = (count: number, bad = 0) =>
  `(SELECT 'p' || i AS id, CASE WHEN i < ${bad} THEN 'test' ELSE 'north' END AS depot, i::VARCHAR AS delay FROM range(${count}) t(i))`;

describe('a checked delivery', () => {
  it('is kept with the outcome of each rule and with sketches, and changes nothing when it comes again', async () => {
    const plan = planOf('kept');
    expect(await deliver(plan, FIRST, rows(20, 2))).toMatchObject({
      outcome: 'accepted',
      rows: 18,
      quarantinedRows: 2,
      warnings: [],
    });
    expect(await deliver(plan, FIRST, rows(20, 2))).toMatchObject({ outcome: 'unchanged', rows: 18, reopened: false });
    const [check, ...more] = await stores.checks.list('kept');
    expect(more).toEqual([]);
    expect(check).toMatchObject({
      table: 'deliveries',
      partition: FIRST,
      verdict: 'accepted',
      revision: 1,
      sourceTypes: null,
    });
    expect(check!.outcomes.find(({ check: rule }) => rule === 'no_test_depot')).toEqual({
      check: 'no_test_depot',
      kind: 'row',
      verdict: 'quarantined',
      found: "deliveries.csv line 2, row: found p0, allowed rows for which depot <> 'test'",
      allowed: "rows for which depot <> 'test'",
      rows: 2,
    });
    const [sketched] = await stores.partitionSketches.sketches('kept', 'deliveries');
    expect(sketched!.sketches!['delay']).toMatchObject({ count: 18, nulls: 0, numeric: { min: 2, max: 19 } });
    const [usual] = await stores.partitions.statistics('kept', 'deliveries', LATER, 1, true);
    expect(usual!.sketches).toEqual(sketched!.sketches);
  });

  it('that is rejected is kept with its outcomes; a corrected one re-opens the partition', async () => {
    const plan = planOf('corrected');
    const rejected = await deliver(plan, FIRST, rows(20, 15));
    expect(rejected).toMatchObject({
      outcome: 'rejected',
      rows: 0,
      message: expect.stringContaining('too many bad rows') as string,
    });
    expect(await deliver(plan, FIRST, rows(20))).toMatchObject({ outcome: 'accepted', reopened: true });
    const checks = await stores.checks.list('corrected', { table: 'deliveries', from: FIRST, to: FIRST });
    expect(checks.map(({ verdict, revision }) => [verdict, revision])).toEqual([
      ['rejected', null],
      ['accepted', 1],
    ]);
    expect(await stores.checks.list('corrected', { from: LATER })).toEqual([]);
  });

  it('goes back to earlier bytes when they are delivered again after others', async () => {
    const plan = planOf('back');
    expect(await deliver(plan, FIRST, rows(20))).toMatchObject({ outcome: 'accepted', reopened: false });
    expect(await deliver(plan, FIRST, rows(21))).toMatchObject({ outcome: 'accepted', reopened: true });
    expect(await deliver(plan, FIRST, rows(20))).toMatchObject({ outcome: 'accepted', reopened: true, rows: 20 });
    expect(await deliver(plan, FIRST, rows(20))).toMatchObject({ outcome: 'unchanged', rows: 20 });
    const judged = await stores.checks.judgements('back', 'deliveries', FIRST);
    expect(judged.map(({ ordinal, revision }) => [ordinal, revision])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(judged[2]!.sha256).toBe(judged[0]!.sha256);
  });

  it('has its split kept while it is the newest or the last judged one', async () => {
    const plan = planOf('split');
    for (const count of [40, 41, 42]) await deliver(plan, FIRST, rows(count));
    const refused = `(SELECT 'a' AS other)`;
    expect(await deliver(plan, FIRST, refused)).toMatchObject({ outcome: 'rejected' });
    const judged = await stores.checks.judgements('split', 'deliveries', FIRST);
    for (const { sha256, ordinal } of judged)
      await stores.partitions.saveSplit(`file-${ordinal}`, 'by-day', {
        [FIRST]: { ...artifact('raw'), sha256 },
        [LATER]: artifact('of nobody'),
      });
    await stores.partitions.forgetSplits(60_000);
    const kept = async () =>
      Promise.all(
        judged.map(
          async ({ ordinal }) => (await stores.partitions.loadSplit(`file-${ordinal}`, 'by-day', FIRST)).known,
        ),
      );
    expect(await kept()).toEqual([true, true, true, true]);
    await stores.partitions.forgetSplits(0);
    expect(await kept()).toEqual([false, false, true, true]);
  });

  it('that was rejected is checked again once what it was compared with has changed, and not before', async () => {
    const plan = planOf('compared', { partitionRules: { rowsAgainstRecent: { min: 0.5, max: 2 } } });
    const days = ['2012-12-30', '2012-12-31', '2013-01-01'];
    for (const day of days) expect(await deliver(plan, day, rows(200))).toMatchObject({ outcome: 'accepted' });
    const rejected = await deliver(plan, FIRST, rows(20));
    expect(rejected).toMatchObject({ outcome: 'rejected' });
    expect(await deliver(plan, FIRST, rows(20))).toEqual(rejected);
    expect(await stores.checks.judgements('compared', 'deliveries', FIRST)).toHaveLength(1);
    for (const day of days) expect(await deliver(plan, day, rows(20))).toMatchObject({ outcome: 'accepted' });
    expect(await deliver(plan, FIRST, rows(20))).toMatchObject({ outcome: 'accepted', reopened: true });
  });

  it('lets in the rows that a person released, and only those', async () => {
    const plan = planOf('released');
    const mixed = `(SELECT 'p' || i AS id, CASE i WHEN 0 THEN 'test' ELSE 'north' END AS depot, CASE i WHEN 1 THEN 'x' ELSE i::VARCHAR END AS delay FROM range(20) t(i))`;
    expect(await deliver(plan, FIRST, mixed)).toMatchObject({ outcome: 'accepted', rows: 18, quarantinedRows: 2 });
    const verdict = { model: 'released', table: 'deliveries', partition: FIRST, verdict: 'released', rows: 1 } as const;
    const told = { by: 'ann', reason: 'real parcels', asOf: AS_OF };
    await stores.transaction((tx) => stores.quarantine.record(tx, { ...verdict, ...told, rule: 'no_test_depot' }));
    expect(await deliver(plan, FIRST, mixed)).toMatchObject({
      outcome: 'accepted',
      rows: 19,
      quarantinedRows: 1,
      reopened: true,
    });
    const [, second] = await stores.checks.list('released');
    const outcome = (rule: string) => second!.outcomes.find(({ check }) => check === rule)?.verdict;
    expect([second!.revision, outcome('no_test_depot'), outcome('delay_type')]).toEqual([2, 'passed', 'quarantined']);
  });

  it('is checked against what it refers to, once that is there', async () => {
    const columns = {
      ...contracts['deliveries']!.columns,
      id: { type: 'string', references: { table: 'parcels', column: 'id' } },
    };
    const plan = planOf('referring', { columns });
    expect(await deliver(plan, LATER, rows(20))).toMatchObject({ outcome: 'rejected' });
    const parcels = `(SELECT 'p' || i AS id, 'north' AS depot, '1' AS weight, '2013-01-02T12:00:00Z' AS leaves_at FROM range(19) t(i))`;
    expect(await deliver(plan, FIRST, parcels, 'parcels')).toMatchObject({ outcome: 'accepted' });
    expect(await deliver(plan, LATER, rows(20))).toMatchObject({ outcome: 'accepted', rows: 19, quarantinedRows: 1 });
  });

  it('warns of what an author relies on, over several days', async () => {
    const assumptions = [
      { name: 'ids_stay_unique', overDays: 2, check: { test: 'unique', columns: ['id'] } },
      { name: 'few_late', check: { test: 'sql', sql: 'SELECT avg(delay) FROM rows', max: 5 }, consequence: 'reject' },
    ];
    const plan = planOf('relying', { assumptions });
    expect(await deliver(plan, FIRST, rows(10))).toMatchObject({ outcome: 'accepted', warnings: [] });
    expect(await deliver(plan, LATER, rows(9))).toMatchObject({
      outcome: 'accepted',
      warnings: [
        'deliveries.csv, partition 2013-01-03 of table deliveries: assumption ids_stay_unique over 2 days does not hold (found: 9 more than once, such as p0; allowed: each id once)',
      ],
    });
    expect(await deliver(plan, '2013-01-04', rows(30))).toMatchObject({
      outcome: 'rejected',
      message:
        'deliveries.csv, partition 2013-01-04 of table deliveries: assumption few_late does not hold (found: 14.5; allowed: at most 5)',
    });
  });
});
