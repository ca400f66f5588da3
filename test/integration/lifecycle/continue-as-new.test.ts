// The main path with a new run of the entity forced in the middle of each step: the same end, nothing lost and nothing doubled.
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

/** Everything that a run of the main path leaves behind, without what differs by name or time. */
async function traces(model: Tiny): Promise<object> {
  const { stores, alerts } = product;
  const { champion, previous, epoch, health, approval } = await model.atRest();
  await model.until(() => alerts.of(model.name, 'champion.promotion').length > 0);
  return {
    champion: champion?.contender,
    previous,
    epoch,
    health,
    approval,
    // Contenders train side by side: which of them gets the first number is not told.
    versions: Object.entries(await model.versions())
      .map(([name, state]) => `${name.split('@')[0]} ${state}`)
      .sort(),
    decisions: (await stores.registry.decisions(model.name, 10)).map(({ verdict, approval: word }) => [
      verdict,
      word?.verdict,
    ]),
    audit: (await stores.audit.list(model.name, 100)).map(({ action }) => action),
    duplicates: await stores.audit.duplicates(model.name),
    told: alerts.received.filter((alert) => alert.model === model.name).map(({ event }) => event),
    ledger: await stores.ledger.count(model.name),
  };
}

async function mainPath(
  name: string,
  step: Partial<Record<'cycle' | 'saving' | 'proposal' | 'handler' | 'promotion', boolean>>,
) {
  const model = await deployTiny(product, name);
  const training = step.cycle ? product.hold('train') : undefined;
  const saving = step.saving ? product.hold('decideCycle') : undefined;
  const settled = model.retrain('2013-03-11');
  for (const hold of [training, saving]) {
    await hold?.reached;
    if (hold) await model.continueAsNew();
    hold?.release();
  }
  await settled;
  if (step.proposal) await model.continueAsNew();
  const serving = step.promotion ? product.hold('awaitServing') : undefined;
  await model.decide('approve');
  await serving?.reached;
  if (serving) await model.continueAsNew();
  serving?.release();
  return model;
}

it('ends the same when the entity goes on in new runs mid-cycle, mid-approval and mid-promotion', async () => {
  const plain = await traces(await mainPath('plain', {}));
  for (const step of ['cycle', 'saving', 'proposal', 'promotion'] as const) {
    const model = await mainPath(`new-run-${step}`, { [step]: true });
    expect({ step, ...(await traces(model)) }).toEqual({ step, ...plain });
  }
});

it('lets a promotion that is being looked up end before the new run starts', async () => {
  const model = await deployTiny(product, 'new-run-handler');
  await model.retrain('2013-03-11');
  const looking = product.hold('resolveVersion');
  const message = { contender: 'main', expectedEpoch: 0, by: 'ann', reason: 'test', override: true };
  const answer = product.lifecycles.promote('new-run-handler', message);
  await looking.reached;
  await product.lifecycles.continueAsNew('new-run-handler');
  looking.release();
  expect((await answer).duplicate).toBe(false);
  const { champion, epoch } = await model.atRest();
  expect({ contender: champion?.contender, epoch }).toEqual({ contender: 'main', epoch: 1 });
});

it('keeps who has approved, the handled requests and the pause across runs', async () => {
  const model = await deployTiny(product, 'memory', {
    approval: { when: 'always', approvers: ['ann', 'bob'], quorum: 2 },
  });
  await model.retrain('2013-03-11', 'request-1');
  await model.decide('approve', 'ann');
  await product.lifecycles.pause('memory');
  await model.continueAsNew();
  expect(await model.status()).toMatchObject({ phase: 'paused', approval: { approvedBy: ['ann'] } });
  await product.lifecycles.resume('memory');
  const again = await product.lifecycles.retrain(
    'memory',
    { logicalTime: '2013-03-11', reason: 'test', by: 'test' },
    'request-1',
  );
  expect(again.duplicate).toBe(true);
  await model.decide('approve', 'bob');
  expect((await model.atRest()).epoch).toBe(1);
});
