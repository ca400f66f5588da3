// Feature views: what they may see, what their results must look like, and that nothing from the future reaches them.
import { join } from 'node:path';
import type { Engine } from '../../../src/data/engine';
import { bindablePartitions, featureKey, type Binding } from '../../../src/data/derive/view-inputs';
import { computeView, computeViews } from '../../../src/data/derive/views';
import type { FeatureViewPlan } from '../../../src/domain/plan/plan';
import { TINY, accepted, newDir, sha256, workbench } from './tiny-model';

const DAY = '2013-01-05';
const PARCELS = [
  'day,id,depot,weight,leaves_at',
  `${DAY},p1,north,1,2013-01-05T15:10:00Z`,
  `${DAY},p2,south,2,2013-01-05T18:00:00Z`,
];
const TRAFFIC = [
  'day,depot,seen_at,jam',
  `${DAY},north,2013-01-05T14:00:00Z,5`, // available at 15:00
  `${DAY},south,2013-01-05T17:00:00Z,7`, // available at 18:00, the minute p2 leaves
];
const FUTURE = [`${DAY},north,2013-01-05T14:11:00Z,99`, `${DAY},south,2013-01-05T17:01:00Z,99`]; // available a minute too late

let engine: Engine;
let dir: string;
let close: () => void;
let parcels: Binding;
beforeAll(async () => {
  ({ engine, dir, close } = await workbench());
  parcels = { table: 'parcels', partition: DAY, path: await accepted(engine, dir, 'parcels', DAY, PARCELS) };
});
afterAll(() => close());

function view(name: string, change: Partial<FeatureViewPlan> = {}): FeatureViewPlan {
  return { ...TINY.features.find((candidate) => candidate.name === name)!, ...change };
}

async function compute(changed: FeatureViewPlan, bindings: readonly Binding[]) {
  const outPath = join(newDir(dir), 'view.parquet');
  await computeView(engine, { plan: TINY, view: changed, day: DAY, bindings, outPath });
  return outPath;
}

async function deliveries(day: string, delays: readonly number[]): Promise<Binding> {
  const lines = ['day,id,depot,delay', ...delays.map((delay, i) => `${day},p${i},north,${delay}`)];
  return { table: 'deliveries', partition: day, path: await accepted(engine, dir, 'deliveries', day, lines) };
}

describe('the partitions that a view may see', () => {
  const seen = (name: string, day: string) =>
    bindablePartitions(TINY, view(name), day).map((b) => `${b.table} ${b.partition}`);

  it('are those of its look-back which exist when the day starts', () => {
    expect(seen('past', DAY)).toEqual(['deliveries 2013-01-03', 'deliveries 2013-01-04', 'parcels 2013-01-05']);
  });

  it('include the day itself where single rows say when they exist, and none before the data start', () => {
    expect(seen('jam', DAY)).toEqual(['parcels 2013-01-05', 'traffic 2013-01-04', 'traffic 2013-01-05']);
    expect(seen('past', '2013-01-01')).toEqual(['parcels 2013-01-01']);
  });

  it('carry the instant at which they are available, in local time', () => {
    expect(bindablePartitions(TINY, view('past'), DAY)[1]!.availableAt).toBe('2013-01-05T05:00:00.000Z');
  });
});

describe('the key of a feature partition', () => {
  const inputs = [
    { table: 'deliveries', partition: '2013-01-04', sha256: 'a' },
    { table: 'parcels', partition: DAY, sha256: 'b' },
  ];
  const key = featureKey(TINY, view('past'), DAY, inputs);

  it('is the same whatever the order of the inputs', () => {
    expect(featureKey(TINY, view('past'), DAY, [...inputs].reverse())).toBe(key);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('changes with the SQL, the features, the day, any input, and the availability of what is read', () => {
    const moved = {
      ...TINY,
      tables: { ...TINY.tables, deliveries: { ...TINY.tables['deliveries']!, availableAt: 'D+1 01:00' } },
    };
    const others = [
      featureKey(TINY, view('past', { sql: 'SELECT 1' }), DAY, inputs),
      featureKey(TINY, view('past', { features: { other: 'number' } }), DAY, inputs),
      featureKey(TINY, view('past'), '2013-01-06', inputs),
      featureKey(TINY, view('past'), DAY, inputs.slice(1)),
      featureKey(TINY, view('past'), DAY, [{ ...inputs[0]!, sha256: 'c' }, inputs[1]!]),
      featureKey(moved, view('past'), DAY, inputs),
    ];
    expect(new Set([key, ...others]).size).toBe(7);
  });
});

describe('a computed view', () => {
  it('has one row for each entity, sorted by key, out of exactly the bound partitions', async () => {
    const bound = [parcels, await deliveries('2013-01-03', [0, 10]), await deliveries('2013-01-04', [20])];
    const path = await compute(view('past'), bound);
    expect(await engine.rows('SELECT * FROM read_parquet($1)', [path])).toEqual([
      { id: 'p1', __day: 15710, __event_time: new Date('2013-01-05T15:10:00Z'), past_delay: 10 },
      { id: 'p2', __day: 15710, __event_time: new Date('2013-01-05T18:00:00Z'), past_delay: 10 },
    ]);
    const less = await compute(view('past'), bound.slice(0, 2));
    expect(await engine.rows('SELECT DISTINCT past_delay FROM read_parquet($1)', [less])).toEqual([{ past_delay: 5 }]);
    const none = await compute(view('past'), [parcels]);
    expect(await engine.rows('SELECT DISTINCT past_delay FROM read_parquet($1)', [none])).toEqual([
      { past_delay: null },
    ]);
  });

  it('has equal bytes again, alone or in a batch', async () => {
    const bindings = [parcels, await deliveries('2013-01-04', [20])];
    const jobs = ['parcel', 'past'].map((name) => {
      const plan = view(name);
      return {
        view: plan,
        day: DAY,
        bindings: name === 'past' ? bindings : [parcels],
        outPath: join(newDir(dir), 'v.parquet'),
      };
    });
    expect(await computeViews(engine, TINY, jobs)).toEqual([{ rows: 2 }, { rows: 2 }]);
    expect(sha256(jobs[1]!.outPath)).toBe(sha256(await compute(view('past'), bindings)));
  });

  it('does not change when rows change that are not available yet at the event time', async () => {
    const traffic = async (lines: readonly string[]): Promise<Binding> => {
      return { table: 'traffic', partition: DAY, path: await accepted(engine, dir, 'traffic', DAY, lines) };
    };
    const before = await compute(view('jam'), [parcels, await traffic(TRAFFIC)]);
    const after = await compute(view('jam'), [parcels, await traffic([...TRAFFIC, ...FUTURE])]);
    expect(await engine.rows('SELECT id, jam_before FROM read_parquet($1)', [before])).toEqual([
      { id: 'p1', jam_before: 5 },
      { id: 'p2', jam_before: 7 },
    ]);
    expect(sha256(after)).toBe(sha256(before));
  });

  it('stores what is not finite as missing', async () => {
    const path = await compute(view('parcel', { sql: `SELECT id, weight / 0 AS weight, depot FROM parcels` }), [
      parcels,
    ]);
    expect(await engine.rows('SELECT DISTINCT weight FROM read_parquet($1)', [path])).toEqual([{ weight: null }]);
  });
});

describe('leakage', () => {
  const refused = async (
    change: Partial<FeatureViewPlan>,
    message: string,
    bindings: readonly Binding[] = [parcels],
    name = 'parcel',
  ) => {
    await expect(compute(view(name, change), bindings)).rejects.toMatchObject({ code: 'LEAKAGE', message });
  };

  it('by a table that is not declared, also inside of a query with a name', async () => {
    const sql = 'SELECT id, weight, depot FROM parcels JOIN deliveries USING (id)';
    await refused(
      { sql },
      'feature view parcel: it reads what it does not declare (found: table or file "deliveries"; allowed by reads: parcels)',
    );
    const inner = 'WITH x AS (SELECT * FROM traffic) SELECT id, weight, depot FROM parcels, x';
    await refused(
      { sql: inner },
      'feature view parcel: it reads what it does not declare (found: table or file "traffic"; allowed by reads: parcels)',
    );
  });

  it('by a file or another schema', async () => {
    const by = (from: string) => ({ sql: `SELECT id, weight, depot FROM parcels, ${from}` });
    await refused(
      by("read_csv('x.csv')"),
      'feature view parcel: it reads what it does not declare (found: function read_csv(); allowed by reads: parcels)',
    );
    await refused(
      by("'x.parquet'"),
      'feature view parcel: it reads what it does not declare (found: table or file "x.parquet"; allowed by reads: parcels)',
    );
    await refused(
      by('loaded_1.parcels'),
      'feature view parcel: it reads what it does not declare (found: table or file "parcels"; allowed by reads: parcels)',
    );
  });

  it('by a partition that is not available at the start of the day, or outside of the look-back', async () => {
    const today = await deliveries(DAY, [1]);
    await refused(
      {},
      'feature view past: it reads what it does not declare (found: partition 2013-01-05 of table "deliveries" for day 2013-01-05; allowed by reads: parcels, deliveries)',
      [parcels, today],
      'past',
    );
    const old = await deliveries('2013-01-02', [1]);
    await refused(
      {},
      'feature view past: it reads what it does not declare (found: partition 2013-01-02 of table "deliveries" for day 2013-01-05; allowed by reads: parcels, deliveries)',
      [parcels, old],
      'past',
    );
  });

  it('by rows that say when they exist, when the SQL does not ask', async () => {
    const sql = 'SELECT p.id, (SELECT max(jam) FROM traffic) AS jam_before FROM parcels p';
    await refused(
      { sql },
      'feature view jam: rows of table "traffic" become available one by one (found: no use of available_at; allowed: rows with available_at at or before the event time)',
      [parcels],
      'jam',
    );
  });
});

describe('SQL of a view that is not as declared', () => {
  const cases: readonly [string, string, string][] = [
    [
      'does not parse',
      'SELEC id',
      'feature view parcel: its SQL cannot be read (found: syntax error at or near "SELEC"; allowed: one SELECT)',
    ],
    [
      'asks the clock',
      'SELECT id, now() AS weight, depot FROM parcels',
      "feature view parcel: its result would change from run to run (found: now; allowed: getvariable('logical_day') and the columns of its tables)",
    ],
    [
      'names no column',
      'SELECT id, wait AS weight, depot FROM parcels',
      'feature view parcel, day 2013-01-05: Binder Error: Referenced column "wait" not found in FROM clause!',
    ],
    [
      'has another kind',
      'SELECT id, depot AS weight, depot FROM parcels',
      'feature view parcel, day 2013-01-05: its columns are not those declared (found: id VARCHAR, weight VARCHAR, depot VARCHAR; allowed: id VARCHAR, weight as a number, depot VARCHAR)',
    ],
    [
      'lacks a column',
      'SELECT id, weight FROM parcels',
      'feature view parcel, day 2013-01-05: its columns are not those declared (found: id VARCHAR, weight DOUBLE; allowed: id VARCHAR, weight as a number, depot VARCHAR)',
    ],
    [
      'loses an entity',
      "SELECT id, weight, depot FROM parcels WHERE id = 'p1'",
      'feature view parcel, day 2013-01-05: not one row for each entity of the day (found: 1 rows with 1 keys; without a row: p2; allowed: 2 rows, one for each id)',
    ],
    [
      'doubles an entity',
      'SELECT id, weight, depot FROM parcels, range(2)',
      'feature view parcel, day 2013-01-05: not one row for each entity of the day (found: 4 rows with 2 keys; allowed: 2 rows, one for each id)',
    ],
    [
      'invents an entity',
      "SELECT id || '!' AS id, weight, depot FROM parcels",
      'feature view parcel, day 2013-01-05: not one row for each entity of the day (found: 2 rows with 2 keys; without a row: p1; allowed: 2 rows, one for each id)',
    ],
  ];
  it.each(cases)('fails by name when it %s', async (_case, sql, message) => {
    await expect(compute(view('parcel', { sql }), [parcels])).rejects.toMatchObject({
      code: 'MODEL_CODE_FAILED',
      message,
    });
  });

  it('needs the entity’s partition of the day', async () => {
    await expect(compute(view('parcel'), [])).rejects.toMatchObject({ code: 'PARTITION_MISSING' });
  });
});
