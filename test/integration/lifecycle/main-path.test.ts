// The main path of a model's life on the real parts: from a deployment to served answers, with every verdict of a decision.
import { logistic } from '../../../src';
import { runCommand } from '../../setup/command-line';
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, LONG_ENOUGH_DAY, LONG_HOLDOUT } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const never = { approval: { when: 'never' } } as const;

it('backfills, trains, proposes, waits for an approval by update, promotes, and serves the approved version', async () => {
  const model = await deployTiny(product, 'by-update');
  await model.backfill();
  await model.retrain('2013-03-16');
  const proposal = await model.proposal();
  expect(proposal).toMatchObject({ contender: 'main', kind: 'first', approvedBy: [] });
  expect(await model.served()).toBeNull();

  await model.decide('approve');

  const { champion, epoch, phase } = await model.atRest();
  expect({ champion, epoch, phase }).toEqual({
    champion: { version: proposal.version, contender: 'main' },
    epoch: 1,
    phase: 'idle',
  });
  expect(await model.served()).toBe(proposal.version);
  expect(await product.stores.partitions.totals('by-update')).toMatchObject({ ingested: 88, rejected: 0 });
  // The lifecycle is at rest once the promotion serves; the outbox is delivered by a sweep beside it.
  await model.until(() => product.alerts.of('by-update', 'champion.promotion').length === 1);
  const [decision] = await product.stores.registry.decisions('by-update', 1);
  expect(decision).toMatchObject({ verdict: 'promote', approval: { verdict: 'approved', by: 'ann' } });
});

it('promotes on an approval by signal', async () => {
  const model = await deployTiny(product, 'by-signal');
  await model.retrain('2013-03-11');
  const { digest, version } = await model.proposal();
  await product.lifecycles.approve('by-signal', { by: 'bob', digest, comment: 'looks good' });
  const { champion } = await model.until((status) => status.champion !== null);
  expect(champion?.version).toBe(version);
});

it('keeps serving nothing when the first proposal is rejected', async () => {
  const model = await deployTiny(product, 'rejected');
  await model.retrain('2013-03-11');
  await model.decide('reject');
  const { champion, approval } = await model.atRest();
  expect({ champion, approval }).toEqual({ champion: null, approval: null });
  const [decision] = await product.stores.registry.decisions('rejected', 1);
  expect(decision?.approval?.verdict).toBe('rejected');
  const { version } = decision!.proposed!;
  expect((await product.stores.registry.load('rejected', version)).state).toBe('rejected');
  expect(await runCommand(product, ['versions', 'rejected'])).toContain('rejected by ann');
  // Only a person's override brings it back.
  const { epoch } = await model.status();
  const again = { version, expectedEpoch: epoch, by: 'ann', reason: 'a mistake' };
  await expect(product.lifecycles.promote('rejected', again)).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
});

it('promotes a refresh by policy, without an approval, where only a change of contender asks for one', async () => {
  const model = await deployTiny(product, 'refresh', { approval: { when: 'on-contender-change', approvers: ['ann'] } });
  await model.retrain('2013-03-11');
  await model.decide('approve');
  await model.atRest();
  const { champion, previous, epoch, approval } = await model.retrain('2013-03-16');
  expect({ champion: champion?.contender, epoch, approval }).toEqual({ champion: 'main', epoch: 2, approval: null });
  expect(previous).not.toBeNull();
  const moves = await product.stores.registry.moves('refresh');
  expect(moves.map(({ by }) => by)).toEqual(['ann', 'policy of refresh']);
});

it('switches to another contender only with evidence that it is better', async () => {
  const alone = { contenders: { mild: logistic({ l2: 300 }) } };
  const model = await deployTiny(product, 'switch', { ...never, ...LONG_HOLDOUT, ...alone });
  await model.retrain(LONG_ENOUGH_DAY);
  await model.redeploy({ contenders: { mild: logistic({ l2: 300 }), main: logistic({ l2: 1 }) } });
  const { champion } = await model.retrain('2013-03-25');
  expect(champion?.contender).toBe('main');
  const [decision] = await product.stores.registry.decisions('switch', 1);
  expect(decision?.proposed?.kind).toBe('switch');
});

it('keeps the champion when its refresh is worse beyond the margin and the other contender is not better', async () => {
  const model = await deployTiny(product, 'keep', never);
  const first = await model.retrain('2013-03-11');
  await model.redeploy({ contenders: { main: logistic({ l2: 20_000 }), flat: logistic({ l2: 20_000 }) } });
  const second = await model.retrain('2013-03-16');
  expect(second.champion).toEqual(first.champion);
  const [decision] = await product.stores.registry.decisions('keep', 1);
  expect(decision?.verdict).toBe('keep');
});

it('rejects a first champion that is not better than the base rate', async () => {
  const coin = { label: { table: 'results', sql: 'coin = 1' }, contenders: { main: logistic({ l2: 0.001 }) } };
  const model = await deployTiny(product, 'coin', { ...never, ...coin });
  const { champion } = await model.retrain('2013-03-11');
  expect(champion).toBeNull();
  const [decision] = await product.stores.registry.decisions('coin', 1);
  expect(decision?.verdict).toBe('reject');
  expect(decision?.reasons.join()).toContain('base-rate');
});

/** Its file is not on the machine that trains. */
const GONE = { trainer: 'hook', hook: 'gone.ts' } as const;

it('leaves out a contender that cannot be trained, tells it, and decides among the others', async () => {
  const broken = {
    contenders: { main: logistic({ l2: 1 }), broken: GONE },
  } as const;
  const model = await deployTiny(product, 'broken-contender', { ...never, ...broken });
  const { champion } = await model.retrain('2013-03-11');
  expect(champion?.contender).toBe('main');
  await model.until(() => product.alerts.of('broken-contender', 'contender.failed').length > 0);
});

it('fails a cycle with an alert when no contender can be trained, and the entity goes on', async () => {
  const model = await deployTiny(product, 'all-broken', {
    contenders: { main: GONE },
  });
  const { health, champion } = await model.retrain('2013-03-11');
  expect({ health, champion }).toEqual({ health: 'degraded', champion: null });
  await model.until(() => product.alerts.of('all-broken', 'work.failed').length > 0);
});

it('fails a cycle with too little data before it trains anything', async () => {
  const model = await deployTiny(product, 'too-early');
  await model.retrain('2013-02-24');
  expect(await model.versions()).toEqual({});
  await model.until(() =>
    product.alerts.of('too-early', 'work.failed').some(({ why }) => why.startsWith('TOO_FEW_ROWS')),
  );
});

describe('rounds of one logical time', () => {
  it('merges a later round with the earlier cycle when snapshot and definition are the same', async () => {
    const model = await deployTiny(product, 'merged', never);
    await model.retrain('2013-03-11');
    const { epoch } = await model.retrain('2013-03-11');
    expect(epoch).toBe(1);
    const handle = product.client.workflow.getHandle('cycle/merged/2013-03-11/r2');
    expect(await handle.result()).toEqual({ type: 'merged', into: 'cycle/merged/2013-03-11' });
    expect(Object.keys(await model.versions())).toHaveLength(2);
  });

  it('trains another round when the definition has changed', async () => {
    const model = await deployTiny(product, 'second-round', never);
    await model.retrain('2013-03-11');
    await model.redeploy({ contenders: { main: logistic({ l2: 2 }) } });
    await model.retrain('2013-03-11');
    const outcome = (await product.client.workflow.getHandle('cycle/second-round/2013-03-11/r2').result()) as {
      type: string;
    };
    expect(outcome.type).toBe('decided');
  });

  it('merges a retraining with the open cycle of its logical time at once', async () => {
    const model = await deployTiny(product, 'twins', never);
    const training = product.hold('train');
    const ask = (): Promise<unknown> =>
      product.lifecycles.retrain('twins', { logicalTime: '2013-03-11', reason: 'test', by: 'test' });
    await ask();
    await training.reached;
    await ask();
    const { open } = await model.until(({ queued }) => queued === 0, 5_000);
    expect(open.map(({ id }) => id)).toEqual(['cycle/twins/2013-03-11']);
    training.release();
    await model.atRest();
    await expect(product.client.workflow.getHandle('cycle/twins/2013-03-11/r2').describe()).rejects.toThrow();
  });
});
