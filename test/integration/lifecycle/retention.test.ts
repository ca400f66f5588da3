// Retention: what nothing alive refers to goes, after a dry run; what anything refers to never does (invariant 7).
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct({ sweepGraceMs: 0 });
});
afterAll(() => product.close());

it('deletes an orphan and keeps every artifact of champion, previous and recent versions', async () => {
  const model = await deployTiny(product, 'swept', { approval: { when: 'never' } });
  await model.retrain('2013-03-11');
  const { champion } = await model.retrain('2013-03-16');
  const orphan = await product.artifacts.put(Buffer.from('nobody refers to this'), 'text/plain');
  const since = '2013-02-20';
  const alive = await product.stores.reachableArtifacts('swept', 10, since);
  await new Promise((resolve) => setTimeout(resolve, 20));

  await model.tick('retention', '2013-03-17', '2013-03-17T09:00:00Z');
  await model.atRest();

  expect(await product.artifacts.has(orphan.sha256)).toBe(false);
  expect(alive.size).toBeGreaterThan(100);
  for (const digest of alive) expect([digest, await product.artifacts.has(digest)]).toEqual([digest, true]);
  const entry = (await product.stores.audit.list('swept', 50)).find(({ action }) => action === 'artifacts.deleted');
  expect(entry?.details).toMatchObject({ count: expect.any(Number) as number });
  expect(await model.served()).toBe(champion?.version);
  expect((await model.retrain('2013-03-20')).epoch).toBe(3);
});

it('deletes nothing where nothing is unreachable', async () => {
  const model = await deployTiny(product, 'clean');
  await model.tick('retention', '2013-03-18', '2013-03-18T09:00:00Z');
  await model.atRest();
  const again = product.client.workflow.getHandle('retention/clean/2013-03-18/tick');
  expect(await again.result()).toEqual({ type: 'done', note: 'nothing to delete' });
});
