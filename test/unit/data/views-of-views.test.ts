// Views that read views: what of each other they may see, that no later row reaches them, their keys and their order.
import { join } from 'node:path';
import type { Engine } from '../../../src/data/engine';
import { reachOf, viewLevels } from '../../../src/data/derive/view-graph';
import { bindablePartitions, featureKey, type Binding } from '../../../src/data/derive/view-inputs';
import { computeView } from '../../../src/data/derive/views';
import type { FeatureViewPlan, ModelPlan } from '../../../src/domain/plan/plan';
import { TINY, accepted, newDir, sha256, workbench } from './tiny-model';

const DAY = '2013-01-05';
const HEAD = 'day,id,depot,weight,leaves_at';

let engine: Engine;
let dir: string;
let close: () => void;
let parcels: Binding;
beforeAll(async () => {
  ({ engine, dir, close } = await workbench());
  parcels = await weights(1, 2);
});
afterAll(() => close());

/** Two parcels of the day: p1 leaves at 15:10, p2 at 18:00. */
async function weights(first: number, second: number): Promise<Binding> {
  const lines = [
    HEAD,
    `${DAY},p1,north,${first},2013-01-05T15:10:00Z`,
    `${DAY},p2,south,${second},2013-01-05T18:00:00Z`,
  ];
  return { table: 'parcels', partition: DAY, path: await accepted(engine, dir, 'parcels', DAY, lines) };
}

describe('a view that reads a view', () => {
  const plan: ModelPlan = {
    ...TINY,
    features: [
      ...TINY.features,
      {
        ...{ name: 'heavy', description: '', owner: '', reads: { parcels: 0, parcel: 1 } },
        sql: `SELECT p.id, (SELECT max(h.weight) FROM parcel h WHERE h.available_at < p.leaves_at) AS heaviest FROM parcels p`,
        features: { heaviest: 'number' },
      },
    ],
  };
  const heavy = (change: Partial<FeatureViewPlan> = {}) => ({ ...plan.features.at(-1)!, ...change });
  const run = async (view: FeatureViewPlan, entity: Binding) => {
    const inner = join(newDir(dir), 'inner.parquet');
    await computeView(engine, { plan, view: plan.features[0]!, day: DAY, bindings: [entity], outPath: inner });
    const outPath = join(newDir(dir), 'view.parquet');
    const bindings = [entity, { table: 'parcel', partition: DAY, path: inner }];
    await computeView(engine, { plan, view, day: DAY, bindings, outPath });
    return outPath;
  };

  it('may see its partitions of the look-back, the day itself among them', () => {
    expect(bindablePartitions(plan, heavy(), DAY).map((b) => `${b.table} ${b.partition}`)).toEqual([
      'parcel 2013-01-04',
      'parcel 2013-01-05',
      'parcels 2013-01-05',
    ]);
  });

  it('sees of the day only what was known at earlier event times, so later rows change nothing', async () => {
    const path = await run(heavy(), await weights(1, 2));
    expect(await engine.rows('SELECT id, heaviest FROM read_parquet($1)', [path])).toEqual([
      { id: 'p1', heaviest: null },
      { id: 'p2', heaviest: 1 },
    ]);
    expect(sha256(await run(heavy(), await weights(1, 49)))).toBe(sha256(path));
  });

  it('is refused when its SQL does not ask when a row exists, or reads a view that it does not declare', async () => {
    const all = 'SELECT p.id, (SELECT max(weight) FROM parcel) AS heaviest FROM parcels p';
    await expect(run(heavy({ sql: all }), parcels)).rejects.toMatchObject({
      code: 'LEAKAGE',
      message:
        'feature view heavy: rows of feature view "parcel" become available one by one (found: no use of available_at; allowed: rows with available_at at or before the event time)',
    });
    const other =
      'SELECT p.id, (SELECT max(past_delay) FROM past WHERE available_at < leaves_at) AS heaviest FROM parcels p';
    await expect(run(heavy({ sql: other }), parcels)).rejects.toMatchObject({
      code: 'LEAKAGE',
      message:
        'feature view heavy: it reads what it does not declare (found: table or file "past"; allowed by reads: parcels, parcel)',
    });
  });

  it('never gets a row from after the last event of the day, also when its SQL tries', async () => {
    const lines = ['north,2013-01-05T14:00:00Z,5', 'south,2013-01-05T17:00:00Z,7', 'west,2013-01-05T17:01:00Z,99'];
    const rows = ['day,depot,seen_at,jam', ...lines.map((line) => `${DAY},${line}`)];
    const traffic = { table: 'traffic', partition: DAY, path: await accepted(engine, dir, 'traffic', DAY, rows) };
    const sql =
      'SELECT p.id, (SELECT max(jam) FROM traffic WHERE available_at IS NOT NULL) AS jam_before FROM parcels p';
    const cheat = { ...TINY.features.find(({ name }) => name === 'jam')!, sql };
    const path = join(newDir(dir), 'view.parquet');
    await computeView(engine, { plan, view: cheat, day: DAY, bindings: [parcels, traffic], outPath: path });
    expect(await engine.rows('SELECT DISTINCT jam_before FROM read_parquet($1)', [path])).toEqual([{ jam_before: 7 }]);
  });

  it('has another key when the view that it reads changes in any way', () => {
    const inputs = [{ table: 'parcel', partition: DAY, sha256: 'key' }];
    const [first, ...others] = plan.features;
    const moved = {
      ...plan,
      features: [{ ...first!, sql: 'SELECT id, weight + 1 AS weight, depot FROM parcels' }, ...others],
    };
    expect(featureKey(moved, heavy(), DAY, inputs)).not.toBe(featureKey(plan, heavy(), DAY, inputs));
    const renamed = { ...plan, features: [{ ...first!, owner: 'somebody', description: 'else' }, ...others] };
    expect(featureKey(renamed, heavy(), DAY, inputs)).toBe(featureKey(plan, heavy(), DAY, inputs));
  });
});

describe('views in order', () => {
  const named = (name: string, reads: Record<string, number>): FeatureViewPlan => {
    return { name, reads, description: '', owner: '', sql: 'SELECT 1', features: { [name]: 'number' } };
  };
  const plan = (...features: FeatureViewPlan[]): ModelPlan => ({ ...TINY, features });

  it('come after those that they read, and a table reaches as far as the look-backs add up', () => {
    const chain = plan(
      named('c', { b: 4, deliveries: 1 }),
      named('b', { a: 2, parcels: 0 }),
      named('a', { deliveries: 3 }),
    );
    expect(viewLevels(chain).map((level) => level.map(({ name }) => name))).toEqual([['a'], ['b'], ['c']]);
    expect([reachOf(chain, 'deliveries'), reachOf(chain, 'parcels'), reachOf(chain, 'traffic')]).toEqual([9, 6, -1]);
    expect(reachOf(plan(named('a', { deliveries: 3 })), 'parcels')).toBe(0);
  });

  it('fail by name in a circle', () => {
    const circle = plan(named('a', { b: 0 }), named('b', { c: 0 }), named('c', { b: 0 }));
    expect(() => viewLevels(circle)).toThrow('feature views read each other in a circle: b → c → b');
  });
});
