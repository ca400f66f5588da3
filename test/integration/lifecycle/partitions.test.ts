// Partitions that come damaged, late or twice: told once, re-opened exactly, and harmless when nothing is new.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

/** A day of the tiny model's truth set: days since 1970-01-01, modulo 4, is 0. */
const DAY = '2013-03-04';

/** The day's rows of a table, changed, as a file of its own; announced as by a data producer. */
async function deliver(model: Tiny, file: string, change: (row: string, index: number) => string): Promise<string> {
  const lines = readFileSync(join(model.folder, 'results.csv'), 'utf8').split('\n');
  const rows = lines.filter((line) => line.split(',')[1] === DAY);
  const text = `${[lines[0], ...rows.map(change)].join('\n')}\n`;
  const uri = join(model.folder, file);
  writeFileSync(uri, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  await product.lifecycles.dataArrived(model.name, { table: 'results', partition: DAY, uri, sha256 });
  return sha256;
}

const damaged = (row: string): string => row.replace(/,(\d+),/, (_, delay: string) => `,${Number(delay) + 100_000},`);
const corrected = (row: string, index: number): string => (index === 0 ? row.replace(/,\d+,/, ',14,') : row);

async function featureDays(view: string): Promise<string[]> {
  const database = new Client({ connectionString: product.databaseUrl });
  await database.connect();
  const text = 'select day::text from feature_partitions where view_name = $1 order by day, key';
  const { rows } = await database.query<{ day: string }>(text, [view]);
  await database.end();
  return rows.map(({ day }) => day);
}

it('rejects a damaged partition with one alert, and re-opens exactly it and its dependants when it comes corrected', async () => {
  const model = await deployTiny(product, 'damaged');
  await model.backfill('2013-02-20', '2013-03-10');
  const before = { order: await featureDays('order'), past: await featureDays('past') };

  await deliver(model, 'damaged.csv', damaged);
  await model.until(() => product.alerts.of('damaged', 'partition.rejected').length === 1);
  await deliver(model, 'damaged.csv', damaged);
  await model.atRest();
  expect(await featureDays('past')).toEqual(before.past);
  expect(await product.stores.partitions.totals('damaged')).toMatchObject({ ingested: 38, rejected: 1, reopened: 0 });

  await deliver(model, 'corrected.csv', corrected);
  await model.until(({ queued, open }) => queued === 0 && open.length === 0);
  expect(await product.stores.partitions.totals('damaged')).toMatchObject({ ingested: 38, reopened: 1 });
  const added = (now: string[], then: string[]) =>
    now.filter((day, at) => now.indexOf(day) !== at || !then.includes(day));
  expect(added(await featureDays('past'), before.past)).toEqual(['2013-03-05', '2013-03-06']);
  expect(await featureDays('order')).toEqual(before.order);
  expect(product.alerts.of('damaged', 'partition.rejected')).toHaveLength(1);
});

it('does nothing when the same bytes are delivered again', async () => {
  const model = await deployTiny(product, 'again');
  await model.backfill('2013-02-20', '2013-03-06');
  const features = await featureDays('past');
  const statusBefore = await product.stores.partitions.totals('again');
  await deliver(model, 'same.csv', (row) => row);
  await model.until(({ queued, open }) => queued === 0 && open.length === 0);
  const ledger = await product.stores.ledger.count('again');
  await product.lifecycles.ingest('again', { table: 'results', partition: DAY }, 'first');
  await model.atRest();
  await product.lifecycles.ingest('again', { table: 'results', partition: DAY }, 'second');
  await model.atRest();
  expect(await product.stores.partitions.totals('again')).toEqual(statusBefore);
  expect(await featureDays('past')).toEqual(features);
  expect(await product.stores.ledger.count('again')).toBe(ledger);
  expect(await product.stores.audit.duplicates('again')).toEqual([]);
});

it('tells when an announced file is not the one that is found', async () => {
  const model = await deployTiny(product, 'announced');
  const uri = join(model.folder, 'results.csv');
  await product.lifecycles.dataArrived('announced', { table: 'results', partition: DAY, uri, sha256: 'f'.repeat(64) });
  await model.until(() => product.alerts.of('announced', 'work.failed').length === 1);
  expect(product.alerts.of('announced', 'work.failed')[0]?.why).toContain('SOURCE_UNREADABLE');
  expect((await model.status()).health).toBe('degraded');
});

it('looks again at a monitored day whose labels have changed', async () => {
  const model = await deployTiny(product, 'looked-again', { approval: { when: 'never' } });
  await model.retrain('2013-03-11');
  await model.tick('monitor', DAY, '2013-03-05T07:00:00Z');
  await model.atRest();
  await deliver(model, 'late.csv', corrected);
  await model.until(({ queued, open }) => queued === 0 && open.length === 0);
  const again = product.client.workflow.getHandle(`monitorModel/looked-again/${DAY}/r2`);
  expect(await again.result()).toMatchObject({ type: 'monitored', day: DAY });
});

it('compares champion and previous again when a day of the truth set is revised, and falls back', async () => {
  const model = await deployTiny(product, 'revised-truth', { approval: { when: 'never' } });
  const good = (await model.retrain('2013-03-11')).champion!.version;
  const bad = (await product.stores.registry.newestOf('revised-truth', 'flat'))!.version;
  const holdFallbackUntil = new Date(Date.now() + 3_000).toISOString();
  const override = { version: bad, expectedEpoch: 1, override: true, by: 'ann', reason: 'test', holdFallbackUntil };
  await product.lifecycles.promote('revised-truth', override);
  await model.until(({ epoch }) => epoch === 2);
  expect((await model.atRest()).champion?.version).toBe(bad);
  await new Promise((resolve) => setTimeout(resolve, Date.parse(holdFallbackUntil) - Date.now() + 100));

  await deliver(model, 'revised.csv', corrected);
  const { champion } = await model.until(({ epoch }) => epoch === 3);
  expect(champion?.version).toBe(good);
  const moves = await product.stores.registry.moves('revised-truth');
  expect(moves.at(-1)).toMatchObject({
    why: 'fallback',
    reason: expect.stringContaining('on the truth set') as string,
  });
});
