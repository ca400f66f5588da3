// A contract's warning goes its whole way: the real lifecycle accepts the partition, and people are told once, at the web hook's receiver.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dailyResults, writeDailyResults } from '../../setup/daily-results';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

const [DAY, NEXT_DAY] = ['2013-03-04', '2013-03-05'] as const;
let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

it('tells people once of an extra column, and accepts the rows', async () => {
  const { tables } = dailyResults();
  const results = { ...tables!['results']!, extraColumns: 'warn' } as const;
  const model = await deployTiny(product, 'warned', { tables: { ...tables!, results } });
  writeDailyResults(model.folder);
  const file = join(model.folder, 'daily', `${DAY}.csv`);
  const [header, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  writeFileSync(file, [`${header},note`, ...rows.map((row) => `${row},late`), ''].join('\n'));
  const told = () => product.alerts.of('warned', 'partition.warned');

  await model.tick('ingest', NEXT_DAY, `${NEXT_DAY}T08:00:00Z`);
  await model.until(() => told().length > 0, 15_000);
  await model.atRest();
  const [stored] = await product.stores.partitions.newest('warned', 'results', DAY, DAY);
  expect(stored).toMatchObject({ revision: 1, quarantinedRows: 0 });
  expect(told()).toEqual([
    expect.objectContaining({
      severity: 'warning',
      what: `results of ${DAY} was accepted with warnings`,
      why: expect.stringContaining('note') as string,
      command: 'npx understudy status warned',
    }),
  ]);

  // The same delivery again, by a person this time, is no news.
  await product.lifecycles.ingest('warned', { table: 'results', partition: DAY });
  await model.atRest();
  const [again] = await product.stores.arrivals.list('warned', 1);
  expect(again).toMatchObject({ table: 'results', partition: DAY, outcome: 'merged' });
  expect((await product.stores.checks.list('warned', { table: 'results', from: DAY, to: DAY })).length).toBe(1);
  expect(told()).toHaveLength(1);
});
