// Sketches of a range of days, and what `describe` says of them.
import type { ColumnDescription, ColumnSketch } from '../../../src/domain/data/partitions';
import { planDigest } from '../../../src/definition/digest';
import type { Stores } from '../../../src/ports/stores';
import { createDatabase, toJson, type Database } from '../../../src/stores/database';
import { createStores } from '../../../src/stores/stores';
import { runCommand } from '../../setup/command-line';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import tiny from '../../models/tiny/model';
import { AS_OF, artifact } from './fixtures';

let testDatabase: TestDatabase;
let stores: Stores;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  stores = await createStores(testDatabase.url);
  database = createDatabase(testDatabase.url);
  await stores.definitions.save(planDigest(tiny.plan), tiny.plan, 'test');
  await stores.definitions.setCurrent('tiny', 'wall', planDigest(tiny.plan));
  await accept('2013-03-01', 10, { delay: sketch(9, 1), id: sketch(10, 0) });
  await accept('2013-03-02', 20, { delay: sketch(20, 0), id: sketch(20, 0) });
  await accept('2013-03-02', 21, { delay: sketch(18, 3), id: sketch(21, 0) });
  await accept('2013-03-03', 30, null);
  await accept('2013-03-04', 40, { delay: sketch(40, 0), id: sketch(40, 0) });
});
afterAll(async () => {
  await stores.close();
  await database.close();
  await testDatabase.drop();
});

const sketch = (count: number, nulls: number): ColumnSketch => ({ count, nulls, distinct: '' });
async function accept(partition: string, rows: number, sketches: Record<string, ColumnSketch> | null): Promise<void> {
  const data = artifact(`${partition} ${rows}`);
  const revision = { model: 'tiny', table: 'results', partition, data, rows, quarantinedRows: 0, availableAt: AS_OF };
  const stored = await stores.transaction((tx) => stores.partitions.accept(tx, revision, {}, []));
  await database.run(
    `update partition_revisions set sketches = $2 where model = 'tiny' and partition = $1 and revision = $3`,
    [partition, sketches && toJson(sketches), stored.revision.revision],
  );
}
/** Counts only: how sketches are merged is tested with the statistics. */
const describeSketches = (sketches: readonly ColumnSketch[]): ColumnDescription => ({
  count: sketches.reduce((sum, { count }) => sum + count, 0),
  nulls: sketches.reduce((sum, { nulls }) => sum + nulls, 0),
  distinct: 7,
  min: 0,
  max: 1234.5678,
  quantiles: { p50: 12 },
  histogram: [{ from: 0, to: 10, count: 5 }],
});
const describeTiny = (...args: string[]) =>
  runCommand({ stores, lifecycles: undefined as never, schedules: undefined as never }, ['describe', 'tiny', ...args], {
    describeSketches,
  });

it('gives the sketches of the newest revisions of a range of days', async () => {
  const found = await stores.partitionSketches.sketches('tiny', 'results', '2013-03-02', '2013-03-03');
  expect(found).toEqual([
    { partition: '2013-03-02', rows: 21, sketches: { delay: sketch(18, 3), id: sketch(21, 0) } },
    { partition: '2013-03-03', rows: 30, sketches: null },
  ]);
  expect(await stores.partitionSketches.sketches('tiny', 'results')).toHaveLength(4);
  expect(await stores.partitionSketches.sketches('tiny', 'orders')).toEqual([]);
});

it('describes a range of days by column, and says what it had to leave out', async () => {
  const document = JSON.parse(await describeTiny('results', '--to', '2013-03-03', '--json')) as object;
  expect(document).toMatchObject({
    ...{
      model: 'tiny',
      table: 'results',
      from: '2013-03-01',
      to: '2013-03-02',
      partitions: 2,
      withoutSketches: 1,
      rows: 31,
    },
    columns: [
      { column: 'id', type: 'string', count: 31, nulls: 0 },
      { column: 'delay', type: 'integer', count: 27, nulls: 4 },
    ],
  });
  const text = await describeTiny('results');
  expect(text).toContain('2013-03-01 to 2013-03-04, 3 partitions');
  expect(text).toContain('left out  1 partitions without kept statistics');
  expect(text.replace(/ +/g, ' ')).toContain('│ delay │ integer │ 71 │ 4 │ 7 │ 0 │ 12 │ 1234.6 │');
  const column = await describeTiny('results', '--column', 'delay');
  expect(column).toContain('67, 4 missing, about 7 distinct');
  expect(column).toContain(`0 to 10  5  ${'#'.repeat(40)}`);
  expect(column).not.toContain('id (string)');
});

it('names tables and columns when it is asked for others', async () => {
  await expect(describeTiny('nope')).rejects.toThrow(
    'describe: found the table "nope", allowed is one of orders, results',
  );
  await expect(describeTiny('results', '--column', 'x')).rejects.toThrow(
    '--column: found "x", allowed is one of id, delay, coin',
  );
  await expect(describeTiny('results', '--from', '2013-03-02', '--to', '2013-03-01')).rejects.toMatchObject({
    code: 'USAGE',
  });
});
