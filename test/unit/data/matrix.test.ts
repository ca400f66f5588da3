// Matrices: the right rows in the right roles, categories coded by the training rows alone, equal bytes; and the rows of one day.
import { join } from 'node:path';
import { computeBusinessMetric } from '../../../src/data/observe/business-metric';
import { dayFeatureRows, dayLabels } from '../../../src/data/observe/day-rows';
import { featureSamples } from '../../../src/data/observe/drift-samples';
import type { Engine } from '../../../src/data/engine';
import { buildMatrices, type MatrixRequest } from '../../../src/data/snapshot/matrix';
import { readCategoryColumn, readColumns, readMatrix } from '../../../src/data/snapshot/read-matrix';
import { bindablePartitions } from '../../../src/data/derive/view-inputs';
import { computeViews } from '../../../src/data/derive/views';
import { ModelPlan } from '../../../src/domain/plan/plan';
import { TINY, TINY_INPUT, accepted, newDir, sha256, workbench } from './tiny-model';

const DAYS = ['2013-01-01', '2013-01-02', '2013-01-03', '2013-01-04'];
const [FIRST, , THIRD] = DAYS as [string, string, string, string];
const DEPOTS = ['south', 'north', 'west', 'south'];

let engine: Engine;
let dir: string;
let close: () => void;
const paths: Record<string, Record<string, string>> = { parcels: {}, deliveries: {} };
const features: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  ({ engine, dir, close } = await workbench());
  for (const [i, day] of DAYS.entries()) {
    const rows = ['b', 'a', 'c'].map((id, k) => `${day},p${id}${i},${DEPOTS[i]},${k + 0.1},${day}T1${k}:00:00Z`);
    paths['parcels']![day] = await accepted(engine, dir, 'parcels', day, ['day,id,depot,weight,leaves_at', ...rows]);
    // c has no label on any day; a is late on the first two days.
    const delays = [`pa${i},x,${i < 2 ? 15 : 14}`, `pb${i},x,0`, `pc${i},x,NA`].map((row) => `${day},${row}`);
    const plan = ModelPlan.parse(withoutPattern());
    paths['deliveries']![day] = await accepted(engine, dir, 'deliveries', day, ['day,id,depot,delay', ...delays], {
      plan,
    });
  }
  const jobs = TINY.features.flatMap((view) =>
    DAYS.map((day) => {
      const outPath = join(newDir(dir), 'view.parquet');
      (features[view.name] ??= {})[day] = outPath;
      const bindings = bindablePartitions(TINY, view, day).flatMap(({ table, partition }) => {
        const path = paths[table]?.[partition];
        return path === undefined ? [] : [{ table, partition, path }];
      });
      return { view, day, bindings, outPath };
    }),
  );
  await computeViews(engine, TINY, jobs);
});
afterAll(() => close());

function withoutPattern() {
  const deliveries = TINY_INPUT.tables['deliveries']!;
  return {
    ...TINY_INPUT,
    tables: {
      ...TINY_INPUT.tables,
      deliveries: { ...deliveries, columns: { ...deliveries.columns, id: { type: 'string' as const } } },
    },
  };
}

function request(change: Partial<MatrixRequest> = {}): MatrixRequest {
  const days = { train: DAYS.slice(0, 2), holdout: [THIRD], truth: DAYS.slice(3) };
  const featureFiles = Object.fromEntries(
    Object.entries(features).map(([view, files]) => [
      view,
      Object.fromEntries(Object.entries(files).map(([day, path]) => [day, { path }])),
    ]),
  );
  return { plan: TINY, days, featureFiles, labelPaths: paths['deliveries']!, outDir: newDir(dir), ...change };
}

it('keeps the weight of each labelled row beside its label, and out of the signature', async () => {
  const planned = (weight: string) => request({ plan: { ...TINY, label: { ...TINY.label, weight } } });
  const weighted = (weight: string) => buildMatrices(engine, planned(weight));
  const { train, signature } = await weighted(`CASE WHEN delay >= 15 THEN 2.5 ELSE 1 END`);
  const rows = await engine.rows(`SELECT __key, __label, __weight FROM read_parquet('${train.path}') ORDER BY 1`);
  expect(rows.map((row) => [row['__label'], row['__weight']])).toEqual(
    rows.map(({ __label: label }) => (label === 1 ? [1, 2.5] : [0, 1])),
  );
  const plain = await buildMatrices(engine, request());
  expect(signature).toEqual(plain.signature);
  const { weights, labels } = await readMatrix(engine, train.path, signature);
  expect([...weights!]).toEqual([...labels].map((label) => (label === 1 ? 2.5 : 1)));
  expect(await readMatrix(engine, plain.train.path, signature)).not.toHaveProperty('weights');
  await expect(weighted('delay - 1')).rejects.toThrow('found 4 labelled rows without a weight, such as row p');
  for (const sql of ['delay - 1', 'nothing'])
    await expect(weighted(sql)).rejects.toMatchObject({ code: 'MODEL_CODE_FAILED' });
});

describe('matrices', () => {
  it('have only the rows that are the model’s where the plan says which', async () => {
    const plan = { ...TINY, rows: "depot = 'south' OR weight > 1.5" };
    const built = await buildMatrices(engine, request({ plan, entityPaths: paths['parcels']! }));
    const keys = async (path: string) => (await readMatrix(engine, path, built.signature)).keys;
    // The first and the last day are of the southern depot; of the others only c is heavy enough, and c has no label.
    expect(await keys(built.train.path)).toEqual(['pa0', 'pb0']);
    expect(await keys(built.holdout.path)).toEqual([]);
    expect(await keys(built.truth.path)).toEqual(['pa3', 'pb3']);
    expect(built.signature.columns[1]).toMatchObject({ categories: ['south'] });
    await expect(buildMatrices(engine, request({ plan }))).rejects.toMatchObject({ code: 'PARTITION_MISSING' });
    const wrong = request({ plan: { ...TINY, rows: 'colour = 1' }, entityPaths: paths['parcels']! });
    await expect(buildMatrices(engine, wrong)).rejects.toMatchObject({ code: 'MODEL_CODE_FAILED' });
  });

  it('have the labelled rows of their days, sorted by day and key, as float32', async () => {
    const built = await buildMatrices(engine, request());
    expect(built.signature.columns).toEqual([
      { kind: 'number', name: 'weight' },
      { kind: 'category', name: 'depot', categories: ['north', 'south'] },
      { kind: 'number', name: 'past_delay' },
      { kind: 'number', name: 'jam_before' },
    ]);
    expect(built).toMatchObject({
      train: { rows: 4, positives: 2, days: 2 },
      holdout: { rows: 2, positives: 0 },
      truth: { rows: 2 },
      baseRate: 0.5,
    });
    const columns = await engine.columns(`SELECT * FROM read_parquet('${built.train.path}')`);
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      '__key VARCHAR',
      '__day INTEGER',
      '__label FLOAT',
      'weight FLOAT',
      'depot FLOAT',
      'past_delay FLOAT',
      'jam_before FLOAT',
    ]);
    const train = await readMatrix(engine, built.train.path, built.signature);
    expect(train.keys).toEqual(['pa0', 'pb0', 'pa1', 'pb1']);
    expect([...train.days]).toEqual([15706, 15706, 15707, 15707]);
    expect([...train.labels]).toEqual([1, 0, 1, 0]);
    const tenth = Math.fround(0.1);
    expect([...train.features]).toEqual([
      Math.fround(1.1),
      1,
      NaN,
      NaN,
      tenth,
      1,
      NaN,
      NaN,
      Math.fround(1.1),
      0,
      7.5,
      NaN,
      tenth,
      0,
      7.5,
      NaN,
    ]);
  });

  it('know only the categories of the training rows; others are missing', async () => {
    const built = await buildMatrices(engine, request());
    expect(await readCategoryColumn(engine, built.holdout.path, built.signature, 'depot')).toEqual([null, null]);
    expect(await readCategoryColumn(engine, built.truth.path, built.signature, 'depot')).toEqual(['south', 'south']);
    expect(await readColumns(engine, built.truth.path, ['depot', '__label'])).toEqual({
      depot: Float64Array.of(1, 1),
      __label: Float64Array.of(0, 0),
    });
  });

  it('have equal bytes again, with another number of threads and files in another order', async () => {
    const one = await buildMatrices(engine, request());
    const other = await workbench(2);
    const days = { train: DAYS.slice(0, 2).reverse(), holdout: [THIRD], truth: DAYS.slice(3) };
    const two = await buildMatrices(other.engine, request({ days }));
    other.close();
    for (const role of ['train', 'holdout', 'truth'] as const)
      expect(sha256(two[role].path)).toBe(sha256(one[role].path));
  });

  it('are refused when a day has no partition, two roles, or the label fails', async () => {
    await expect(
      buildMatrices(engine, request({ labelPaths: { [FIRST]: paths['deliveries']![FIRST]! } })),
    ).rejects.toMatchObject({
      code: 'PARTITION_MISSING',
      message:
        'label table deliveries: no partition for 3 of 4 days (found none for: 2013-01-02, 2013-01-03, 2013-01-04; allowed: one for each day)',
    });
    const twice = { train: DAYS, holdout: [THIRD], truth: [] };
    await expect(buildMatrices(engine, request({ days: twice }))).rejects.toThrow('day 2013-01-03 has two roles');
    const plan = { ...TINY, label: { table: 'deliveries', sql: 'late' } };
    await expect(buildMatrices(engine, request({ plan }))).rejects.toMatchObject({ code: 'MODEL_CODE_FAILED' });
  });

  it('may be empty', async () => {
    const built = await buildMatrices(engine, request({ days: { train: [], holdout: [], truth: [] } }));
    expect(built).toMatchObject({ train: { rows: 0 }, baseRate: null });
    expect((await readMatrix(engine, built.train.path, built.signature)).rows).toBe(0);
  });

  it('do not fit another model’s signature', async () => {
    const built = await buildMatrices(engine, request());
    const other = { columns: [{ kind: 'number' as const, name: 'height' }] };
    await expect(readMatrix(engine, built.train.path, other)).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' });
  });
});

describe('the rows of a day', () => {
  const ofDay = (day: string) =>
    Object.fromEntries(Object.entries(features).map(([view, files]) => [view, files[day]!]));

  it('are all entities with their event time and features, labelled or not', async () => {
    const rows = await dayFeatureRows(engine, {
      plan: TINY,
      day: THIRD,
      featurePaths: ofDay(THIRD),
      entityPath: paths['parcels']![THIRD]!,
    });
    expect(rows.keys).toEqual(['pa2', 'pb2', 'pc2']);
    expect(rows.eventTimes[2]).toBe('2013-01-03T12:00:00.000Z');
    expect(rows.rows[0]).toEqual({ weight: 1.1, depot: 'west', past_delay: 7.5, jam_before: null });
    const labels = await dayLabels(engine, { plan: TINY, day: FIRST, labelPath: paths['deliveries']![FIRST]! });
    expect([...labels]).toEqual([
      ['pa0', 1],
      ['pb0', 0],
    ]);
  });

  it('are refused when a view is of another revision, or missing', async () => {
    const entityPath = paths['parcels']![THIRD]!;
    const mixed = dayFeatureRows(engine, {
      plan: TINY,
      day: THIRD,
      featurePaths: { ...ofDay(THIRD), past: features['past']![FIRST]! },
      entityPath,
    });
    await expect(mixed).rejects.toThrow('day 2013-01-03: 0 of 3 entities have a row in every feature view');
    await expect(
      dayFeatureRows(engine, { plan: TINY, day: THIRD, featurePaths: {}, entityPath }),
    ).rejects.toMatchObject({ code: 'PARTITION_MISSING' });
  });

  it('give samples over several days in day order', async () => {
    const files = DAYS.map((day) => features['parcel']![day]!);
    const samples = await featureSamples(engine, { paths: files, features: { weight: 'number', depot: 'category' } });
    expect(samples['weight']).toEqual({
      kind: 'number',
      numbers: Float64Array.from([1.1, 0.1, 2.1, 1.1, 0.1, 2.1, 1.1, 0.1, 2.1, 1.1, 0.1, 2.1]),
    });
    expect(samples['depot']).toEqual({ kind: 'category', values: DEPOTS.flatMap((depot) => [depot, depot, depot]) });
    expect(await featureSamples(engine, { paths: [], features: { weight: 'number' } })).toEqual({
      weight: { kind: 'number', numbers: new Float64Array(0) },
    });
  });
});

describe('the business metric', () => {
  const metric = (sql: string) => {
    const monitoring = { businessMetric: { name: 'cost', unit: 'money', sql } };
    const plan = ModelPlan.parse({ ...TINY_INPUT, monitoring });
    const scored = [
      { key: 'pa0', output: [0.5], label: 1 },
      { key: 'pb0', output: [1], label: 0 },
      { key: 'pc0', output: [0.25], label: null },
    ];
    return computeBusinessMetric(engine, { plan, entityPath: paths['parcels']![FIRST]!, scored });
  };

  it('is one number of the author’s SQL over the scored entities', async () => {
    expect(await metric('SELECT sum(weight * probability * label) FROM scored')).toBeCloseTo(0.55, 12);
    expect(await metric('SELECT avg(label) FROM scored WHERE label > 1')).toBeNull();
    expect(await metric('SELECT 1.5 * count(*) FROM scored WHERE label IS NULL')).toBe(1.5);
  });

  it('fails by name when it is not one number', async () => {
    await expect(metric('SELECT id FROM scored LIMIT 1')).rejects.toMatchObject({
      code: 'MODEL_CODE_FAILED',
      message:
        'monitoring.businessMetric cost: not one number (found: "pa0"; allowed: one row with one number or NULL)',
    });
    await expect(metric('SELECT nothing FROM scored')).rejects.toMatchObject({ code: 'MODEL_CODE_FAILED' });
  });
});

describe('the rows of a model that has not all of them', () => {
  const plan = ModelPlan.parse({ ...TINY_INPUT, rows: 'weight > 1' });

  it('are the ones that scoring sends and that have labels', async () => {
    const entityPath = paths['parcels']![FIRST]!;
    const featurePaths = Object.fromEntries(Object.entries(features).map(([view, files]) => [view, files[FIRST]!]));
    const rows = await dayFeatureRows(engine, { plan, day: FIRST, featurePaths, entityPath });
    expect(rows.keys).toEqual(['pa0', 'pc0']);
    const labels = await dayLabels(engine, { plan, day: FIRST, labelPath: paths['deliveries']![FIRST]!, entityPath });
    expect([...labels]).toEqual([['pa0', 1]]);
  });

  it('are the ones whose drift is looked at, day by day', async () => {
    const days = [FIRST, THIRD];
    const own = { population: plan, entityPaths: days.map((day) => paths['parcels']![day]!) };
    const files = days.map((day) => features['parcel']![day]!);
    const found = await featureSamples(engine, { paths: files, features: { weight: 'number' }, own });
    expect(found['weight']).toMatchObject({ kind: 'number' });
    const numbers = found['weight']!.kind === 'number' ? found['weight']!.numbers : [];
    expect([...numbers].sort()).toEqual([1.1, 1.1, 2.1, 2.1]);
  });
});
