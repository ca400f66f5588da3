/** @jest-environment ./test/setup/host-arrays-environment.js */
// Warm starts through the real lifecycle and the real Python worker: the line is recorded, and a start that has seen too much is refused.
import { readFileSync } from 'node:fs';
import { lightgbm, logistic } from '../../../src';
import { defineModel } from '../../../src/definition/define-model';
import type { Explanation } from '../../../src/domain/evaluation/explanation';
import type { ModelVersion } from '../../../src/domain/lifecycle/registry';
import type { ModelSignature } from '../../../src/domain/training/training';
import tiny from '../../models/tiny/model';
import type { Product } from '../../setup/product';
import { deployTiny, type Change, type Tiny } from '../../setup/tiny-lifecycle';
import { startTrainedProduct, type TrainedProduct } from '../../setup/trained-product';

const TREES = { iterations: 5, minLeafRows: 5 } as const;
/** The last kind is unknown in the first weeks. */
const LATE_KIND = {
  ...tiny.plan.features[0]!,
  sql: "SELECT id, x1, x2, CASE WHEN kind = 'a' AND partition_day < DATE '2013-03-06' THEN 'c' ELSE kind END AS kind FROM orders",
};
const FEATURES = [LATE_KIND, tiny.plan.features[1]!] as Change['features'];
const EARLY = '2013-03-11';
const LATER = '2013-03-25';

let trained: TrainedProduct;
let product: Product;
let model: Tiny;
beforeAll(async () => {
  trained = await startTrainedProduct();
  ({ product } = trained);
  const snapshot = { ...tiny.plan.snapshot, window: 'expanding' } as const;
  model = await deployTiny(product, 'warm', {
    ...{ snapshot, features: FEATURES!, approval: { when: 'never' } },
    contenders: {
      light: lightgbm({ ...TREES, startFrom: { version: 'parent' } }),
      linear: logistic({ startFrom: { version: 'parent' } }),
    },
  });
  await model.backfill();
});
afterAll(() => trained.close());

async function retrain(of: Tiny, logicalTime: string): Promise<void> {
  await product.lifecycles.retrain(
    of.name,
    { logicalTime, reason: 'test', by: 'test' },
    `r-${logicalTime}-${Math.random()}`,
  );
  await of.until(({ queued, open }) => queued === 0 && open.length === 0, 90_000);
}
async function newest(of: Tiny, contender: string): Promise<ModelVersion> {
  return (await product.stores.registry.newestOf(of.name, contender))!;
}
async function kindsOf(version: ModelVersion): Promise<readonly string[]> {
  const path = await product.artifacts.localPath(version.signature);
  const { columns } = JSON.parse(readFileSync(path, 'utf8')) as ModelSignature;
  return columns.flatMap((column) => (column.name === 'kind' && column.kind === 'category' ? column.categories : []));
}
const refusals = (of: string) => product.alerts.of(of, 'contender.failed').map(({ why }) => why);

it('goes on from the newest version of the contender, in codes that begin with that version’s', async () => {
  await retrain(model, EARLY);
  const [first, linear] = [await newest(model, 'light'), await newest(model, 'linear')];
  expect(first.lineage).not.toHaveProperty('startFrom');
  await retrain(model, LATER);
  const second = await newest(model, 'light');
  const { snapshot } = first.lineage;
  const { trainDays } = (await product.stores.features.loadSnapshot(snapshot))!;
  expect(second.lineage.startFrom).toEqual({
    ...{ model: 'warm', version: first.version, contender: 'light', native: first.training.native },
    ...{ seenTo: trainDays.to, truthEveryNthDays: [4] },
  });
  expect([first.training.iterations, second.training.iterations]).toEqual([5, 10]);
  expect([await kindsOf(first), await kindsOf(second)]).toEqual([
    ['b', 'c'],
    ['b', 'c', 'a'],
  ]);
  // It is explained in its own codes: the score that its features are measured against is the one that it was evaluated with.
  const { artifact } = (await product.stores.explanations.find('warm', second.version))!;
  const { importance } = JSON.parse((await product.artifacts.get(artifact)).toString()) as Explanation;
  const { holdout } = (await product.stores.registry.evaluation('warm', second.version, second.lineage.snapshot))!;
  expect([importance.metric, importance.rows]).toEqual(['log_loss', holdout.n]);
  expect(importance.baseline).toBeCloseTo(holdout.metrics.log_loss!.value!, 9);
  const weights = await newest(model, 'linear');
  expect(weights.lineage.startFrom).toMatchObject({ version: linear.version, contender: 'linear' });
  const reachable = await product.stores.reachableArtifacts('warm', 1, '2013-04-04');
  expect(reachable.has(first.training.native.sha256)).toBe(true);
});

it('gives the linear model the same optimum from any start', async () => {
  const cold = await deployTiny(product, 'cold', {
    ...{ ...model.plan(), name: 'cold' },
    contenders: { linear: logistic() },
  });
  await cold.backfill();
  await retrain(cold, LATER);
  const rows = (version: ModelVersion) =>
    product.stores.registry.evaluation(version.model, version.version, version.lineage.snapshot);
  const [warm, plain] = [await rows(await newest(model, 'linear')), await rows(await newest(cold, 'linear'))];
  expect(warm!.holdout.metrics.log_loss?.value).toBeCloseTo(plain!.holdout.metrics.log_loss!.value!, 5);
});

it('starts from another model’s champion, and refuses what does not exist there', async () => {
  const { champion } = await model.status();
  const { contender } = champion!;
  const trainer = contender === 'light' ? lightgbm : logistic;
  const change = { ...model.plan(), name: 'other' };
  const other = await deployTiny(product, 'other', {
    ...change,
    contenders: {
      taught: trainer({ startFrom: { model: 'warm', version: 'champion' } }),
      lost: logistic({ startFrom: { model: 'nobody', version: 'champion' } }),
      foreign:
        contender === 'light'
          ? logistic({ startFrom: { model: 'warm', version: 'champion' } })
          : lightgbm({ startFrom: { model: 'warm', version: 'champion' } }),
    },
  });
  await other.backfill();
  await retrain(other, '2013-04-03');
  expect((await newest(other, 'taught')).lineage.startFrom).toMatchObject({
    model: 'warm',
    version: champion!.version,
  });
  const why = refusals('other').sort();
  expect(why).toHaveLength(2);
  expect(why.join('\n')).toContain(
    'contenders.lost.startFrom: found: the model nobody has no champion; allowed is a version that exists.',
  );
  expect(why.join('\n')).toContain(`found: warm@${champion!.version} was trained by`);
});

it('refuses a version that has seen days of the holdout or of the truth set', async () => {
  const { version } = await newest(model, 'light');
  await model.redeploy({ contenders: { light: lightgbm({ ...TREES, startFrom: { version } }) } });
  await retrain(model, '2013-03-18');
  expect(refusals('warm').at(-1)).toMatch(
    /^START_REFUSED: contenders\.light\.startFrom: found: warm@\d+ was trained on days up to 2013-03-\d\d, and the holdout starts on 2013-03-\d\d; allowed is a version that has seen no day of the holdout\.$/,
  );
  await model.redeploy({
    contenders: { light: lightgbm({ ...TREES, startFrom: { version } }) },
    snapshot: { ...model.plan().snapshot, truthSet: { everyNthDay: 6 } },
  });
  await retrain(model, '2013-04-03');
  expect(refusals('warm').at(-1)).toContain('kept out every 4th day, and the truth set is every 6th');
});

it('refuses at load time what cannot start from a version', () => {
  const contenders = {
    searched: lightgbm({ startFrom: { version: 'parent' }, tuning: { space: { num_leaves: { choices: [3, 7] } } } }),
    elsewhere: lightgbm({ startFrom: { model: 'warm', version: 'parent' } }),
    forest: { trainer: 'sklearn', estimator: 'random-forest', startFrom: { version: 'parent' } } as const,
  };
  const define = () => defineModel({ ...tiny.plan, contenders });
  expect(define).toThrow(/contenders\.searched\.tuning: found a search beside startFrom/);
  expect(define).toThrow(/contenders\.elsewhere\.startFrom\.version: found "parent"/);
  expect(define).toThrow(/contenders\.forest\.startFrom: found startFrom with the trainer "sklearn"/);
});
