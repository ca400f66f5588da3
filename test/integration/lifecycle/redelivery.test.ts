// Deliveries that come again: a source that goes back, a rejected file under a new contract, an ingest that was ended, and a slow look.
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingestId } from '../../../src/domain/ids';
import tiny from '../../models/tiny/model';
import { bringResults, dailyResults } from '../../setup/daily-results';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const DAY = '2013-03-04';
const later = (row: string, index: number): string => (index === 0 ? row.replace(/,\d+,/, ',14,') : row);
const revisionOf = async (name: string) =>
  (await product.stores.partitions.newest(name, 'results', DAY, DAY)).map(({ revision }) => revision)[0];
const ends = async (name: string) =>
  (await product.stores.arrivals.list(name, 100)).reverse().map(({ outcome }) => outcome);

/** Waits until so many events have ended: their records are written a moment after what they tell of. */
async function untilEnded(model: Tiny, count: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await ends(model.name)).length < count) expect(Date.now()).toBeLessThan(deadline);
}

/** Keeps what lies in the folder for the day as a file of its own, and tells of it as a producer would. */
function announcement({ folder }: Tiny, version: string) {
  const uri = join(folder, `${version}.csv`);
  copyFileSync(join(folder, 'daily', `${DAY}.csv`), uri);
  const sha256 = createHash('sha256').update(readFileSync(uri)).digest('hex');
  return { table: 'results', partition: DAY, uri, sha256 };
}

describe('a delivery that comes again', () => {
  it('after another one makes the partition what it was, however fast they follow each other', async () => {
    const model = await deployTiny(product, 'back', dailyResults());
    bringResults(model.folder, DAY);
    const first = announcement(model, 'first');
    bringResults(model.folder, DAY, later);
    const second = announcement(model, 'second');
    for (const told of [first, first, second, first]) await product.lifecycles.dataArrived('back', told);
    await model.atRest();
    expect(await ends('back')).toEqual(expect.arrayContaining(['started', 'started', 'started', 'merged']));
    const judged = await product.stores.checks.judgements('back', 'results', DAY);
    expect(judged.map(({ revision }) => revision)).toEqual([1, 2, 3]);
    expect(judged[2]!.sha256).toBe(judged[0]!.sha256);
    await product.lifecycles.dataArrived('back', first);
    await product.lifecycles.ingest('back', { table: 'results', partition: DAY, uri: first.uri });
    await model.atRest();
    expect([await revisionOf('back'), (await ends('back')).slice(4)]).toEqual([3, ['merged', 'merged']]);
  });

  it('after it was rejected is checked again under a new contract, and merged under the old one', async () => {
    const change = dailyResults();
    const strict = { ...change.tables!['results']!, partitionRules: { minRows: 1_000_000 } };
    const model = await deployTiny(product, 'loosened', { tables: { ...change.tables!, results: strict } });
    bringResults(model.folder, DAY);
    const tell = async () => {
      await product.lifecycles.ingest('loosened', { table: 'results', partition: DAY });
      await model.atRest();
    };
    await tell();
    await tell();
    expect([await revisionOf('loosened'), await ends('loosened')]).toEqual([undefined, ['started', 'merged']]);
    const [newest] = await product.stores.arrivals.list('loosened', 1);
    expect(newest!.reason).toMatch(/rejected before/);
    await model.redeploy(dailyResults());
    await tell();
    expect([await revisionOf('loosened'), (await ends('loosened'))[2]]).toEqual([1, 'started']);
  });

  it('after its ingest was ended by a person is ingested', async () => {
    const model = await deployTiny(product, 'ended-ingest', dailyResults());
    bringResults(model.folder, DAY);
    const told = announcement(model, 'only');
    const held = product.hold('ingestDeliveries');
    await product.lifecycles.dataArrived('ended-ingest', told);
    await held.reached;
    await untilEnded(model, 1);
    const [started] = await product.stores.arrivals.list('ended-ingest', 1);
    const work = started!.work!;
    expect(work).toContain(ingestId('ended-ingest', 'results', DAY, ''));
    await product.client.workflow.getHandle(work).cancel();
    await model.atRest();
    expect(await revisionOf('ended-ingest')).toBeUndefined();
    await product.lifecycles.dataArrived('ended-ingest', told);
    await untilEnded(model, 2);
    // The attempt of the ended one was under way, and goes on as well: its effect and that of the new one are one.
    held.release();
    await model.atRest();
    expect([await revisionOf('ended-ingest'), await ends('ended-ingest')]).toEqual([1, ['started', 'started']]);
  });
});

describe('while a delivery is being fetched', () => {
  it('the lifecycle goes on with everything else, also in a new run, and the delivery is started once', async () => {
    const model = await deployTiny(product, 'slow', { tables: tiny.plan.tables });
    const held = product.hold('locateDeliveries');
    await product.lifecycles.ingest('slow', { table: 'results', partition: DAY });
    await held.reached;
    await product.client.workflow.getHandle(model.id).signal('dataArrived', { table: 'nonsense' });
    await model.until(({ phase, queued }) => phase === 'working' && queued === 1);
    await untilEnded(model, 1);
    expect(await ends('slow')).toEqual(['refused']);
    await model.continueAsNew();
    await model.until(({ phase }) => phase === 'working');
    held.release();
    await model.atRest();
    expect([await revisionOf('slow'), await ends('slow')]).toEqual([1, ['refused', 'started']]);
  });
});
