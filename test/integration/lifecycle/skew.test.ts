/** @jest-environment ./test/setup/host-arrays-environment.js */
// Online features through the whole product: they follow the newest days, serve by entity key, and are compared with offline ones each day.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { MonitorReport } from '../../../src/domain/monitoring/monitoring';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

async function sql<T extends object>(text: string, ...values: unknown[]): Promise<T[]> {
  const database = new Client({ connectionString: product.databaseUrl });
  await database.connect();
  const { rows } = await database.query<T>(text, values);
  await database.end();
  return rows;
}
const publishedDays = async (model: string): Promise<string[]> =>
  (
    await sql<{ day: string }>(
      'select distinct day::text as day from online_features where model = $1 order by day',
      model,
    )
  ).map(({ day }) => day);

/** Entity keys of a day of the tiny model's data. */
function keysOf(model: Tiny, day: string): string[] {
  const lines = readFileSync(join(model.folder, 'orders.csv'), 'utf8').split('\n');
  return lines.filter((line) => line.split(',')[1] === day).map((line) => line.split(',')[0]!);
}

async function monitored(model: Tiny, day: string, asOf: string): Promise<MonitorReport> {
  await model.tick('monitor', day, asOf);
  await model.atRest();
  const [report] = await product.stores.monitoring.list(model.name, day, day);
  return report!;
}

it('publishes only the newest days of a long range, and never a day older than those', async () => {
  const model = await deployTiny(product, 'newest', { online: { keepDays: 2 } });
  await model.backfill('2013-02-20', '2013-03-20');
  expect(await publishedDays('newest')).toEqual(['2013-03-18', '2013-03-19', '2013-03-20']);
  const before = await sql('select * from online_features where model = $1 order by view_name, entity_key', 'newest');
  expect(before).toHaveLength(2 * ['18', '19', '20'].flatMap((day) => keysOf(model, `2013-03-${day}`)).length);
  await model.backfill('2013-02-20', '2013-03-10');
  expect(await sql('select * from online_features where model = $1 order by view_name, entity_key', 'newest')).toEqual(
    before,
  );

  await product.lifecycles.ingest('newest', { partition: '2013-03-21' });
  await model.atRest();
  expect(await publishedDays('newest')).toEqual(['2013-03-19', '2013-03-20', '2013-03-21']);
});

it('follows a corrected day, and tells serving the same features that training reads', async () => {
  const model = await deployTiny(product, 'served', { approval: { when: 'never' } });
  await model.backfill('2013-02-20', '2013-03-11');
  await model.retrain('2013-03-11');
  await model.tick('score', '2013-03-11', '2013-03-12T06:30:00Z');
  await model.atRest();
  const keys = keysOf(model, '2013-03-11').slice(0, 5);
  const answer = await fetch(`${product.servingUrl}/v2/models/served/infer`, {
    method: 'POST',
    body: JSON.stringify({ parameters: { entity_keys: keys } }),
  });
  const { outputs } = (await answer.json()) as { outputs: { name: string; data: number[] }[] };
  const logged = await product.stores.predictions.list('served', '2013-03-11', '2013-03-11');
  const scored = keys.map((key) => logged.find(({ entityKey }) => entityKey === key)?.probability);
  expect(outputs[0]?.data.map((value) => value.toFixed(6))).toEqual(scored.map((value) => value?.toFixed(6)));

  const file = join(model.folder, 'orders.csv');
  const changed = keys[0]!;
  const [kept] = await product.stores.online.lookup('served', [changed]);
  const text = readFileSync(file, 'utf8');
  const columns = text.split('\n')[0]!.split(',');
  const lines = text.split('\n').map((line) => {
    const cells = line.split(',');
    return cells[0] === changed ? cells.map((cell, at) => (columns[at] === 'x1' ? '9.5' : cell)).join(',') : line;
  });
  writeFileSync(file, lines.join('\n'));
  await product.lifecycles.ingest('served', { table: 'orders', partition: '2013-03-11' });
  await model.atRest();
  const [now] = await product.stores.online.lookup('served', [changed]);
  expect(now?.features).toEqual({ ...kept?.features, x1: 9.5 });
  const report = await monitored(model, '2013-03-11', '2013-03-12T07:00:00Z');
  expect(report.skew).toEqual({ compared: 4 * keysOf(model, '2013-03-11').length, differing: 0, worst: null });
});

it('alerts when an online value is not the offline one, naming it; a day whose online features are gone compares nothing', async () => {
  const model = await deployTiny(product, 'skewed');
  await model.backfill('2013-02-20', '2013-03-10');
  const key = keysOf(model, '2013-03-09')[3]!;
  await sql(
    `update online_features set features = replace(features::text, '"kind":', '"kind":"zz","was":')::json
     where model = 'skewed' and view_name = 'order' and entity_key = $1`,
    key,
  );
  const report = await monitored(model, '2013-03-09', '2013-03-10T07:00:00Z');
  expect(report.skew).toMatchObject({ differing: 1, worst: { feature: 'kind', key, online: 'zz' } });
  expect(report.verdict).toBe('alert');
  await model.until(() => product.alerts.of('skewed', 'monitor.alert').length === 1);
  expect(product.alerts.of('skewed', 'monitor.alert')[0]?.why).toContain(
    `online features differ from offline ones in 1 of ${report.skew.compared} values (kind of ${key}: online "zz"`,
  );
  expect((await monitored(model, '2013-03-05', '2013-03-06T07:00:00Z')).skew.compared).toBe(0);
});

it('publishes nothing when the definition says so, and drops what was there', async () => {
  const model = await deployTiny(product, 'off');
  await model.backfill('2013-02-20', '2013-02-25');
  expect(await publishedDays('off')).toHaveLength(3);
  await model.redeploy({ online: { enabled: false } });
  await model.backfill('2013-02-26', '2013-02-27');
  expect(await publishedDays('off')).toEqual([]);
});
