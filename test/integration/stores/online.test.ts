// The online features: the values of the latest day win, whatever order days are published in; what is replaced says whom it has lost.
import type {
  DroppedEntity,
  FeatureValues,
  OnlinePartition,
  OnlineRows,
  PublishedPartition,
} from '../../../src/ports/online';
import type { Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';

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

type Put = PublishedPartition & OnlineRows;
function partition(day: string, featureKey: string, values: Record<string, number | null>, view = 'v'): Put {
  const entityKeys = Object.keys(values);
  return {
    view,
    viewDigest: `${view}-digest`,
    day,
    featureKey,
    entityKeys,
    eventTimes: entityKeys.map(() => `${day}T10:00:00.000Z`),
    features: entityKeys.map((key) => JSON.stringify({ x: values[key] ?? null } satisfies FeatureValues)),
  };
}
let lost: DroppedEntity[] = [];
const publish = (model: string, put: Put[], oldest = '2013-01-01', gone: OnlinePartition[] = []) =>
  stores.transaction(async (tx) => {
    await stores.online.lock(tx, model);
    let written = 0;
    for (const each of put) written += await stores.online.put(tx, model, each, each);
    lost = await stores.online.replace(tx, model, { put, gone, oldest });
    return written;
  });
async function values(model: string, ...keys: string[]): Promise<Record<string, unknown>> {
  const found = await stores.online.lookup(model, keys);
  return Object.fromEntries(
    found.map(({ view, entityKey, day, features }) => [`${view} ${entityKey}`, [day.slice(8), features['x']]]),
  );
}

it('keeps the latest values per entity and view, in whatever order days come', async () => {
  expect(await publish('order', [partition('2013-03-02', 'k2', { a: 2, b: 2 })])).toBe(2);
  expect(await publish('order', [partition('2013-03-01', 'k1', { a: 1, c: 1 })])).toBe(1);
  await publish('order', [partition('2013-03-03', 'k3', { c: 3 }, 'w')]);
  expect(await values('order', 'a', 'b', 'c', 'none')).toEqual({
    'v a': ['02', 2],
    'v b': ['02', 2],
    'v c': ['01', 1],
    'w c': ['03', 3],
  });
});

it('lets a day that was computed again replace its own rows, and says which entities have lost their values', async () => {
  await publish('again', [partition('2013-03-01', 'k1', { a: 1, b: 1 })]);
  await publish('again', [partition('2013-03-02', 'k2', { a: 2, b: 2 })]);
  expect(lost).toEqual([]);
  await publish('again', [partition('2013-03-02', 'k2b', { a: 20 })]);
  expect(lost).toEqual([{ viewDigest: 'v-digest', entityKey: 'b', day: '2013-03-02' }]);
  await publish('again', [partition('2013-03-01', 'k1b', { a: 10, c: 10 })]);
  expect(lost).toEqual([]);
  expect(await values('again', 'a', 'b', 'c')).toEqual({ 'v a': ['02', 20], 'v c': ['01', 10] });
  expect(await stores.online.published('again')).toEqual([
    { viewDigest: 'v-digest', day: '2013-03-01', featureKey: 'k1b' },
    { viewDigest: 'v-digest', day: '2013-03-02', featureKey: 'k2b' },
  ]);
});

it('knows a partition as published whose entities all have newer values', async () => {
  await publish('covered', [partition('2013-03-02', 'k2', { a: 2 }), partition('2013-03-01', 'k1', { a: 1 })]);
  expect((await stores.online.published('covered')).map(({ featureKey }) => featureKey)).toEqual(['k1', 'k2']);
});

it('keeps two versions of a view side by side, and gives the one that is asked for', async () => {
  const day = partition('2013-03-01', 'k1', { a: 1 });
  const other = { ...partition('2013-03-01', 'k1x', { a: 100 }), viewDigest: 'v-other' };
  await publish('two', [day, other]);
  const asked = async (...digests: string[]) =>
    (await stores.online.lookup('two', ['a'], digests)).map(({ features }) => features['x']);
  expect([await asked('v-digest'), await asked('v-other'), await asked('none')]).toEqual([[1], [100], []]);
  expect(await stores.online.lookup('two', ['a'])).toHaveLength(2);
  await publish('two', [], '2013-01-01', [day]);
  expect([await asked('v-digest'), await asked('v-other')]).toEqual([[], [100]]);
});

it('drops days before the kept ones and views that are gone, and nothing of another model', async () => {
  await publish('other', [partition('2013-03-01', 'k', { a: 1 })]);
  const w = partition('2013-03-03', 'k3w', { b: 3 }, 'w');
  await publish('drop', [partition('2013-03-01', 'k1', { a: 1 }), partition('2013-03-01', 'k1w', { a: 1 }, 'w')]);
  const v = partition('2013-03-03', 'k3', { b: 3 });
  await publish('drop', [v], '2013-03-02');
  expect(lost).toEqual([]);
  expect(await values('drop', 'a', 'b')).toEqual({ 'v b': ['03', 3] });
  await publish('drop', [w], '2013-03-02', [v]);
  expect(await values('drop', 'b')).toEqual({ 'w b': ['03', 3] });
  await stores.online.clear('drop');
  expect(await values('drop', 'b')).toEqual({});
  expect(await stores.online.published('drop')).toEqual([]);
  expect(await values('other', 'a')).toEqual({ 'v a': ['01', 1] });
});

it('publishes nothing of a transaction that fails', async () => {
  const broken = stores.transaction(async (tx) => {
    const each = partition('2013-03-01', 'k', { a: 1 });
    await stores.online.put(tx, 'broken', each, each);
    throw new Error('broken on purpose');
  });
  await expect(broken).rejects.toThrow('on purpose');
  expect(await values('broken', 'a')).toEqual({});
});

it('samples the same entities of a day each time, with all their views', async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`e${n}`, n]));
  await publish('sample', [partition('2013-03-01', 'k', many), partition('2013-03-01', 'kw', many, 'w')]);
  const first = await stores.online.sample('sample', '2013-03-01', 50);
  expect(new Set(first.map(({ entityKey }) => entityKey)).size).toBe(50);
  expect(first).toHaveLength(100);
  expect(await stores.online.sample('sample', '2013-03-01', 50)).toEqual(first);
  expect(await stores.online.sample('sample', '2013-03-02', 50)).toEqual([]);
});

it('publishes a day of 1,000 entities in four views fast enough to do it after each delivery', async () => {
  const day = (n: number) => {
    const values = Object.fromEntries(Array.from({ length: 1_000 }, (_, e) => [`f${n}-${e}`, e]));
    return ['a', 'b', 'c', 'd'].map((view) => partition(`2013-04-0${n}`, `${view}${n}`, values, view));
  };
  await publish('speed', day(1));
  const times: number[] = [];
  for (const n of [2, 3, 4]) {
    const startedAt = performance.now();
    await publish('speed', day(n));
    times.push(performance.now() - startedAt);
  }
  process.stderr.write(`publishing 1,000 entities x 4 views: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms\n`);
  expect(Math.min(...times)).toBeLessThan(400);
});
