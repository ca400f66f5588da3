// Compaction on real stores: old feature files become one per view and month, every reader gets the same rows and bytes, and a death in
// the middle leaves nothing wrong.
import { MockActivityEnvironment } from '@temporalio/testing';
import { Client } from 'pg';
import { compactOldFeatures } from '../../../src/activities/features/compact-features';
import { rebuildSnapshot } from '../../../src/activities/snapshots/snapshot-manifest';
import { createStoredFeatureFiles } from '../../../src/activities/features/stored-features';
import { createSweepActivities } from '../../../src/activities/sweep';
import { planDigest } from '../../../src/definition/digest';
import type { SnapshotRef } from '../../../src/domain/data/partitions';
import { expectedFeatures, firstDays, resultsOf } from './shop-rows';
import { openShops, shopPlan, type ShopBench } from './shops';

const PLAN = shopPlan();
/** January as a whole is more than 5 days older than the newest day. */
const DAYS = firstDays(40);
const IN_JANUARY = 31;
const VIEWS = 4;
/** Computed of a revised input, so the same day and version a second time: 3 days of `past`, 5 of `trend`. */
const REVISED = 3 + 5;

let shops: ShopBench;
let snapshot: SnapshotRef;
let partitions: Awaited<ReturnType<typeof stored>>;
beforeAll(async () => {
  shops = await openShops();
  await shops.acceptDays('shops', DAYS);
  snapshot = await shops.fix(PLAN, '2013-02-09', '2013-02-09T12:00:00Z');
  await shops.featurize(PLAN, DAYS);
  await shops.accept('shops', 'results', '2013-01-10', resultsOf('2013-01-10', 1), '2013-02-10T00:00:00Z');
  await shops.featurize(PLAN, DAYS);
  await shops.stores.definitions.setCurrent('shops', 'simulated', planDigest(PLAN));
});
afterAll(() => shops.close());

const stored = async () =>
  shops.stores.features.find((await shops.featurizer.wanted(PLAN, DAYS)).map(({ key }) => key));
const inJanuary = <P extends { readonly day: string }>(all: readonly P[]) => all.filter(({ day }) => day < '2013-02');
const present = (digests: readonly string[]) => Promise.all(digests.map((sha256) => shops.artifacts.has(sha256)));

describe('compaction', () => {
  it('that dies before it is recorded has changed nothing, and is done by the next one', async () => {
    const dying = {
      ...shops,
      stores: {
        ...shops.stores,
        features: { ...shops.stores.features, saveCompacted: () => Promise.reject(new Error('killed')) },
      },
    };
    await expect(compactOldFeatures(dying, PLAN)).rejects.toThrow('killed');
    expect((await stored()).every(({ compacted }) => compacted === undefined)).toBe(true);
    expect(await rebuildSnapshot(shops, snapshot)).toEqual(snapshot);

    const done = await compactOldFeatures(shops, PLAN);
    expect(done).toEqual({ files: VIEWS, partitions: VIEWS * IN_JANUARY + REVISED, kept: 0 });
    expect(await compactOldFeatures(shops, PLAN)).toEqual({ files: 0, partitions: 0, kept: 0 });
    partitions = await stored();
    expect(inJanuary(partitions).every(({ compacted }) => compacted !== undefined)).toBe(true);
    expect(partitions.filter(({ day }) => day >= '2013-02').every(({ compacted }) => !compacted)).toBe(true);
  });

  it('leaves the small files to retention, but not before a reader of them can have ended', async () => {
    const { sweepArtifacts } = createSweepActivities({
      ...{ ...shops, modelsFolder: '', servingUrl: '', trainingThreads: 1, sweepGraceMs: 0 },
    });
    const sweep = () =>
      new MockActivityEnvironment().run(sweepArtifacts, {
        ...{ model: 'shops', definitionDigest: planDigest(PLAN), asOf: '2013-02-10T05:00:00Z', dryRun: false },
      });
    const small = inJanuary(partitions).map(({ data }) => data.sha256);
    await sweep();
    expect((await present(small)).every(Boolean)).toBe(true);
    const client = new Client({ connectionString: shops.databaseUrl });
    await client.connect();
    await client.query(`update feature_files set compacted_at = now() - interval '25 hours'`);
    await client.end();
    await sweep();
    expect((await present(small)).some(Boolean)).toBe(false);
    const kept = partitions.flatMap(({ compacted, data }) => (compacted ? [compacted.sha256] : [data.sha256]));
    expect((await present(kept)).every(Boolean)).toBe(true);
  });

  it('does not change a snapshot, whose matrices come out of the compacted files byte by byte', async () => {
    expect(await rebuildSnapshot(shops, snapshot)).toEqual(snapshot);
  });

  it('hides from a view that reads views', async () => {
    const features = PLAN.features.map((view) =>
      view.name === 'trend'
        ? { ...view, sql: view.sql.replace('avg(', 'round(avg(').replace(') AS trend_late', '), 6) AS trend_late') }
        : view,
    );
    const plan = { ...PLAN, features };
    const day = '2013-02-01';
    const { features: made } = await shops.featurizer.ensure(
      plan,
      (await shops.featurizer.wanted(plan, [day])).filter(({ view }) => view.name === 'trend'),
      () => undefined,
    );
    const rows = await shops.engine.rows('SELECT id, trend_rows, trend_late FROM read_parquet($1)', [
      await shops.artifacts.localPath(made[0]!.data),
    ]);
    const expected = expectedFeatures(day, (each) => resultsOf(each, 0));
    for (const row of rows) {
      expect(row['trend_rows']).toBe(expected.get(String(row['id']))!['trend_rows']);
      expect(row['trend_late']).toBeCloseTo(Number(expected.get(String(row['id']))!['trend_late']), 5);
    }
  });

  it('can be undone for a reader of single files: each has the digest that it had', async () => {
    const files = createStoredFeatureFiles(shops);
    const some = inJanuary(partitions).filter((_, index) => index % 17 === 0);
    expect(some.length).toBeGreaterThan(5);
    // localPath checks the digest of what it gives.
    expect(await files.paths(some)).toEqual(await Promise.all(some.map(({ data }) => shops.artifacts.localPath(data))));
  });

  it('keeps a partition in its own file when that is damaged, and switches the others', async () => {
    const days = firstDays(40);
    const plan = {
      ...PLAN,
      name: 'damaged',
      features: [{ ...PLAN.features[3]!, sql: 'SELECT id, amount + 1 AS amount, shop FROM orders' }],
    };
    await shops.acceptDays('damaged', days);
    await shops.featurize(plan, days);
    const keys = (await shops.featurizer.wanted(plan, days)).map(({ key }) => key);
    const [victim] = await shops.stores.features.find([keys[3]!]);
    await shops.artifacts.delete(victim!.data.sha256);
    expect(await compactOldFeatures(shops, plan)).toEqual({ files: 1, partitions: IN_JANUARY - 1, kept: 1 });
    expect((await shops.stores.features.find([keys[3]!]))[0]).not.toHaveProperty('compacted');
  });

  it('is switched off by 0 days', async () => {
    const off = { ...PLAN, retention: { ...PLAN.retention, compactAfterDays: 0 } };
    expect(await compactOldFeatures(shops, off)).toEqual({ files: 0, partitions: 0, kept: 0 });
  });
});
