// The definition's task changes under a champion: it goes on serving what it was trained for, is compared with nothing, and an override replaces it.
import { linear } from '../../../src';
import tiny from '../../models/tiny/model';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

it('keeps the champion serving, fails to decide in words, and serves a value after an override', async () => {
  const name = 'other-task';
  const model = await deployTiny(product, name, { approval: { when: 'never' } });
  const { champion } = await model.retrain('2013-03-11');
  await model.redeploy({
    task: 'regression',
    label: { table: 'results', sql: 'delay' },
    contenders: { main: linear() },
    evaluation: { ...tiny.plan.evaluation, primary: 'rmse' },
  });

  const { health, epoch } = await model.retrain('2013-03-16');
  expect({ health, epoch, served: await model.served() }).toEqual({
    health: 'degraded',
    epoch: 1,
    served: champion!.version,
  });
  await model.until(() => product.alerts.of(name, 'work.failed').length > 0);
  const [{ why } = { why: '' }] = product.alerts.of(name, 'work.failed');
  expect(why).toContain('FEATURES_CHANGED');
  expect(why).toContain('predicts a binary label');

  const by = { by: 'ann', reason: 'another question is asked' };
  await product.lifecycles.promote(name, { contender: 'main', expectedEpoch: 1, override: true, ...by });
  const { champion: now } = await model.until(({ epoch: reached, open }) => reached === 2 && open.length === 0);
  expect(await model.served()).toBe(now!.version);
  const metadata = await (await fetch(`${product.servingUrl}/v2/models/${name}`)).json();
  expect(metadata).toMatchObject({ outputs: [{ name: 'value' }], parameters: { task: 'regression' } });

  for (const [kind, day] of [
    ['ingest', '2013-03-16'],
    ['ingest', '2013-03-17'],
    ['score', '2013-03-16'],
    ['monitor', '2013-03-16'],
  ] as const) {
    await model.tick(kind, day, '2013-03-17T09:00:00Z');
    await model.atRest();
  }
  const [report] = await product.stores.monitoring.list(name, '2013-03-16', '2013-03-16');
  expect(report?.performance.map(({ version }) => version)).toEqual([now!.version]);
  expect(report?.notFed?.map(({ version }) => version)).toContain(champion!.version);
});
