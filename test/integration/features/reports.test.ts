// What people are told before and after: versions of views, what a change would compute, reuse and drop, and how fast a year is recognised.
import { createFeatureReports } from '../../../src/activities/features/feature-reports';
import { createFeaturizer } from '../../../src/activities/features/featurize';
import { planDigest } from '../../../src/definition/digest';
import { addDays, daysBetween } from '../../../src/domain/days';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import type { FeatureReports } from '../../../src/ports/features';
import { artifact } from '../stores/fixtures';
import { firstDays, ordersOf } from './shop-rows';
import { openShops, shopPlan, type ShopBench } from './shops';

const PLAN = shopPlan();
const DAYS = firstDays(10);
const RANGE = { from: DAYS[0]!, to: DAYS.at(-1)! };
const NONE = { days: 0, rows: 0, estimated: false };
const ALL = { days: 10, rows: 60, estimated: false };

let shops: ShopBench;
let reports: FeatureReports;
beforeAll(async () => {
  shops = await openShops();
  reports = createFeatureReports(shops.stores);
  await shops.acceptDays('shops', DAYS);
  await shops.featurize(PLAN, DAYS);
  await deployed(PLAN);
});
afterAll(() => shops.close());

async function deployed(plan: ModelPlan): Promise<void> {
  await shops.stores.definitions.save(planDigest(plan), plan, 'commit');
  await shops.stores.definitions.setCurrent(plan.name, 'simulated', planDigest(plan));
}

/** The plan with another text in the SQL of one view. */
function edited(view: string, from: string, to: string): ModelPlan {
  const features = PLAN.features.map((each) =>
    each.name === view ? { ...each, sql: each.sql.replace(from, to) } : each,
  );
  return { ...PLAN, features };
}

describe('the plan of changes', () => {
  it('is empty for what is stored and deployed', async () => {
    const changes = await reports.planChanges(PLAN, PLAN, RANGE);
    expect(changes.anything).toBe(false);
    expect(changes.tables).toContainEqual({
      ...{ table: 'orders', change: 'unchanged', stored: ALL, toIngest: NONE, toCheckAgain: NONE },
    });
    expect(changes.views).toHaveLength(4);
    for (const view of changes.views)
      expect(view).toMatchObject({
        ...{ change: 'unchanged', version: 1, toCompute: NONE, toReuse: ALL, noLongerUsed: NONE },
      });
  });

  it('computes an edited view and what reads it, and reuses the others', async () => {
    const changes = await reports.planChanges(edited('past', 'avg(late)', 'max(late)'), PLAN, RANGE);
    const byName = Object.fromEntries(changes.views.map((view) => [view.view, view]));
    for (const name of ['past', 'trend'])
      expect(byName[name]).toMatchObject({ change: 'changed', version: null, toCompute: ALL, noLongerUsed: ALL });
    for (const name of ['jam', 'order'])
      expect(byName[name]).toMatchObject({ change: 'unchanged', toCompute: NONE, toReuse: ALL, noLongerUsed: NONE });
    expect(changes.anything).toBe(true);
  });

  it('ingests new days, with rows estimated from the median day, and computes what will see them', async () => {
    const to = addDays(RANGE.to, 2);
    const { tables, views } = await reports.planChanges(PLAN, PLAN, { from: RANGE.from, to });
    expect(tables.find(({ table }) => table === 'traffic')).toMatchObject({
      toIngest: { days: 2, rows: 48, estimated: true },
    });
    expect(views.find(({ view }) => view === 'past')).toMatchObject({
      toCompute: { days: 2, rows: 12, estimated: true },
      toReuse: ALL,
    });
  });

  it('checks a table again whose contract changed, and drops a view that is gone', async () => {
    const tables = {
      ...PLAN.tables,
      orders: { ...PLAN.tables['orders']!, rowRules: [{ name: 'paid', sql: 'amount > 0' }] },
    };
    const features = PLAN.features.filter(({ name }) => name !== 'jam');
    const changes = await reports.planChanges({ ...PLAN, tables, features }, PLAN, RANGE);
    expect(changes.tables[0]).toMatchObject({ table: 'orders', change: 'contract changed', toCheckAgain: ALL });
    expect(changes.views.find(({ view }) => view === 'jam')).toMatchObject({
      ...{ change: 'no longer used', toCompute: NONE, toReuse: NONE, noLongerUsed: ALL },
    });
    expect(changes.anything).toBe(true);
  });

  it('of a model that is not deployed has everything to do, without an error', async () => {
    const { tables, views, anything } = await reports.planChanges({ ...PLAN, name: 'unknown' }, null, RANGE);
    expect(tables[0]).toMatchObject({ change: 'new', toIngest: { days: 10, rows: 0, estimated: true } });
    expect(views[0]).toMatchObject({ change: 'new', toCompute: { days: 10, rows: 0, estimated: true } });
    expect(anything).toBe(true);
  });
});

describe('views of a model', () => {
  it('have a version for each content of a name, and name the models that share it', async () => {
    const other = { ...edited('past', 'avg(late)', 'min(late)'), name: 'others' };
    await shops.acceptDays('others', DAYS);
    // `order` and `jam` are shared; `past` is not, and so `trend` is not either.
    expect(await shops.featurize(other, DAYS)).toBe(2 * DAYS.length);
    await deployed(other);
    const mine = await reports.describeViews('shops');
    expect(
      mine.map(({ name, version, daysStored, rows, sharedWith }) => [name, version, daysStored, rows, sharedWith]),
    ).toEqual([
      ['trend', 1, 10, 60, []],
      ['past', 1, 10, 60, []],
      ['jam', 1, 10, 60, ['others']],
      ['order', 1, 10, 60, ['others']],
    ]);
    expect((await reports.describeViews('others')).map(({ name, version }) => [name, version])).toEqual([
      ['trend', 2],
      ['past', 2],
      ['jam', 1],
      ['order', 1],
    ]);
    expect(await shops.stores.featureViews.versions(['past'])).toMatchObject([
      { version: 1, model: 'shops', owner: 'ops', description: 'Mean lateness of the shop on the last three days.' },
      { version: 2, model: 'others' },
    ]);
    await expect(reports.describeViews('nobody')).rejects.toMatchObject({ code: 'MODEL_NOT_DEPLOYED' });
  });

  it('get gapless versions when ten processes register at once', async () => {
    const versions = Array.from({ length: 10 }, (_, n) => ({
      ...{ view: 'raced', digest: `digest-${n % 5}`, model: 'm', owner: '', description: '', sql: 'SELECT 1' },
    }));
    await Promise.all(versions.map((version) => shops.stores.featureViews.register([version])));
    const found = await shops.stores.featureViews.versions(['raced']);
    expect(found.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a year of days', () => {
  const YEAR = daysBetween('2013-01-01', '2013-12-31');

  it('is recognised as unchanged in a few queries, within a fraction of a second', async () => {
    const plan = { ...PLAN, name: 'yearly' };
    for (const day of YEAR) {
      for (const table of Object.keys(plan.tables)) {
        const rows = ordersOf(day).length;
        const revision = { model: 'yearly', table, partition: day, data: artifact(`${table} ${day}`), rows };
        await shops.stores.transaction((tx) =>
          shops.stores.partitions.accept(
            tx,
            { ...revision, quarantinedRows: 0, availableAt: '2013-01-01T00:00:00Z' },
            {},
            [],
          ),
        );
      }
    }
    const featurizer = createFeaturizer(shops);
    const wanted = await featurizer.wanted(plan, YEAR);
    await shops.stores.features.save(
      wanted.map(({ key, view, day }) => ({ key, view: view.name, day, rows: 6, data: artifact(key) })),
    );
    // A plan of its own, as a process that has just started has.
    const fresh = structuredClone(plan);
    const start = performance.now();
    const missing = await featurizer.missing(fresh, YEAR[0]!, YEAR.at(-1)!);
    const milliseconds = performance.now() - start;
    expect(missing).toEqual({ days: [], withoutEntities: [], missing: 0, of: 4 * 365 });
    // About 100 ms on an idle machine; the bound leaves room for a busy one.
    expect(milliseconds).toBeLessThan(1500);
    if (process.env['SHOW_TIMES']) process.stdout.write(`a year recognised in ${milliseconds.toFixed(0)} ms\n`);
  });
});
