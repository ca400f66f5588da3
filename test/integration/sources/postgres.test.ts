// Rows of a real PostgreSQL database through the real finder.
import { Client } from 'pg';
import { postgresTable, type PostgresTableOptions } from '../../../src/definition/builders';
import type { Day } from '../../../src/domain/days';
import { failureOf } from '../../unit/sources/failing';
import { CONTRACT, createWorkbench, planOf, type Workbench } from './workbench';

let bench: Workbench;
let shop: Client;
beforeAll(async () => {
  bench = await createWorkbench();
  shop = new Client({ connectionString: bench.databaseUrl });
  await shop.connect();
  await shop.query(`
    create table orders (id bigint, at timestamptz, price numeric, note text, local timestamp, day date, yes boolean, tags text[]);
    insert into orders values
      (9007199254740993, '2013-03-10 05:00:00+00', 12.500, 'first instant', '2013-03-10 00:30', '2013-03-10', true, '{a,"b c"}'),
      (2, '2013-03-11 03:59:59.123456+00', null, '', '2013-03-10 23:59', '2013-03-10', false, null),
      (3, '2013-03-11 04:00:00+00', 1, 'next day', '2013-03-11', '2013-03-11', null, null)`);
});
afterAll(async () => {
  await shop.end();
  await bench.close();
});

type Options = Pick<Partial<PostgresTableOptions>, 'chunkRows' | 'statementTimeout'> & { readonly connection?: string };
const find = (query: string, day: Day = '2013-03-10', options: Options = {}, signal?: AbortSignal) => {
  const plan = planOf(postgresTable({ ...CONTRACT, connection: 'SOURCE_SHOP', query, ...options }));
  return bench.finder.find(plan, 'rows', day, undefined, undefined, signal ? { signal } : {});
};
const idsOf = async (query: string, day?: Day, options?: Options): Promise<unknown[]> =>
  ((await bench.rowsOf(await find(query, day, options))) ?? []).map((row) => row['id']);

it('gives the rows of the local day, each value as PostgreSQL writes it', async () => {
  const found = await find('select * from orders where at >= $1 and at < $2');
  expect(found.fileName).toBe('rows of SOURCE_SHOP');
  const rows = await bench.rowsOf(found);
  expect(rows).toEqual([
    {
      ...{ __line: 1, id: '2', at: '2013-03-10 23:59:59.123456-04', price: null, note: '', day: '2013-03-10' },
      ...{ local: '2013-03-10 23:59:00', yes: 'f', tags: null },
    },
    {
      ...{ __line: 2, id: '9007199254740993', at: '2013-03-10 00:00:00-05', price: '12.500', note: 'first instant' },
      ...{ day: '2013-03-10', local: '2013-03-10 00:30:00', yes: 't', tags: '{a,"b c"}' },
    },
  ]);
});

it('means the same day by its bounds whatever they are compared with', async () => {
  const both = ['2', '9007199254740993'];
  expect((await idsOf('select id from orders where local >= $1 and local < $2')).sort()).toEqual(both);
  expect((await idsOf('select id from orders where day >= $1 and day < $2')).sort()).toEqual(both);
  expect((await idsOf('select id from orders where day = $1::date')).sort()).toEqual(both);
  expect(await idsOf("select id from orders where at >= $1 and at < $1 + interval '1 hour'")).toEqual([
    '9007199254740993',
  ]);
});

it('needs no bounds, and takes a query as people write it', async () => {
  expect((await idsOf('with three as (select id from orders) select id from three -- all of them')).length).toBe(3);
  expect((await idsOf('select id from orders order by at;')).length).toBe(3);
});

it('gives the same digest in whatever order the server finds the rows, and with any size of chunks', async () => {
  const digest = async (query: string, chunkRows = 10_000) =>
    (await find(query, '2013-03-10', { chunkRows })).raw?.sha256;
  const query = 'select n as id from generate_series(1, 1000) n order by';
  const digests = [
    await digest(`${query} n`),
    await digest(`${query} -n`),
    await digest(`${query} n`, 250),
    await digest(`${query} n`, 7),
  ];
  expect(new Set(digests).size).toBe(1);
});

it('has no rows for a day without any', async () => {
  expect((await find('select * from orders where at >= $1 and at < $2', '2013-04-01')).raw).toBeNull();
});

it('sees one moment of the database, though rows come in chunks', async () => {
  await shop.query('create table moving (id int); insert into moving select generate_series(1, 100)');
  const plan = planOf(
    postgresTable({ ...CONTRACT, connection: 'SOURCE_SHOP', query: 'select id from moving', chunkRows: 10 }),
  );
  const [found] = await Promise.all([
    bench.finder.find(plan, 'rows', '2013-03-10'),
    shop.query('update moving set id = id + 1000'),
  ]);
  const ids = (await bench.rowsOf(found))!.map(({ id }) => Number(id) % 1000);
  expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
});

it('cannot write', async () => {
  await shop.query(
    `create function sneaky() returns int language sql as 'insert into orders (id) values (99) returning 1'`,
  );
  expect(await failureOf(find('select sneaky() as id'))).toContain(
    'MODEL_CODE_FAILED: source of rows (SOURCE_SHOP): PostgreSQL refuses the query (found: cannot execute INSERT in a read-only transaction',
  );
});

it.each([
  ['select nothing from orders', 'found: column "nothing" does not exist'],
  ['select 1 as id; select 2', 'found: syntax error at or near ";"'],
  ['select 1 as id, 2 as id', 'the query gives column "id" twice (found: id, id; allowed: distinct names)'],
  ['select 1 / 0 as id', 'found: division by zero'],
])('refuses %s with the words of PostgreSQL', async (query, words) => {
  const failure = await failureOf(find(query));
  expect(failure).toMatch(/^MODEL_CODE_FAILED: source of rows \(SOURCE_SHOP\): /);
  expect(failure).toContain(words);
});

it('that takes too long is unavailable', async () => {
  expect(await failureOf(find('select pg_sleep(20)::text as id', '2013-03-10', { statementTimeout: '100 ms' }))).toBe(
    'SOURCE_UNAVAILABLE: source of rows (SOURCE_SHOP): the query took too long (found: canceling statement due to statement timeout; allowed: 100 ms a statement)',
  );
});

it('whose server does not run is unavailable, and whose variable is not set is told by its name', async () => {
  expect(await failureOf(find('select 1 as id', '2013-03-10', { connection: 'SOURCE_GONE' }))).toBe(
    'SOURCE_UNAVAILABLE: source of rows (SOURCE_GONE): the database cannot be used (found: connection refused; allowed: a database that answers)',
  );
  expect(await failureOf(find('select 1 as id', '2013-03-10', { connection: 'SOURCE_NONE' }))).toBe(
    'CONFIG_INVALID: SOURCE_NONE is not set, but table rows is read from it; allowed: postgresql://user:password@host:port/database, in the environment of the data worker.',
  );
});

it('is cut off when nobody waits any more', async () => {
  const cancel = new AbortController();
  const waiting = failureOf(find('select pg_sleep(30)::text as id', '2013-03-10', {}, cancel.signal));
  // Other suites have sources of their own on the same server.
  const active = `select from pg_stat_activity where application_name = 'understudy source' and state = 'active' and datname = current_database()`;
  const running = async () => (await shop.query(active)).rowCount;
  while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  cancel.abort(new Error('enough'));
  expect(await waiting).toBe('no code: enough');
});
