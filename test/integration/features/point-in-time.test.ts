// The feature store on real stores: every value equals an as-of join in plain code, late facts reach exactly their dependants, and
// snapshots never change.
import { createFeaturizer } from '../../../src/activities/features/featurize';
import { rebuildSnapshot } from '../../../src/activities/snapshots/snapshot-manifest';
import { reachOf } from '../../../src/data/derive/view-graph';
import { addDays, daysBetween, type Day } from '../../../src/domain/days';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { expectedFeatures, firstDays, resultsOf } from './shop-rows';
import { openShops, otherEngine, shopPlan, type ShopBench } from './shops';

const PLAN = shopPlan();
const DAYS = firstDays(16);
const LATE: Day = '2013-01-06';
const CORRECTED_AT = '2013-01-14T12:00:00Z';
const BEFORE = '2013-01-13T09:00:00Z';
const AFTER = '2013-01-15T09:00:00Z';

let shops: ShopBench;
beforeAll(async () => {
  shops = await openShops();
  await shops.acceptDays('shops', DAYS);
});
afterAll(() => shops.close());

/** All features of a day as they are stored for the revisions that were available as of the instant. */
async function storedFeatures(day: Day, asOf?: string): Promise<Map<string, Record<string, unknown>>> {
  const { features } = await shops.featurizer.ensure(
    PLAN,
    await shops.featurizer.wanted(PLAN, [day], asOf),
    () => undefined,
  );
  const found = new Map<string, Record<string, unknown>>();
  for (const { data, rows } of features) {
    const read = await shops.engine.rows('SELECT * EXCLUDE (__day, __event_time) FROM read_parquet($1)', [
      await shops.artifacts.localPath(data),
    ]);
    expect(read).toHaveLength(rows);
    for (const { id, ...row } of read) found.set(String(id), { ...found.get(String(id)), ...row });
  }
  return found;
}

function expectSame(found: Map<string, Record<string, unknown>>, expected: ReturnType<typeof expectedFeatures>): void {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [id, row] of expected) {
    for (const [name, value] of Object.entries(row)) {
      const got = found.get(id)![name];
      if (typeof value === 'number') expect([id, name, Math.abs(Number(got) - value) < 1e-9]).toEqual([id, name, true]);
      else expect([id, name, got]).toEqual([id, name, value]);
    }
  }
}

const keysOf = async (asOf?: string) =>
  new Map((await shops.featurizer.wanted(PLAN, DAYS, asOf)).map(({ view, day, key }) => [`${view.name} ${day}`, key]));

describe('features', () => {
  it('equal an independent as-of join, row by row, in every view, also in one that reads another', async () => {
    for (const day of DAYS)
      expectSame(
        await storedFeatures(day),
        expectedFeatures(day, (each) => resultsOf(each)),
      );
  });

  it('change with a late fact on exactly its dependants, through views of views, and as of earlier not at all', async () => {
    const before = await keysOf();
    const snapshot = await shops.fix(PLAN, '2013-01-13', BEFORE);
    await shops.accept('shops', 'results', LATE, resultsOf(LATE, 1), CORRECTED_AT);
    const after = await keysOf();
    const changed = [...after].filter(([name, key]) => before.get(name) !== key).map(([name]) => name);
    const past = daysBetween(addDays(LATE, 1), addDays(LATE, 3)).map((day) => `past ${day}`);
    const trend = daysBetween(addDays(LATE, 1), addDays(LATE, 5)).map((day) => `trend ${day}`);
    expect(changed.sort()).toEqual([...past, ...trend].sort());
    expect(reachOf(PLAN, 'results')).toBe(5);
    expect(await keysOf(BEFORE)).toEqual(before);
    expect(await keysOf(AFTER)).toEqual(after);

    const corrected = (day: Day) => resultsOf(day, day === LATE ? 1 : 0);
    for (const day of daysBetween(LATE, addDays(LATE, 6))) {
      expectSame(await storedFeatures(day), expectedFeatures(day, corrected));
      expectSame(
        await storedFeatures(day, BEFORE),
        expectedFeatures(day, (each) => resultsOf(each)),
      );
    }

    // Fixed again as of the earlier instant it is the same snapshot; as of a later one the correction is in it.
    expect(await shops.fix(PLAN, '2013-01-13', BEFORE)).toEqual(snapshot);
    const later = await shops.fix(PLAN, '2013-01-13', AFTER);
    expect(later.id).not.toBe(snapshot.id);
    expect(await shops.stores.features.loadSnapshot(snapshot.id)).toEqual(snapshot);
    expect(await rebuildSnapshot(shops, snapshot)).toEqual(snapshot);
  });

  it('give a snapshot the same bytes again with another engine, other threads and another folder', async () => {
    const snapshot = await shops.fix(PLAN, '2013-01-16', '2013-01-16T09:00:00Z');
    const engine = await otherEngine(shops.folder, 3);
    const elsewhere = createFileArtifactStore(`${shops.folder}/artifacts`);
    const rebuilt = await rebuildSnapshot({ stores: shops.stores, artifacts: elsewhere, engine }, snapshot);
    engine.close();
    expect(rebuilt).toEqual(snapshot);
    expect(rebuilt.train.sha256).not.toBe(rebuilt.holdout.sha256);
  });

  it('are computed once for two models with the same view, whatever else differs', async () => {
    const other = shopPlan({ name: 'sisters', description: 'Another model.', retention: { keepDays: 3 } });
    await shops.acceptDays('sisters', DAYS);
    await shops.accept('sisters', 'results', LATE, resultsOf(LATE, 1));
    await shops.featurize(PLAN, DAYS);
    expect(await shops.featurize(other, DAYS)).toBe(0);
    const fresh = createFeaturizer(shops);
    expect(await fresh.missing(other, DAYS[0]!, DAYS.at(-1)!)).toEqual({
      days: [],
      withoutEntities: [],
      missing: 0,
      of: 4 * DAYS.length,
    });
  });

  it('that another view is made of are computed first, also for days that were not asked for', async () => {
    const days = DAYS.slice(0, 8);
    const plan = shopPlan({ name: 'alone', entity: { table: 'orders', key: 'id', eventTime: 'placed_at' } });
    const moved = { ...plan, features: plan.features.map((view) => ({ ...view, sql: `${view.sql} -- its own` })) };
    // A comment inside of the SELECT is another content, so nothing is shared.
    await shops.acceptDays('alone', days);
    expect(await shops.featurize({ ...moved, name: 'alone' }, [days.at(-1)!])).toBe(4 + 2);
    expect(await shops.featurize({ ...moved, name: 'alone' }, [days.at(-1)!])).toBe(0);
  });
});
