// The pending approval: who may decide what, until when, and what becomes of a proposal that the world has overtaken.
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, LONG_ENOUGH_DAY, LONG_HOLDOUT } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const approvers = ['ann', 'bob'];
const within = (expiresAfter: string, remindBefore: string, quorum = 1) => ({
  approval: { when: 'always', approvers, expiresAfter, remindBefore, quorum } as const,
});

describe('who may decide', () => {
  it('refuses a wrong digest, a person who is no approver, and a decision while nothing is pending', async () => {
    const model = await deployTiny(product, 'refusals');
    const nothing = { cycle: 'cycle/refusals/x', digest: 'd', version: 1 } as never;
    await expect(model.decide('approve', 'ann', nothing)).rejects.toMatchObject({ code: 'NO_APPROVAL_PENDING' });
    await model.retrain('2013-03-11');
    const proposal = await model.proposal();
    const decide = (change: object, by = 'ann') => model.decide('approve', by, { ...proposal, ...change });
    await expect(decide({ digest: 'f'.repeat(64) })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await expect(decide({ cycle: 'cycle/refusals/2013-01-01' })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await expect(decide({}, 'mallory')).rejects.toMatchObject({ code: 'NOT_AN_APPROVER' });
    expect((await model.status()).approval).toEqual(proposal);
    await product.lifecycles.approve('refusals', { by: 'mallory', digest: proposal.digest });
    const { refused, champion } = await model.until((status) => status.refused.length === 1);
    expect({ name: refused[0]?.name, champion }).toEqual({ name: 'approve', champion: null });
  });

  it('promotes only when the quorum of two has approved, and counts nobody twice', async () => {
    const model = await deployTiny(product, 'quorum', within('3 days', '1 day', 2));
    await model.retrain('2013-03-11');
    const proposal = await model.proposal();
    expect((await model.decide('approve', 'ann')).duplicate).toBe(false);
    expect((await model.decide('approve', 'ann')).duplicate).toBe(true);
    expect((await model.status()).approval?.approvedBy).toEqual(['ann']);
    await model.decide('approve', 'bob');
    const { champion } = await model.atRest();
    expect(champion?.version).toBe(proposal.version);
    const [move] = await product.stores.registry.moves('quorum');
    expect(move?.by).toBe('ann, bob');
  });
});

describe('time', () => {
  it('reminds once and then rejects a proposal that nobody decides, on a wall clock', async () => {
    const model = await deployTiny(product, 'expiry', within('4 s', '3 s'));
    await model.retrain('2013-03-11');
    const proposal = await model.proposal();
    await model.until(({ approval }) => approval?.reminded === true, 10_000);
    const { champion } = await model.until(({ approval }) => approval === null, 10_000);
    expect(champion).toBeNull();
    await model.until(() => product.alerts.of('expiry', 'approval.expired').length > 0);
    expect(product.alerts.of('expiry', 'approval.reminder')).toHaveLength(1);
    await expect(model.decide('approve', 'ann', proposal)).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
    const [decision] = await product.stores.registry.decisions('expiry', 1);
    expect(decision?.approval?.verdict).toBe('expired');
    expect((await product.stores.registry.load('expiry', decision!.proposed!.version)).state).toBe('candidate');
  });

  it('lets a simulated approval expire by the instants of ticks and not by waiting', async () => {
    const model = await deployTiny(product, 'simulated-expiry', within('3 days', '1 day'), 'simulated');
    await model.tick('retrain', '2013-03-11', '2013-03-11T08:00:00Z');
    await model.atRest();
    const proposal = await model.proposal();
    expect(proposal.expiresAt).toBe('2013-03-14T08:00:00.000Z');
    await model.tick('retention', '2013-03-13', '2013-03-13T09:00:00Z');
    expect((await model.atRest()).approval).toMatchObject({ reminded: true });
    await model.tick('retention', '2013-03-14', '2013-03-14T09:00:00Z');
    expect((await model.atRest()).approval).toBeNull();
    await model.until(() => product.alerts.of('simulated-expiry', 'approval.expired').length === 1);
    expect(product.alerts.of('simulated-expiry', 'approval.reminder')).toHaveLength(1);
  });
});

describe('a world that has moved on', () => {
  it('replaces a pending proposal by a newer one, and refuses the old one as superseded', async () => {
    const model = await deployTiny(product, 'superseded');
    await model.retrain('2013-03-11');
    const old = await model.proposal();
    await model.retrain('2013-03-16');
    const fresh = await model.proposal();
    expect(fresh.version).not.toBe(old.version);
    await expect(model.decide('approve', 'ann', old)).rejects.toMatchObject({ code: 'SUPERSEDED' });
    await model.decide('approve', 'ann', fresh);
    expect((await model.atRest()).champion?.version).toBe(fresh.version);
    const decisions = await product.stores.registry.decisions('superseded', 5);
    expect(decisions.map(({ approval }) => approval?.verdict)).toEqual(['approved', 'superseded']);
  });

  it('judges a pending proposal again when another version became champion meanwhile', async () => {
    const model = await deployTiny(product, 'stale', LONG_HOLDOUT);
    await model.retrain(LONG_ENOUGH_DAY);
    const old = await model.proposal();
    await product.lifecycles.promote('stale', {
      contender: 'flat',
      expectedEpoch: 0,
      by: 'ann',
      reason: 'test',
      override: true,
    });
    await model.atRest();
    const again = await model.proposal();
    expect(again).toMatchObject({ version: old.version, kind: 'switch', championEpoch: 1, cycle: old.cycle });
    expect(again.digest).not.toBe(old.digest);
    await expect(model.decide('approve', 'ann', old)).rejects.toMatchObject({ code: 'SUPERSEDED' });
    await model.decide('approve', 'ann', again);
    expect((await model.atRest()).champion?.version).toBe(old.version);
  });

  it('withdraws a pending proposal that the new champion has made pointless', async () => {
    const model = await deployTiny(product, 'pointless');
    await model.retrain('2013-03-11');
    const old = await model.proposal();
    const message = { expectedEpoch: 0, by: 'ann', reason: 'test', override: true };
    await product.lifecycles.promote('pointless', { version: old.version, ...message });
    const { champion, approval } = await model.atRest();
    expect({ version: champion?.version, approval }).toEqual({ version: old.version, approval: null });
    await expect(model.decide('approve', 'ann', old)).rejects.toMatchObject({ code: 'SUPERSEDED' });
  });
});
