// The quarantine's entries by partition and rule, and the verdicts on them.
import type { QuarantineSummary } from '../../../src/domain/data/partitions';
import type { Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { AS_OF, artifact } from './fixtures';

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

const rule = (name: string, rows: number): QuarantineSummary => ({
  rule: name,
  rows,
  samples: [`file line 2: ${name}`],
});
function accept(table: string, partition: string, text: string, quarantined: QuarantineSummary[]) {
  const bad = quarantined.reduce((sum, { rows }) => sum + rows, 0);
  const revision = {
    ...{ model: 'm', table, partition, data: artifact(text), rows: 10, quarantinedRows: bad, availableAt: AS_OF },
    ...(bad > 0 ? { quarantine: artifact(`${text} quarantine`) } : {}),
  };
  return stores.transaction((tx) => stores.partitions.accept(tx, revision, {}, quarantined));
}
const record = (table: string, partition: string, name: string, verdict: 'released' | 'discarded') =>
  stores.transaction((tx) =>
    stores.quarantine.record(tx, {
      ...{ model: 'm', table, partition, rule: name, verdict, rows: 3, by: 'ann', reason: 'because', asOf: AS_OF },
    }),
  );
const states = async (filter?: Parameters<Stores['quarantine']['list']>[1]) =>
  (await stores.quarantine.list('m', filter)).map(({ table, partition, rule, rows, state }) =>
    [table, partition.slice(8), rule, rows, state].join(' '),
  );

it('lists rows by rule of the newest revisions, with what was decided, also after they were let in', async () => {
  await accept('flights', '2013-03-01', 'a', [rule('delay_range', 3), rule('key', 1)]);
  await accept('flights', '2013-03-02', 'b', []);
  await accept('weather', '2013-03-01', 'c', [rule('temp_range', 2)]);
  expect(await states()).toEqual([
    'flights 01 delay_range 3 open',
    'flights 01 key 1 open',
    'weather 01 temp_range 2 open',
  ]);
  await record('flights', '2013-03-01', 'delay_range', 'released');
  await record('weather', '2013-03-01', 'temp_range', 'discarded');
  expect(await states({ table: 'flights' })).toEqual(['flights 01 delay_range 3 released', 'flights 01 key 1 open']);
  await accept('flights', '2013-03-01', 'a2', [rule('key', 1)]);
  expect(await states()).toEqual([
    'flights 01 delay_range 0 released',
    'flights 01 key 1 open',
    'weather 01 temp_range 2 discarded',
  ]);
  expect(await states({ from: '2013-03-02' })).toEqual([]);
  const [released, open] = await stores.quarantine.list('m', { table: 'flights', to: '2013-03-01' });
  expect(released).toMatchObject({ revision: 2, samples: [], verdict: { by: 'ann', reason: 'because', rows: 3 } });
  expect(open).toMatchObject({ samples: ['file line 2: key'], data: artifact('a2 quarantine'), verdict: null });
});

it('gives the released rules of a partition, and takes one verdict for each rule', async () => {
  await record('orders', '2013-03-05', 'z_range', 'released');
  await record('orders', '2013-03-05', 'a_range', 'released');
  await record('orders', '2013-03-05', 'b_range', 'discarded');
  expect(await stores.quarantine.released('m', 'orders', '2013-03-05')).toEqual(['a_range', 'z_range']);
  expect(await stores.quarantine.released('m', 'orders', '2013-03-06')).toEqual([]);
  await expect(record('orders', '2013-03-05', 'z_range', 'discarded')).rejects.toMatchObject({
    code: 'DUPLICATE_EFFECT',
  });
  expect(await stores.quarantine.released('m', 'orders', '2013-03-05')).toEqual(['a_range', 'z_range']);
});
