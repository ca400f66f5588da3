// Partitions that are due: waited for without work, told of once when late, ingested when they come; and each delivery event has one end.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { availableAt } from '../../../src/domain/zones';
import { bringResults, dailyResults, writeDailyResults } from '../../setup/daily-results';
import { startProduct, type Product } from '../../setup/product';
import tiny from '../../models/tiny/model';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const DAY = '2013-03-04';
const ZONE = 'America/New_York';
const expectedOf = async (model: Tiny) =>
  (await model.status()).expected.map(({ table, partition, alerted }) => ({ table, partition, alerted }));
const missingAlerts = (name: string) => product.alerts.of(name, 'source.missing').length;
const results = (name: string) => product.stores.partitions.newest(name, 'results', DAY, DAY);

describe('a partition that is due', () => {
  it('is told of once when its deadline has passed, also in a new run of the entity, and is ingested when its path appears', async () => {
    const dueSince = Date.parse(availableAt('D+1 00:00', DAY, ZONE));
    const deadline = `${Date.now() - dueSince + 6_000} ms`;
    const model = await deployTiny(product, 'awaited', dailyResults({ deadline, poll: '150 ms' }));
    await model.tick('ingest', '2013-03-05', '2013-03-05T08:00:00Z');
    await model.atRest();
    expect(await expectedOf(model)).toEqual([{ table: 'results', partition: DAY, alerted: false }]);
    expect(missingAlerts('awaited')).toBe(0);
    await model.continueAsNew();
    await model.until(({ expected }) => expected[0]?.alerted === true, 20_000);
    await model.until(() => missingAlerts('awaited') === 1, 5_000);

    bringResults(model.folder, DAY);
    await model.until(({ expected }) => expected.length === 0, 5_000);
    await model.atRest();
    expect(await results('awaited')).toHaveLength(1);
    expect(missingAlerts('awaited')).toBe(1);
    const [newest] = await product.stores.arrivals.list('awaited', 1);
    expect(newest).toMatchObject({ source: 'poll', table: 'results', partition: DAY, outcome: 'started' });
  });

  it('elapses by the instants of requests on a simulated clock', async () => {
    const change = dailyResults({ deadline: '6 hours', poll: '1 hour' });
    const model = await deployTiny(product, 'simulated-wait', change, 'simulated');
    await model.tick('ingest', '2013-03-05', '2013-03-05T06:00:00Z');
    await model.atRest();
    await model.tick('retention', '2013-03-05', '2013-03-05T09:00:00Z');
    await model.atRest();
    expect(await expectedOf(model)).toEqual([{ table: 'results', partition: DAY, alerted: false }]);
    await model.tick('retention', '2013-03-06', '2013-03-05T12:00:00Z');
    await model.atRest();
    expect(await expectedOf(model)).toEqual([{ table: 'results', partition: DAY, alerted: true }]);
    bringResults(model.folder, DAY);
    expect(await results('simulated-wait')).toEqual([]);
    await model.tick('retention', '2013-03-07', '2013-03-05T15:00:00Z');
    await model.atRest();
    expect(await results('simulated-wait')).toHaveLength(1);
    expect(await expectedOf(model)).toEqual([]);
    await model.until(() => missingAlerts('simulated-wait') === 1, 5_000);
  });

  it('is no longer expected once it was delivered by a message, and what cannot be read is told of by its reason', async () => {
    const model = await deployTiny(product, 'told', dailyResults({ poll: '100 ms' }));
    await model.tick('ingest', '2013-03-05', '2013-03-05T08:00:00Z');
    await model.until(() => missingAlerts('told') === 1);
    bringResults(model.folder, DAY, () => '"never closed');
    await model.until(
      () =>
        product.alerts.of('told', 'source.unreadable').length + product.alerts.of('told', 'partition.rejected').length >
        0,
      5_000,
    );
    bringResults(model.folder, DAY);
    await product.lifecycles.ingest('told', { table: 'results', partition: DAY });
    await model.atRest();
    expect(await results('told')).toHaveLength(1);
    expect(await expectedOf(model)).toEqual([]);
    expect(missingAlerts('told')).toBe(1);
  });
});

describe('each delivery event', () => {
  it('ends as exactly one of started, merged and refused, whatever comes twice, malformed or out of order', async () => {
    const model = await deployTiny(product, 'events', dailyResults());
    writeDailyResults(model.folder);
    await model.backfill('2013-02-20', '2013-03-03');
    const uri = (day: string): string => join(model.folder, 'daily', `${day}.csv`);
    const told = (day: string) => {
      const sha256 = createHash('sha256')
        .update(readFileSync(uri(day)))
        .digest('hex');
      return { table: 'results', partition: day, uri: uri(day), sha256 };
    };
    const { lifecycles, client } = product;
    const handle = client.workflow.getHandle(model.id);
    await lifecycles.dataArrived('events', told('2013-03-06'));
    await lifecycles.dataArrived('events', told(DAY));
    await lifecycles.labelsArrived('events', told(DAY));
    await handle.signal('dataArrived', { table: 'nonsense', partition: DAY, uri: 'x', sha256: 'y' });
    await handle.signal('labelsArrived', ['what is this']);
    await lifecycles.dataArrived('events', { ...told(DAY), sha256: 'f'.repeat(64) });
    await lifecycles.ingest('events', { table: 'results', partition: DAY }, 'by-hand');
    await lifecycles
      .ingest('events', { table: 'results', partition: '2031-01-01' }, 'the-future')
      .catch(() => undefined);
    await model.atRest();
    await model.continueAsNew();
    await lifecycles.dataArrived('events', told('2013-03-06'));
    await model.until(({ queued }) => queued === 0);
    await model.atRest();

    const found = await product.stores.arrivals.list('events', 100);
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    const ends = found.reverse().map(({ source, partition, outcome }) => `${source} ${partition ?? '-'} ${outcome}`);
    expect([...ends].sort()).toEqual(
      [
        'signal 2013-03-06 started',
        'signal 2013-03-04 started',
        'signal 2013-03-04 merged',
        'signal 2013-03-04 refused',
        'signal - refused',
        'signal 2013-03-04 refused',
        'update 2013-03-04 merged',
        'update 2031-01-01 refused',
        'signal 2013-03-06 merged',
      ].sort(),
    );
    expect(found.filter(({ outcome }) => outcome === 'refused').every(({ reason }) => reason.length > 10)).toBe(true);
    expect(
      found
        .filter(({ outcome }) => outcome !== 'started')
        .every(({ work, partition }) => work === null || work.includes(partition!)),
    ).toBe(true);
    const totals = await product.stores.partitions.totals('events');
    expect(totals).toMatchObject({ ingested: 26, reopened: 0 });
  });
});

describe('a delivery of a whole day', () => {
  it('is ingested table by table where rows of one refer to rows of another', async () => {
    const { orders, results: told } = tiny.plan.tables;
    const id = { ...told!.columns['id']!, references: { table: 'orders', column: 'id' } };
    // In this order, so that the order of the plan is not what makes it right.
    const tables = { results: { ...told!, columns: { ...told!.columns, id } }, orders: orders! };
    const model = await deployTiny(product, 'refers', { tables });
    await product.lifecycles.ingest('refers', { partition: DAY });
    await model.atRest();
    expect(await product.stores.partitions.totals('refers')).toMatchObject({ ingested: 2, rejected: 0 });
    const found = await product.stores.arrivals.list('refers', 10);
    expect(found.map(({ table, outcome }) => `${table} ${outcome}`)).toEqual(['results started', 'orders started']);
  });
});

describe('a watermark', () => {
  it('is the last day without a hole, moves over later days when the hole is filled, and stays when a day is re-opened', async () => {
    const model = await deployTiny(product, 'marks', dailyResults());
    writeDailyResults(model.folder, [DAY]);
    const through = async () =>
      Object.fromEntries((await product.stores.watermarks.list('marks')).map((mark) => [mark.table, mark.through]));
    await model.backfill('2013-02-20', '2013-03-10');
    expect(await through()).toEqual({ orders: '2013-03-10', results: '2013-03-03' });
    bringResults(model.folder, DAY);
    await product.lifecycles.ingest('marks', { table: 'results', partition: DAY });
    await model.atRest();
    expect(await through()).toEqual({ orders: '2013-03-10', results: '2013-03-10' });
    bringResults(model.folder, '2013-03-01', (row, index) => (index === 0 ? row.replace(/,\d+,/, ',14,') : row));
    await product.lifecycles.ingest('marks', { table: 'results', partition: '2013-03-01' });
    await model.atRest();
    const marks = await product.stores.watermarks.list('marks');
    expect(marks.map(({ reopened }) => reopened)).toEqual([[], ['2013-03-01']]);
    expect(await through()).toEqual({ orders: '2013-03-10', results: '2013-03-10' });
  });
});

describe('a late revision', () => {
  it('is seen by the cycles that are asked for after it, and changes neither fixed snapshots nor what a version saw', async () => {
    const never = { approval: { when: 'never' } } as const;
    const model = await deployTiny(product, 'revised', { ...dailyResults(), ...never });
    writeDailyResults(model.folder);
    await model.retrain('2013-03-11');
    const first = (await product.stores.registry.list('revised'))[0]!;
    const before = await product.stores.features.loadSnapshot(first.lineage.snapshot);
    bringResults(model.folder, DAY, (row, index) => (index === 0 ? row.replace(/,\d+,/, ',14,') : row));
    await product.lifecycles.ingest('revised', { table: 'results', partition: DAY });
    await model.atRest();
    await model.retrain('2013-03-11');
    const versions = await product.stores.registry.list('revised');
    const second = versions.find(({ lineage }) => lineage.snapshot !== first.lineage.snapshot)!;
    const manifestOf = async (id: string) => {
      const { manifest } = (await product.stores.features.loadSnapshot(id))!;
      return JSON.parse((await product.artifacts.get(manifest)).toString()) as {
        labels: { day: string; revision: number }[];
      };
    };
    const revisionIn = async (id: string) => (await manifestOf(id)).labels.find(({ day }) => day === DAY)?.revision;
    expect([await revisionIn(first.lineage.snapshot), await revisionIn(second.lineage.snapshot)]).toEqual([1, 2]);
    expect(await product.stores.features.loadSnapshot(first.lineage.snapshot)).toEqual(before);
    expect((await product.stores.registry.load('revised', first.version)).lineage.snapshot).toBe(
      first.lineage.snapshot,
    );
  });

  it('enters a cycle whose snapshot is not fixed yet', async () => {
    const never = { approval: { when: 'never' } } as const;
    const model = await deployTiny(product, 'corrected', { ...dailyResults(), ...never });
    writeDailyResults(model.folder);
    await model.backfill();
    const held = product.hold('featurizeDays');
    await product.lifecycles.retrain('corrected', { logicalTime: '2013-03-11', reason: 'test', by: 'test' });
    await held.reached;
    bringResults(model.folder, DAY, (row, index) => (index === 0 ? row.replace(/,\d+,/, ',14,') : row));
    await product.lifecycles.ingest('corrected', { table: 'results', partition: DAY });
    const newest = async () => (await product.stores.partitions.newest('corrected', 'results', DAY, DAY))[0]?.revision;
    const deadline = Date.now() + 10_000;
    while ((await newest()) !== 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    held.release();
    await model.atRest();
    const [version] = await product.stores.registry.list('corrected');
    const { manifest } = (await product.stores.features.loadSnapshot(version!.lineage.snapshot))!;
    const { labels } = JSON.parse((await product.artifacts.get(manifest)).toString()) as {
      labels: { day: string; revision: number }[];
    };
    expect(labels.find(({ day }) => day === DAY)?.revision).toBe(2);
  });
});
