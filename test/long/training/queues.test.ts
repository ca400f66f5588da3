// Resources of contenders: a queue of their own is served by a second Python worker, and by nobody else.
import { lightgbm } from '../../../src';
import { challengerId, cycleId } from '../../../src/domain/ids';
import type { Product } from '../../setup/product';
import { deployTiny, FIRST_DAY } from '../../setup/tiny-lifecycle';
import { startTrainedProduct, type TrainedProduct } from '../../setup/trained-product';

const DAY = '2013-03-16';
const CYCLE_WITHIN_MS = 60_000;

let trained: TrainedProduct;
let product: Product;
beforeAll(async () => {
  trained = await startTrainedProduct();
  ({ product } = trained);
});
afterAll(() => trained.close());

it('the queue of a contender decides which worker trains it, and that worker has what the contender asks for', async () => {
  const resources = { queue: 'big-machine', cpu: 1, memory: '2 GiB' };
  const model = await deployTiny(product, 'queued', {
    approval: { when: 'never' },
    contenders: {
      near: lightgbm({ iterations: 5, leaves: 4, minLeafRows: 5 }),
      far: lightgbm({ iterations: 6, leaves: 4, minLeafRows: 5, resources }),
      // More than any machine has: refused by the worker of the queue, with what it has.
      greedy: lightgbm({ iterations: 5, resources: { queue: 'big-machine', memory: '999999 GiB' } }),
    },
  });
  const atRest = () => model.until(({ queued, open }) => queued === 0 && open.length === 0, CYCLE_WITHIN_MS);
  await product.lifecycles.backfill('queued', { from: FIRST_DAY, to: DAY, by: 'test' });
  await atRest();
  await product.lifecycles.retrain('queued', { logicalTime: DAY, reason: 'test', by: 'test' }, 'once');
  const versions = async () =>
    (await product.stores.registry.list('queued')).map(({ contender, lineage }) => [contender, lineage.params]);
  const isTrained = async (contender: string) => (await versions()).some(([name]) => name === contender);
  for (const until = Date.now() + CYCLE_WITHIN_MS; !(await isTrained('near'));) {
    if (Date.now() > until) throw new Error('near was not trained in time');
    await new Promise((settle) => setTimeout(settle, 50));
  }
  const far = product.client.workflow.getHandle(challengerId(cycleId('queued', DAY, 1), 'far'));
  const [waiting] = (await far.describe()).raw.pendingActivities ?? [];
  // Nobody has taken it: its attempt has not begun.
  expect(waiting).toMatchObject({ activityType: { name: 'train' }, lastStartedTime: null });
  await trained.startWorker('big-machine');
  await atRest();
  expect((await versions()).map(([name]) => name).sort()).toEqual(['far', 'near']);
  const told = (await product.stores.outbox.list('queued', 50)).map(({ alert }) => alert.why);
  expect(told.join()).toMatch(
    /TRAINING_FAILED: The contender asks for \d+ MiB of memory; this machine has \d+: choose another machine/,
  );
});
