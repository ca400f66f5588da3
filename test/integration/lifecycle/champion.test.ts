// Moves of the champion by people and by the lifecycle itself: override, race, fallback, hold, rollback.
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

const never = { approval: { when: 'never' } } as const;
const person = { by: 'ann', reason: 'test' };

/** A model whose champion is `main` and that also has a `flat` version, which is much worse. */
async function withChampion(name: string): Promise<{ model: Tiny; good: number; bad: number }> {
  const model = await deployTiny(product, name, never);
  const { champion } = await model.retrain('2013-03-11');
  const flat = await product.stores.registry.newestOf(name, 'flat');
  return { model, good: champion!.version, bad: flat!.version };
}

it('falls back by itself from a bad version that was put in place by an override', async () => {
  const { model, good, bad } = await withChampion('bad-override');
  await product.lifecycles.promote('bad-override', { version: bad, expectedEpoch: 1, override: true, ...person });
  const { champion, epoch, previous } = await model.until(({ epoch }) => epoch === 3);
  expect({ version: champion?.version, epoch, previous }).toEqual({ version: good, epoch: 3, previous: null });
  expect(await model.served()).toBe(good);
  expect((await model.versions())[`flat@${bad}`]).toBe('quarantined');
  const moves = await product.stores.registry.moves('bad-override');
  expect(moves.map(({ why, by }) => [why, by])).toEqual([
    ['promotion', 'policy of bad-override'],
    ['override', 'ann'],
    ['fallback', 'understudy'],
  ]);
  await model.until(() => product.alerts.of('bad-override', 'champion.fallback').length === 1);
});

it('holds the fallback as long as the person who overrode has asked for', async () => {
  const { model, bad } = await withChampion('held');
  const holdFallbackUntil = new Date(Date.now() + 3_600_000).toISOString();
  const message = { version: bad, expectedEpoch: 1, override: true, holdFallbackUntil, ...person };
  await product.lifecycles.promote('held', message);
  const { champion, health } = await model.atRest();
  expect({ version: champion?.version, health }).toEqual({ version: bad, health: 'good' });
  await model.until(() => product.alerts.of('held', 'fallback.impossible').length === 1);
});

it('does not let the hold of one override protect a later one', async () => {
  const { model, good, bad } = await withChampion('hold-ends');
  const holdFallbackUntil = new Date(Date.now() + 3_600_000).toISOString();
  await product.lifecycles.promote('hold-ends', {
    version: bad,
    expectedEpoch: 1,
    override: true,
    holdFallbackUntil,
    ...person,
  });
  await model.atRest();
  await product.lifecycles.rollback('hold-ends', person);
  await model.atRest();
  await product.lifecycles.promote('hold-ends', { version: bad, expectedEpoch: 3, override: true, ...person });
  const { champion } = await model.until(({ epoch }) => epoch === 5);
  expect(champion?.version).toBe(good);
});

it('calls a human and keeps the champion when it should fall back and there is no previous version', async () => {
  const { model, good } = await withChampion('alone');
  const monitoring = product.hold('monitorDay');
  await model.tick('monitor', '2013-03-12', '2013-03-13T07:00:00Z');
  await monitoring.reached;
  await reportFallback('alone', '2013-03-12');
  const { health, champion } = await model.until((status) => status.health === 'needs-human');
  monitoring.release();
  expect({ health, version: champion?.version }).toEqual({ health: 'needs-human', version: good });
  await model.until(() => product.alerts.of('alone', 'fallback.impossible').length === 1);
});

it('ignores a verdict on a champion that has been replaced meanwhile', async () => {
  const { model, good, bad } = await withChampion('late-verdict');
  const holdFallbackUntil = new Date(Date.now() + 3_600_000).toISOString();
  await product.lifecycles.promote('late-verdict', {
    version: bad,
    expectedEpoch: 1,
    override: true,
    holdFallbackUntil,
    ...person,
  });
  await model.atRest();
  const monitoring = product.hold('monitorDay');
  await model.tick('monitor', '2013-03-12', '2013-03-13T07:00:00Z');
  await monitoring.reached;
  await product.lifecycles.promote('late-verdict', { version: good, expectedEpoch: 2, ...person });
  await model.until(({ epoch }) => epoch === 3);
  await reportFallback('late-verdict', '2013-03-12');
  monitoring.release();
  const { champion, epoch } = await model.atRest();
  expect({ version: champion?.version, epoch }).toEqual({ version: good, epoch: 3 });
});

/** What the held monitor child would report. */
async function reportFallback(name: string, day: string): Promise<void> {
  await product.client.workflow.getHandle(`lifecycle/${name}`).signal('childFinished', {
    kind: 'monitor',
    id: `monitorModel/${name}/${day}`,
    outcome: { type: 'monitored', day, verdict: 'fallback', reason: 'test' },
  });
}

it('lets exactly one of two promotions with the same expected epoch win', async () => {
  const { model, bad, good } = await withChampion('race');
  const holdFallbackUntil = new Date(Date.now() + 3_600_000).toISOString();
  const promote = (version: number) =>
    product.lifecycles.promote('race', { version, expectedEpoch: 1, override: true, holdFallbackUntil, ...person });
  await model.retrain('2013-03-11');
  const results = await Promise.allSettled([promote(bad), promote(bad)]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const loser = results.find((result) => result.status === 'rejected');
  expect(loser?.reason).toMatchObject({ code: 'EPOCH_CONFLICT' });
  const { epoch, previous } = await model.atRest();
  expect({ epoch, previous }).toEqual({ epoch: 2, previous: good });
  expect(await product.stores.registry.moves('race')).toHaveLength(2);
});

describe('rollback', () => {
  it('restores the previous version by name and reason', async () => {
    const { model, good, bad } = await withChampion('rollback');
    const holdFallbackUntil = new Date(Date.now() + 3_600_000).toISOString();
    const message = { version: bad, expectedEpoch: 1, override: true, holdFallbackUntil, ...person };
    await product.lifecycles.promote('rollback', message);
    await model.atRest();
    await product.lifecycles.rollback('rollback', { by: 'bob', reason: 'worse in the field' });
    const { champion, epoch } = await model.atRest();
    expect({ version: champion?.version, epoch }).toEqual({ version: good, epoch: 3 });
    const moves = await product.stores.registry.moves('rollback');
    expect(moves.at(-1)).toMatchObject({ why: 'rollback', by: 'bob', reason: 'worse in the field' });
  });

  it('is refused with NO_PREVIOUS when the champion is the first one, and frees the epoch', async () => {
    const { model, bad } = await withChampion('no-previous');
    await expect(product.lifecycles.rollback('no-previous', person)).rejects.toMatchObject({ code: 'NO_PREVIOUS' });
    const unknown = product.lifecycles.promote('no-previous', { version: 99, expectedEpoch: 1, ...person });
    await expect(unknown).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
    const unfit = product.lifecycles.promote('no-previous', { version: bad, expectedEpoch: 1, ...person });
    await expect(unfit).rejects.toMatchObject({ code: 'VERSION_NOT_ALLOWED' });
    const stale = product.lifecycles.promote('no-previous', {
      version: bad,
      expectedEpoch: 0,
      override: true,
      ...person,
    });
    await expect(stale).rejects.toMatchObject({ code: 'EPOCH_CONFLICT' });
    expect((await model.status()).epoch).toBe(1);
  });
});
