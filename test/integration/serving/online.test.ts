/** @jest-environment ./test/setup/host-arrays-environment.js */
// Predictions by entity key: features come from PostgreSQL, of the views that the version was trained on; without the database only such
// requests fail.
import { viewDigest } from '../../../src/data/derive/view-inputs';
import type { FeatureValues, OnlineRows, PublishedPartition } from '../../../src/ports/online';
import { createCuttable, type Cuttable } from './cuttable';
import { rowsOf, send } from './requests';
import { startServer, until, type RunningServer } from './running-server';
import { MODEL, createSmallModel, expected, smallPlan, type SmallModel } from './small-model';
import { sha } from '../stores/fixtures';

let small: SmallModel;
let server: RunningServer;
let cuttable: Cuttable;
let model: string;
const byKey = (keys: unknown, more: object = {}, parameters: object = {}) =>
  send('POST', `${model}/infer`, JSON.stringify({ parameters: { entity_keys: keys, ...parameters }, ...more }));

const digestOf = (view: string, plan = PLAN) =>
  viewDigest(
    plan,
    plan.features.find(({ name }) => name === view)!,
  );
const AT = '2013-07-01T10:00:00.000Z';
const PLAN = smallPlan();
const CHANGED = smallPlan('SELECT id, temp * 100 AS temp FROM trips');
const partition = (
  view: string,
  rows: Record<string, FeatureValues>,
  plan = PLAN,
): PublishedPartition & OnlineRows => ({
  view,
  viewDigest: digestOf(view, plan),
  day: '2013-07-01',
  featureKey: `${view}-key`,
  entityKeys: Object.keys(rows),
  eventTimes: Object.keys(rows).map(() => AT),
  features: Object.values(rows).map((values) => JSON.stringify(values)),
});

beforeAll(async () => {
  small = await createSmallModel();
  await small.addVersions(30);
  await small.promote(20);
  await small.promote(30);
  const views = [
    partition('weather', { a: { temp: 1 }, 'b/2': { temp: null }, half: { temp: 2 } }),
    partition('flight', { a: { carrier: 'UA', unused: 1 }, 'b/2': { carrier: null, unused: 2 } }),
  ];
  await small.stores.transaction(async (tx) => {
    for (const view of views) await small.stores.online.put(tx, MODEL, view, view);
  });
  cuttable = await createCuttable(small.databaseUrl);
  server = await startServer(small, { databaseUrl: cuttable.url });
  model = `${server.url}/v2/models/${MODEL}`;
});
afterAll(async () => {
  await server.stop();
  await cuttable.cut();
  await small.close();
});

it('answers as if the client had sent the features, in the order of the keys', async () => {
  const answer = await byKey(['b/2', 'a', 'b/2'], { id: 'mine' });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    model_version: '30',
    id: 'mine',
    parameters: { entity_keys: ['b/2', 'a', 'b/2'] },
  });
  const [probability] = answer.json.outputs!;
  expect(probability).toMatchObject({ name: 'probability', shape: [3] });
  const wanted = [expected(30), expected(30, 1, 'UA'), expected(30)];
  probability!.data!.forEach((value, at) => expect(value).toBeCloseTo(wanted[at]!, 6));
  const other = await send(
    'POST',
    `${model}/versions/20/infer`,
    JSON.stringify({ parameters: { entity_keys: ['a'] } }),
  );
  expect(other.json.outputs![0]!.data![0]).toBeCloseTo(expected(20, 1, 'UA'), 6);
});

it('logs the predictions under their keys and instants when the request names a partition', async () => {
  const answer = await byKey(['a', 'b/2'], {}, { partition: '2013-07-01' });
  expect(answer.json).toMatchObject({ parameters: { logged: true, entity_keys: ['a', 'b/2'] } });
  await until(async () => (await small.stores.predictions.count(MODEL, '2013-07-01')) === 2);
  const logged = await small.stores.predictions.list(MODEL, '2013-07-01', '2013-07-01');
  expect(logged.map(({ entityKey, asOf }) => [entityKey, asOf])).toEqual([
    ['a', AT],
    ['b/2', AT],
  ]);
});

it('shows the features of an entity, view by view', async () => {
  const { status, json } = await send('GET', `${model}/features/b%2F2`);
  expect(status).toBe(200);
  expect(json).toEqual({
    name: MODEL,
    entity_key: 'b/2',
    views: [
      {
        view: 'flight',
        view_digest: digestOf('flight'),
        event_time: AT,
        day: '2013-07-01',
        feature_key: 'flight-key',
        features: { carrier: null, unused: 2 },
      },
      {
        view: 'weather',
        view_digest: digestOf('weather'),
        event_time: AT,
        day: '2013-07-01',
        feature_key: 'weather-key',
        features: { temp: null },
      },
    ],
  });
});

it('names the keys that it does not know', async () => {
  const answer = await byKey(['x', 'a', 'y', 'x']);
  expect([answer.status, answer.headers['understudy-failure'], answer.json.error]).toEqual([
    404,
    'ENTITY_UNKNOWN',
    'No features of small are online for 2 entities x, y.',
  ]);
  const shown = await send('GET', `${model}/features/x`);
  expect([shown.status, shown.json.error]).toEqual([404, 'No features of small are online for the entity x.']);
  expect((await send('GET', `${server.url}/v2/models/nobody/features/a`)).headers['understudy-failure']).toBe(
    'MODEL_NOT_DEPLOYED',
  );
});

it('refuses what is no list of keys, inputs beside them, and features that the version wants and nobody published', async () => {
  const error = async (keys: unknown, more: object = {}) => {
    const { status, json } = await byKey(keys, more);
    return [status, json.error];
  };
  const text = (found: string, allowed: string) =>
    `The request's parameters.entity_keys is not as it has to be: found ${found}; allowed: ${allowed}.`;
  expect(await error('a')).toEqual([400, text('"a"', 'an array of 1 to 1000 keys')]);
  expect(await error([])).toEqual([400, text('0 keys', 'an array of 1 to 1000 keys')]);
  expect(await error(['a', 7])).toEqual([400, text('7 as key 1', 'texts that are not empty')]);
  const inputs = [{ name: 'temp', shape: [1], datatype: 'FP32', data: [1] }];
  expect(await error(['a'], { inputs })).toEqual([400, text('it beside inputs', 'either inputs, or entity keys')]);
  expect(await error(['half'])).toEqual([
    400,
    'Input carrier: found no such feature of small online for the entity half; allowed: temp. Send the inputs themselves.',
  ]);
  const none = await send('POST', `${model}/infer`, '{}');
  expect([none.status, none.json.error]).toEqual([400, expect.stringContaining('inputs')]);
});

it('never gives a version the features of another SQL, though they have the same name', async () => {
  await small.stores.definitions.save(sha('changed'), CHANGED, 'abc');
  await small.addVersions(1, sha('changed'));
  await small.promote(31);
  await until(
    async () => ((await send('GET', model)).json.parameters as { version?: string } | undefined)?.version === '31',
  );
  const predicted = async (version: number, key: string) => {
    const { status, json, headers } = await send(
      'POST',
      `${model}/versions/${version}/infer`,
      JSON.stringify({ parameters: { entity_keys: [key] } }),
    );
    return status === 200 ? json.outputs![0]!.data![0]! : [status, headers['understudy-failure'], json.error];
  };
  expect(await predicted(31, 'a')).toEqual([
    400,
    'SIGNATURE_MISMATCH',
    'Input temp: found no such feature of small online for the entity a; allowed: carrier, unused. Send the inputs themselves.',
  ]);
  const changed = partition('weather', { a: { temp: 3 }, late: { temp: 4 } }, CHANGED);
  await small.stores.transaction((tx) => small.stores.online.put(tx, MODEL, changed, changed));
  expect(await predicted(31, 'a')).toBeCloseTo(expected(31, 3, 'UA'), 6);
  expect(await predicted(30, 'a')).toBeCloseTo(expected(30, 1, 'UA'), 6);
  expect(await predicted(30, 'late')).toEqual([
    409,
    'FEATURES_CHANGED',
    'Version 30 of small was trained on other feature views than those that are online for the entity late. Send the inputs themselves, or ask again after the next scoring.',
  ]);
});

it('fails these requests alone while the database is away', async () => {
  await cuttable.cut();
  const refused = await byKey(['a']);
  expect([refused.status, refused.headers['understudy-failure']]).toEqual([503, 'DATABASE_UNAVAILABLE']);
  expect((await send('GET', `${model}/features/a`)).status).toBe(503);
  const normal = await send('POST', `${model}/infer`, rowsOf([{ temp: 1, carrier: 'UA' }]));
  expect(normal.status).toBe(200);
  await cuttable.mend();
  await until(async () => (await byKey(['a'])).status === 200);
});
