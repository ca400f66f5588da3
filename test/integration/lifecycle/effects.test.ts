// Effects happen once (invariant 2), and the check that says so turns red when one is planted twice.
import { startProduct, type Product } from '../../setup/product';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

let product: Product;
let model: Tiny;
beforeAll(async () => {
  product = await startProduct();
  model = await deployTiny(product, 'effects');
  await model.retrain('2013-03-11');
  await model.decide('approve');
  await model.atRest();
});
afterAll(() => product.close());

it('leaves no entry of the audit log twice after a whole cycle', async () => {
  expect(await product.stores.audit.duplicates('effects')).toEqual([]);
  const actions = (await product.stores.audit.list('effects', 100)).map(({ action }) => action).sort();
  expect(actions).toEqual(['champion.promotion', 'decision.promote', 'proposal.approved']);
});

it('runs an effect once when its activity is carried out again with the same key', async () => {
  const move = {
    model: 'effects',
    version: 0,
    expectedEpoch: 0,
    why: 'promotion',
    by: 'x',
    reason: 'x',
    asOf: '',
  } as const;
  let runs = 0;
  const again = () =>
    product.stores.ledger.once('test/effects/planted', 'digest', async () => {
      runs++;
      return { move };
    });
  expect([(await again()).first, (await again()).first, runs]).toEqual([true, false, 1]);
});

it('finds an effect that was planted a second time', async () => {
  const [entry] = await product.stores.audit.list('effects', 1);
  const { id: _id, at: _at, ...planted } = entry!;
  await product.stores.transaction((tx) => product.stores.audit.add(tx, planted));
  const duplicates = await product.stores.audit.duplicates('effects');
  expect(duplicates).toEqual([expect.objectContaining({ action: entry!.action, subject: entry!.subject, times: 2 })]);
  expect(() => expect(duplicates).toEqual([])).toThrow();
});
