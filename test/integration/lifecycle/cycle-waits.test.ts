// A cycle waits for the partitions that it needs, and then follows its rule: go on without them, fail, or wait on.
import { bringResults, dailyResults, writeDailyResults } from '../../setup/daily-results';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Change, type Tiny } from '../../setup/tiny-lifecycle';
import tiny from '../../models/tiny/model';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const DAY = '2013-03-09';
type Missing = NonNullable<NonNullable<Change['snapshot']>['missing']>;

/** Deployed with one day of the window missing. */
async function withoutOneDay(name: string, missing: Missing, clock: 'wall' | 'simulated' = 'wall'): Promise<Tiny> {
  const snapshot = { ...tiny.plan.snapshot, missing };
  const model = await deployTiny(product, name, { ...dailyResults({ poll: '1 hour' }), snapshot }, clock);
  writeDailyResults(model.folder, [DAY]);
  return model;
}

const ask = (model: Tiny) =>
  product.lifecycles.retrain(model.name, { logicalTime: '2013-03-12', reason: 'test', by: 'test' });
const decided = async (model: Tiny) => (await product.stores.registry.decisions(model.name, 10)).length;

it('goes on as soon as the missing partition has come', async () => {
  const model = await withoutOneDay('comes', { waitFor: '90 s', every: '100 ms', then: 'fail' });
  await ask(model);
  const { open } = await model.until(({ open }) => open.some(({ kind }) => kind === 'cycle'));
  const handle = product.client.workflow.getHandle(open[0]!.id);
  const deadline = Date.now() + 60_000;
  // It is listed as open a moment before it exists.
  const metadata = () =>
    handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata').catch(() => undefined);
  while (!(await metadata())?.currentDetails?.includes(`results/${DAY}`)) expect(Date.now()).toBeLessThan(deadline);
  expect(await decided(model)).toBe(0);
  bringResults(model.folder, DAY);
  await model.atRest();
  expect(await decided(model)).toBe(1);
  expect((await model.status()).expected).toEqual([]);
});

it('fails at its deadline with the tables and days that are missing, and the lifecycle goes on expecting them', async () => {
  const model = await withoutOneDay('fails', { waitFor: '300 ms', every: '100 ms', then: 'fail' });
  await ask(model);
  await model.atRest();
  expect(await decided(model)).toBe(0);
  await model.until(() => product.alerts.of('fails', 'work.failed').length === 1);
  const [alert] = product.alerts.of('fails', 'work.failed');
  expect(alert?.why).toContain(`PARTITION_MISSING`);
  expect(alert?.why).toContain(`results/${DAY}`);
  expect((await model.status()).expected).toMatchObject([{ table: 'results', partition: DAY }]);
});

it('trains without them where the rule says so, at once on a simulated clock', async () => {
  const model = await withoutOneDay('goes-on', { waitFor: '3 days', every: '1 hour', then: 'go-on' }, 'simulated');
  await model.tick('retrain', '2013-03-12', '2013-03-12T08:00:00Z');
  await model.atRest();
  expect(await decided(model)).toBe(1);
});

it('tells people once and waits on where the rule says so', async () => {
  const model = await withoutOneDay('waits', { waitFor: '200 ms', every: '100 ms', then: 'wait' });
  await ask(model);
  await model.until(() => product.alerts.of('waits', 'cycle.waiting').length === 1, 60_000);
  expect(await decided(model)).toBe(0);
  bringResults(model.folder, DAY);
  await model.atRest();
  expect(await decided(model)).toBe(1);
  expect(product.alerts.of('waits', 'cycle.waiting')).toHaveLength(1);
});

it('ends when it is cancelled while it waits', async () => {
  const model = await withoutOneDay('cancelled-wait', { waitFor: '1 hour', every: '1 hour', then: 'wait' });
  await ask(model);
  const { open } = await model.until(({ open }) => open.some(({ kind }) => kind === 'cycle'));
  await product.client.workflow.getHandle(open[0]!.id).cancel();
  await model.atRest();
  expect(await decided(model)).toBe(0);
});
