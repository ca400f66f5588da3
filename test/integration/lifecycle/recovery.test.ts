// Work that was ended from outside: the entity finds out, goes on, and a lifecycle that was terminated starts again from the database.
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const never = { approval: { when: 'never' } } as const;
const person = { by: 'ann', reason: 'test' };

it('takes a terminated child for failed, tells nobody a success, and starts the next round', async () => {
  const model = await deployTiny(product, 'terminated-child', never);
  const training = product.hold('train');
  await product.lifecycles.retrain(model.name, { logicalTime: '2013-03-11', ...person });
  await training.reached;
  await product.client.workflow.getHandle('cycle/terminated-child/2013-03-11').terminate('test');
  await model.continueAsNew();
  expect(await model.atRest()).toMatchObject({ health: 'degraded', champion: null });
  training.release();
  const { champion, health } = await model.retrain('2013-03-11');
  expect({ contender: champion?.contender, health }).toEqual({ contender: 'main', health: 'good' });
});

it('reports a cancelled child as failed, with an alert', async () => {
  const model = await deployTiny(product, 'cancelled-child', never);
  const deciding = product.hold('planCycle');
  await product.lifecycles.retrain(model.name, { logicalTime: '2013-03-11', ...person });
  await deciding.reached;
  await product.client.workflow.getHandle('cycle/cancelled-child/2013-03-11').cancel();
  await model.until(({ health }) => health === 'degraded');
  deciding.release();
  await model.until(() => product.alerts.of(model.name, 'work.failed').length === 1);
  expect(product.alerts.of(model.name, 'work.failed')[0]?.why).toContain('CANCELLED');
});

it('believes the database when a roll-out was ended after its pointer had moved', async () => {
  const model = await deployTiny(product, 'ended-rollout', never);
  const first = await model.retrain('2013-03-11');
  const flat = await product.stores.registry.newestOf(model.name, 'flat');
  const serving = product.hold('awaitServing');
  const message = { version: flat!.version, expectedEpoch: 1, override: true, ...person };
  await product.lifecycles.promote(model.name, message);
  await serving.reached;
  await product.client.workflow.getHandle('rollout/ended-rollout/2').terminate('test');
  await model.continueAsNew();
  const { champion, epoch, previous } = await model.atRest();
  serving.release();
  expect({ champion, epoch, previous }).toEqual({
    champion: { version: flat!.version, contender: 'flat' },
    epoch: 2,
    previous: first.champion?.version,
  });
  await product.lifecycles.rollback(model.name, person);
  expect((await model.atRest()).champion).toEqual(first.champion);
});

it('loads its state from the database when a terminated lifecycle is started afresh', async () => {
  const model = await deployTiny(product, 'afresh', never);
  const before = await model.retrain('2013-03-11');
  await product.client.workflow.getHandle(model.id).terminate('test');
  await model.tick('ingest', '2013-03-01', '2013-03-01T06:00:00Z');
  const { champion, epoch, definitionDigest } = await model.atRest();
  expect({ champion, epoch, definitionDigest }).toEqual({
    champion: before.champion,
    epoch: 1,
    definitionDigest: before.definitionDigest,
  });
  expect((await model.retrain('2013-03-16')).epoch).toBe(2);
});

it('stays alive when the verdict of a proposal cannot be recorded a second time', async () => {
  const within = (expiresAfter: string, remindBefore: string) => ({
    approval: { when: 'always' as const, approvers: ['ann'], expiresAfter, remindBefore },
  });
  const model = await deployTiny(product, 'twice-judged', within('1 s', '500 ms'));
  await model.retrain('2013-03-11');
  await model.until(({ approval, queued }) => approval === null && queued === 0);
  await product.client.workflow.getHandle(model.id).terminate('test');
  await model.redeploy(within('1 h', '1 min'));
  await product.lifecycles.retrain(model.name, { logicalTime: '2013-03-11', ...person });
  await model.decide('approve');
  const { champion, refused } = await model.until((status) => status.champion !== null);
  expect({ contender: champion?.contender, refused: refused[0]?.name }).toEqual({
    contender: 'main',
    refused: 'approval',
  });
});
