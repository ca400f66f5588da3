// The main path of a model's life on the real parts: from a deployment to served answers.
import { startProduct, type Product } from '../../setup/product';
import { deployTiny } from '../../setup/tiny-lifecycle';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

describe('the main path', () => {
  it('trains, proposes, waits for an approval by update, promotes, and serves the approved version', async () => {
    let t = Date.now();
    const lap = (what: string) => { console.log(what, Date.now() - t); t = Date.now(); };
    const model = await deployTiny(product, 'main-path');
    lap('deploy');
    await model.backfill();
    lap('backfill');
    await model.retrain('2013-03-27');
    lap('retrain');
    const proposal = await model.proposal();
    expect(proposal).toMatchObject({ contender: 'main', kind: 'first', approvedBy: [] });
    expect(await model.served()).toBeNull();
    await model.decide('approve');
    const { champion, epoch } = await model.atRest();
    lap('promote');
    expect(champion).toEqual({ version: proposal.version, contender: 'main' });
    expect(epoch).toBe(1);
    expect(await model.served()).toBe(proposal.version);
    console.log(product.alerts.received);
  });
});
