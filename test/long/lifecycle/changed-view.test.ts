/** @jest-environment ./test/setup/host-arrays-environment.js */
// A view's SQL changes under a champion: beside a model whose definition stays as it is, the champion is fed, judged and served exactly alike.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MonitorReport } from '../../../src/domain/monitoring/monitoring';
import type { ModelPlanInput } from '../../../src/domain/plan/plan';
import tiny from '../../models/tiny/model';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

// One contender, so that both models give their versions the same numbers.
const ALONE = { approval: { when: 'never' }, contenders: { main: tiny.plan.contenders['main']! } } as const;
const LAST = '2013-03-20';
const [ORDER, PAST] = tiny.plan.features as [ModelPlanInput['features'][number], ModelPlanInput['features'][number]];
const TIMES_100 = { ...ORDER, sql: 'SELECT id, x1 * 100 AS x1, x2, kind FROM orders' };

let product: Product;
let kept: Tiny;
let changed: Tiny;
let first: number;
beforeAll(async () => {
  product = await startProduct();
  [kept, changed] = [await deployTiny(product, 'kept', ALONE), await deployTiny(product, 'changed', ALONE)];
  for (const model of [kept, changed]) {
    await model.backfill('2013-02-20', LAST);
    const { champion } = await model.retrain('2013-03-11');
    first = champion!.version;
  }
  await changed.redeploy({ features: [TIMES_100, PAST] });
});
afterAll(() => product.close());

/** Does the same with both models, and expects the same of both; gives it once. */
async function same<T>(look: (model: Tiny) => Promise<T>): Promise<T> {
  const ofKept = await look(kept);
  expect(await look(changed)).toEqual(ofKept);
  return ofKept;
}
const predictions = async (model: Tiny, day: string) =>
  (await product.stores.predictions.list(model.name, day, day)).map(({ version, entityKey, probability }) => {
    return { version, entityKey, probability };
  });
function keysOf(model: Tiny, day: string): string[] {
  const lines = readFileSync(join(model.folder, 'orders.csv'), 'utf8').split('\n');
  return lines.filter((line) => line.split(',')[1] === day).map((line) => line.split(',')[0]!);
}
async function byKey(model: Tiny, version: number, keys: readonly string[]): Promise<readonly number[]> {
  const url = `${product.servingUrl}/v2/models/${model.name}/versions/${version}/infer`;
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ parameters: { entity_keys: keys } }) });
  const { outputs, error } = (await answer.json()) as { outputs?: { data: number[] }[]; error?: string };
  if (!outputs) throw new Error(error);
  return outputs[0]!.data;
}
async function scored(model: Tiny, day: string): Promise<unknown> {
  await model.tick('score', day, `${day.slice(0, 8)}${String(Number(day.slice(8)) + 1).padStart(2, '0')}T06:30:00Z`);
  await model.atRest();
  return predictions(model, day);
}
async function monitored(model: Tiny, day: string, asOf: string): Promise<MonitorReport> {
  await model.tick('monitor', day, asOf);
  await model.atRest();
  const [report] = await product.stores.monitoring.list(model.name, day, day);
  return report!;
}
/** The champion's evaluation on the last cycle's snapshot. */
async function evaluation(model: Tiny, version: number) {
  const [decision] = await product.stores.registry.decisions(model.name, 1);
  const {
    holdout,
    truth,
    predictions: stored,
  } = (await product.stores.registry.evaluation(model.name, version, decision!.snapshot))!;
  return { holdout, truth, predictions: [stored.holdout.sha256, stored.truth.sha256] };
}

it('scores a day with the features that the champion was trained on', async () => {
  const rows = await same((model) => scored(model, '2013-03-12'));
  expect(rows).toHaveLength(keysOf(kept, '2013-03-12').length);
  expect(await same((model) => scored(model, LAST))).toHaveLength(keysOf(kept, LAST).length);
});

it('serves the champion by entity key from its own views, beside those of the definition in force', async () => {
  const keys = keysOf(kept, LAST);
  const answers = await same((model) => byKey(model, first, keys));
  const logged = new Map((await predictions(kept, LAST)).map(({ entityKey, probability }) => [entityKey, probability]));
  expect(answers.map((value) => value.toFixed(6))).toEqual(keys.map((key) => logged.get(key)!.toFixed(6)));
  const online = await product.stores.online.lookup('changed', keys.slice(0, 1));
  const x1 = online.filter(({ view }) => view === 'order').map(({ features }) => Number(features['x1']));
  expect(x1).toHaveLength(2);
  expect(Math.max(...x1.map(Math.abs))).toBeCloseTo(100 * Math.min(...x1.map(Math.abs)), 6);
  expect(online.filter(({ view }) => view === 'past')).toHaveLength(1);
});

it('monitors drift, skew and performance on the features of the versions themselves', async () => {
  const labelled = await same(async (model) => {
    const { drift, performance, verdict } = await monitored(model, '2013-03-12', '2013-03-14T07:00:00Z');
    return { drift, performance, verdict };
  });
  expect(labelled.performance).toMatchObject([{ version: first, role: 'champion' }]);
  expect(labelled.drift.map(({ psiTraining }) => psiTraining)).not.toContain(null);
  const { skew } = await monitored(changed, LAST, '2013-03-21T07:00:00Z');
  expect(skew).toEqual({ compared: 4 * keysOf(changed, LAST).length, differing: 0, worst: null });
});

it('evaluates the champion on the rows of a snapshot of other views with its own features for them', async () => {
  for (const model of [kept, changed]) await model.retrain('2013-03-18');
  await same((model) => evaluation(model, first));
  const [decision] = await product.stores.registry.decisions('changed', 1);
  expect(decision?.candidates.map(({ version }) => version)).toEqual([first + 1]);
});

it('goes on serving both versions by entity key after the new one has taken over', async () => {
  const status = await changed.status();
  expect(status.previous).toBe(first);
  const keys = keysOf(changed, LAST);
  const before = await byKey(kept, first, keys);
  expect(await byKey(changed, first, keys)).toEqual(before);
  const now = await byKey(changed, status.champion!.version, keys);
  const twin = (await kept.status()).champion!.version;
  const ofTwin = await byKey(kept, twin, keys);
  now.forEach((value, at) => expect(value).toBeCloseTo(ofTwin[at]!, 4));

  // Served by the new version now; the one before it is compared with it on the features of its own views.
  for (const model of [kept, changed]) await scored(model, '2013-03-19');
  const before19 = await same(async (model) => {
    const { performance, notFed } = await monitored(model, '2013-03-19', '2013-03-21T07:00:00Z');
    expect([performance.length, notFed]).toEqual([2, undefined]);
    return performance.find(({ version }) => version === first);
  });
  expect(before19).toMatchObject({ role: 'previous', version: first });
});

it('refuses to feed a version of which a column is gone, and says what to do', async () => {
  const { orders, results } = tiny.plan.tables;
  const { x1: _gone, ...columns } = orders!.columns;
  await changed.redeploy({
    tables: { orders: { ...orders!, columns }, results: results! },
    features: [
      { ...ORDER, sql: 'SELECT id, x2, kind FROM orders', features: { x2: 'number', kind: 'category' } },
      PAST,
    ],
  });
  const { champion } = await changed.status();
  await changed.tick('score', '2013-03-13', '2013-03-14T06:30:00Z');
  await changed.atRest();
  expect(await predictions(changed, '2013-03-13')).toEqual([]);
  await changed.until(() => product.alerts.of('changed', 'work.failed').length === 1);
  expect(product.alerts.of('changed', 'work.failed')[0]?.why).toBe(
    `FEATURES_CHANGED: Version ${champion!.version} of changed can no longer be fed with what it was trained on: ` +
      'feature view order uses column x1 of table orders, which the definition in force no longer has. ' +
      'Put that back into the definition, or retrain and promote the new version with --override.',
  );

  // The way out: the contenders are trained, the comparison with the champion is refused, and a person puts one of them in its place.
  await changed.retrain('2013-03-20');
  await changed.until(() => product.alerts.of('changed', 'work.failed').length >= 2);
  const failed = product.alerts.of('changed', 'work.failed');
  expect(failed.map(({ why }) => why.slice(0, 'FEATURES_CHANGED'.length))).toEqual(Array(2).fill('FEATURES_CHANGED'));
  const { epoch } = await changed.status();
  const person = { by: 'ann', reason: 'x1 is gone' };
  await product.lifecycles.promote('changed', { contender: 'main', expectedEpoch: epoch, override: true, ...person });
  const after = await changed.until((status) => status.epoch === epoch + 1);
  expect(after.champion?.version).toBeGreaterThan(champion!.version);
  expect(await scored(changed, '2013-03-14')).toHaveLength(keysOf(changed, '2013-03-14').length);
  expect(product.alerts.of('changed', 'truth.not-compared')).toHaveLength(1);
});
