// A pushed row's whole way: HTTP, database, relay, the real lifecycle, ingest, an accepted partition; and the relay's repetitions seen from its end.
import type { Polling } from '../../../src/client/polling';
import { startPushRelay } from '../../../src/client/push-relay';
import { pushTable } from '../../../src/definition/builders';
import { durationMs } from '../../../src/definition/settings';
import type { PartitionRevision } from '../../../src/domain/data/partitions';
import tiny from '../../models/tiny/model';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';
import { until } from '../serving/running-server';

const DAY = '2013-03-10';
let product: Product;
let relay: Polling | undefined;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(async () => {
  await relay?.stop();
  await product.close();
});

function startRelay(): Polling {
  const { stores, lifecycles } = product;
  return startPushRelay({
    pushes: stores.pushes,
    lifecycles,
    planOf: async (model) => {
      const current = await stores.definitions.current(model);
      return current && (await stores.definitions.load(current.digest)).plan;
    },
    durationMs,
    pollMs: 20,
  });
}

it('pushed rows become revisions of their partition, each once', async () => {
  const ratings = pushTable({
    eventTime: 'at',
    microBatch: '50 ms',
    availableAt: 'D 00:00',
    key: ['id'],
    columns: { id: { type: 'string' }, stars: { type: 'integer', min: 1, max: 5 }, at: { type: 'timestamp' } },
    partitionRules: { maxQuarantineShare: 1 },
  });
  const model = await deployTiny(product, 'rated', { tables: { ...tiny.plan.tables, ratings } });
  const newest = async (): Promise<PartitionRevision | undefined> =>
    (await product.stores.partitions.newest('rated', 'ratings', DAY, DAY))[0];
  const push = async (batch: string, ...rows: readonly object[]): Promise<void> => {
    const url = `${product.servingUrl}/tables/rated/ratings/rows`;
    const headers = { 'idempotency-key': batch };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(rows) });
    expect({ status: response.status, body: await response.text() }).toMatchObject({ status: 202 });
  };
  const row = (id: string, stars: number) => ({ id, stars, at: `${DAY}T12:00:00Z` });

  await push('first', row('a', 4), row('b', 9));
  // A relay that told the lifecycle and ended before it noted that: the next one tells the same request again.
  const [waiting] = await product.stores.pushes.waiting();
  const message = { table: 'ratings', partition: DAY };
  await product.lifecycles.ingest('rated', message, `push/ratings/${DAY}/${waiting!.through}`);
  relay = startRelay();
  await until(async () => (await newest()) !== undefined, 30_000);
  await until(async () => (await product.stores.pushes.waiting()).length === 0);
  await model.atRest();
  expect(await newest()).toMatchObject({ revision: 1, rows: 1, quarantinedRows: 1 });

  await push('second', row('c', 5));
  await push('second', row('c', 5));
  await until(async () => (await newest())?.revision === 2, 30_000);
  await model.atRest();
  expect(await newest()).toMatchObject({ revision: 2, rows: 2, quarantinedRows: 1 });

  const arrivals = await product.stores.arrivals.list('rated', 10);
  expect(arrivals.map(({ source, table, partition, outcome }) => [source, table, partition, outcome])).toEqual([
    ['push', 'ratings', DAY, 'started'],
    ['push', 'ratings', DAY, 'started'],
  ]);
});
