// Watermarks move with the commit that accepts a partition and name no day behind a hole; deliveries are recorded once each.
import type { Arrival } from '../../../src/domain/data/arrivals';
import type { Day } from '../../../src/domain/days';
import { planDigest } from '../../../src/definition/digest';
import type { Stores } from '../../../src/ports/stores';
import { createStores } from '../../../src/stores/stores';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { runCommand } from '../../setup/command-line';
import tiny from '../../models/tiny/model';
import { AS_OF, artifact } from './fixtures';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createTestDatabase();
  stores = await createStores(database.url);
  await stores.definitions.save(planDigest(tiny.plan), tiny.plan, 'test');
  await stores.definitions.setCurrent('tiny', 'wall', planDigest(tiny.plan));
});
afterAll(async () => {
  await stores.close();
  await database.drop();
});

/** Accepts a day, and moves the watermark in the same transaction; `broken`: the transaction fails after both. */
async function accept(
  table: string,
  partition: Day,
  firstDay = '2013-03-01',
  content = '',
  broken = false,
): Promise<Day | null> {
  const data = artifact(`${table} ${partition} ${content}`);
  const revision = { model: 'tiny', table, partition, data, rows: 1, quarantinedRows: 0, availableAt: AS_OF };
  return stores.transaction(async (tx) => {
    await stores.partitions.accept(tx, revision, {}, []);
    const through = await stores.watermarks.advance(tx, 'tiny', table, firstDay);
    if (broken) throw new Error('the worker was killed');
    return through;
  });
}
const markOf = async (table: string) => (await stores.watermarks.list('tiny')).find((mark) => mark.table === table);

describe('a watermark', () => {
  it('does not exist before the first day, stops at a hole, and moves over all later days when the hole is filled', async () => {
    expect(await accept('holes', '2013-03-02')).toBeNull();
    expect(await accept('holes', '2013-03-01')).toBe('2013-03-02');
    expect(await accept('holes', '2013-03-05')).toBe('2013-03-02');
    expect(await accept('holes', '2013-03-04')).toBe('2013-03-02');
    expect(await accept('holes', '2013-03-03')).toBe('2013-03-05');
  });

  it('names no day whose acceptance was rolled back', async () => {
    await accept('crash', '2013-03-01');
    await expect(accept('crash', '2013-03-02', '2013-03-01', '', true)).rejects.toThrow('the worker was killed');
    expect((await markOf('crash'))?.through).toBe('2013-03-01');
  });

  it('passes all days that are accepted at the same moment', async () => {
    const days = ['2013-03-01', '2013-03-02', '2013-03-03', '2013-03-04', '2013-03-05', '2013-03-06'];
    await Promise.all(days.map((day) => accept('at-once', day)));
    expect((await markOf('at-once'))?.through).toBe('2013-03-06');
  });

  it('stays when a day is re-opened, and tells which', async () => {
    await accept('again', '2013-03-01');
    await accept('again', '2013-03-02');
    await accept('again', '2013-03-01', '2013-03-01', 'corrected');
    expect(await markOf('again')).toMatchObject({ through: '2013-03-02', reopened: ['2013-03-01'] });
  });

  it('is found anew when the first day of the data changes', async () => {
    await accept('earlier', '2013-03-02', '2013-03-02');
    expect((await markOf('earlier'))?.through).toBe('2013-03-02');
    await accept('earlier', '2013-02-27', '2013-02-27');
    expect((await markOf('earlier'))?.through).toBe('2013-02-27');
  });
});

describe('deliveries', () => {
  const event = (id: string, change: Partial<Arrival> = {}): Arrival => ({
    ...{ model: 'tiny', id, source: 'signal', table: 'results', partition: '2013-03-04', sha256: 'abc' },
    ...{
      outcome: 'started',
      reason: 'from results.csv',
      work: 'ingestPartition/tiny/results/2013-03-04/abc',
      asOf: AS_OF,
    },
    ...change,
  });

  it('are recorded once each, and listed newest first', async () => {
    const refused = event('run/2', {
      table: null,
      partition: null,
      sha256: null,
      outcome: 'refused',
      reason: 'no table',
      work: null,
    });
    await stores.arrivals.record([event('run/1'), refused]);
    await stores.arrivals.record([event('run/1', { outcome: 'merged' }), event('run/3')]);
    const found = await stores.arrivals.list('tiny', 10);
    expect(found.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'run/3 started',
      'run/2 refused',
      'run/1 started',
    ]);
    expect(found[1]).toEqual(refused);
    expect(await stores.arrivals.list('tiny', 1)).toHaveLength(1);
    expect(await stores.arrivals.list('other', 10)).toEqual([]);
  });

  it('are shown by the CLI with their ends and reasons', async () => {
    const access = { stores, lifecycles: undefined as never, schedules: undefined as never };
    const shown = await runCommand(access, ['arrivals', 'tiny']);
    expect(shown).toContain('refused');
    expect(shown).toContain('no table');
  });
});
