// `evaluation.weighted` through a lifecycle: recorded with the evaluation, decided by, made again to the same digest, and counted otherwise when the plan does.
import type { Measures } from '../../../src/domain/evaluation/evaluation';
import { startProduct, type Product } from '../../setup/product';
import { openReports, type Reports } from '../../setup/reports';
import { deployTiny, FIRST_DAY, LAST_DAY, type Tiny } from '../../setup/tiny-lifecycle';
import tiny from '../../models/tiny/model';

const NAME = 'weighty';
const label = { ...tiny.plan.label, weight: 'CASE WHEN delay >= 15 THEN 3 ELSE 1 END' };
jest.setTimeout(300_000);
let product: Product;
let model: Tiny;
let reports: Reports;
beforeAll(async () => {
  product = await startProduct();
  reports = await openReports(product);
  model = await deployTiny(product, NAME, {
    ...{ label, approval: { when: 'never' } },
    evaluation: { ...tiny.plan.evaluation, slices: ['kind'], sliceMinRows: 10, weighted: true },
  });
  await product.lifecycles.backfill(NAME, { from: FIRST_DAY, to: LAST_DAY, by: 'test' });
  await atRest();
  for (const logicalTime of ['2013-03-16', '2013-03-20']) {
    await product.lifecycles.retrain(NAME, { logicalTime, reason: 'test', by: 'test' });
    await atRest();
  }
});
/** With time for a machine that has other work. */
const atRest = () => model.until(({ queued, open }) => queued === 0 && open.length === 0, 110_000);
afterAll(async () => {
  reports.close();
  await product.close();
});

const evaluated = async (): Promise<Measures> =>
  (JSON.parse((await reports.run(['evaluate', `${NAME}@champion`, '--json'])).text) as { measures: Measures }).measures;

it('judges by weights, says so in evaluation and card, and makes its decision again to the same digest', async () => {
  const { version } = await product.stores.registry.champion(NAME);
  const { lineage } = await product.stores.registry.load(NAME, version!);
  const evaluation = (await product.stores.registry.evaluation(NAME, version!, lineage.snapshot))!;
  expect(evaluation.weighted).toBe(true);

  for (const { digest } of await product.stores.registry.decisions(NAME, 5)) {
    const { text, code } = await reports.run(['explain', NAME, digest, '--recompute', '--json']);
    expect(JSON.parse(text)).toMatchObject({ recomputed: { identical: true } });
    expect(code).toBe(0);
  }
  const versions = (await product.stores.registry.list(NAME)).map((each) => `${NAME}@${each.version}`).slice(-2);
  const { text } = await reports.run(['compare', ...versions]);
  expect(text).toContain('rows count by label.weight');
});

it('counts every row the same again when the definition says so, and the other way round', async () => {
  const weighted = await evaluated();
  await model.redeploy({ evaluation: { ...tiny.plan.evaluation, weighted: false } });
  const plain = await evaluated();
  expect(plain).not.toHaveProperty('weighted');
  expect(plain.holdout.metrics['log_loss']!.value).not.toBeCloseTo(weighted.holdout.metrics['log_loss']!.value!, 3);
  expect(plain.holdout.n).toBe(weighted.holdout.n);
  // Rows with the label 1 counted three times, in the constant to beat too.
  const rate = plain.baseRate.rate!;
  expect(weighted.baseRate.rate).toBeCloseTo((3 * rate) / (3 * rate + 1 - rate), 6);
});
