// A business metric of evaluations through the whole life of two cycles: measured, gated, shown, and decided again to the same digest.
import tiny from '../../models/tiny/model';
import { startProduct, type Product } from '../../setup/product';
import { openReports, type Reports } from '../../setup/reports';
import { deployTiny, type Tiny } from '../../setup/tiny-lifecycle';

const NAME = 'valued';
const METRIC = {
  name: 'saved',
  unit: 'EUR',
  better: 'higher',
  sql: 'SELECT sum(probability * (2 * label - 1) * (x1 + 20)) FROM scored',
  gates: [{ on: 'holdout', min: -1e9, maxWorse: 1e9 }],
} as const;

jest.setTimeout(300_000);
let product: Product;
let model: Tiny;
let reports: Reports;
beforeAll(async () => {
  product = await startProduct();
  reports = await openReports(product);
  const businessMetric = { ...METRIC, gates: [...METRIC.gates] };
  const fairness = [{ column: 'kind', metric: 'selection_rate' as const, maxGap: 1, maxIncrease: 1, minRows: 20 }];
  const beside = { slices: ['kind'], sliceMinRows: 20, fairness };
  const evaluation = { nonInferiority: { holdout: 0.05, truth: 0.05 }, businessMetric, ...beside };
  // The kind of an order is no feature here.
  const [order, past] = tiny.plan.features;
  const sql = 'SELECT id, x1, x2 FROM orders';
  const features = [{ ...order!, sql, features: { x1: 'number', x2: 'number' } as const }, past!];
  model = await deployTiny(product, NAME, { approval: { when: 'never' }, evaluation, features });
  await retrained('2013-03-11');
  await retrained('2013-03-16');
});
afterAll(async () => {
  reports.close();
  await product.close();
});
async function retrained(logicalTime: string): Promise<void> {
  await product.lifecycles.retrain(NAME, { logicalTime, reason: 'test', by: 'test' });
  await model.until(({ queued, open }) => queued === 0 && open.length === 0, 110_000);
}
const run = async (...args: readonly string[]): Promise<string> => (await reports.run(args)).text;

it('is measured on both sets, with intervals by day, and equals what its SQL says about the stored predictions', async () => {
  const [version] = await product.stores.registry.list(NAME);
  const evaluation = await product.stores.registry.evaluation(NAME, version!.version, version!.lineage.snapshot);
  const { holdout, truth } = evaluation!.business!;
  expect(evaluation!.business).toMatchObject({ name: 'saved', unit: 'EUR', better: 'higher' });
  expect([holdout.n, holdout.days]).toEqual([evaluation!.holdout.n, evaluation!.holdout.days]);
  expect([truth.n, truth.withoutDay.length]).toEqual([evaluation!.truth.n, evaluation!.truth.days]);
  expect(holdout.low!).toBeLessThan(holdout.value!);
  // A sum is the mean of the sums without one day each, times days / (days - 1).
  const mean = holdout.withoutDay.reduce<number>((sum, each) => sum + each!, 0) / holdout.days;
  expect((mean * holdout.days) / (holdout.days - 1)).toBeCloseTo(holdout.value!, 6);
});

it('is gated by itself and against the champion, and the decision comes out the same again', async () => {
  const [second] = await product.stores.registry.decisions(NAME, 1);
  const gates = second!.candidates[0]!.gates.filter(({ gate }) => gate.startsWith('business'));
  expect(gates).toMatchObject([
    { gate: 'business-min', on: 'holdout', of: 'saved', against: null, passed: true },
    { gate: 'business-worse', on: 'holdout', of: 'saved', against: second!.champion!.version, passed: true },
  ]);
  expect(gates[1]!.low).not.toBeNull();
  expect(await run('explain', NAME, '--recompute')).toContain('the same verdict, the same digest');
});

it('stands beside slices and groups of a column that is no feature, which no model has as an input', async () => {
  const [second] = await product.stores.registry.decisions(NAME, 1);
  const gates = second!.candidates[0]!.gates;
  const groups = gates.filter(({ gate }) => gate.startsWith('fairness'));
  expect(groups.map(({ gate, of }) => [gate, of])).toEqual([
    ['fairness-selection_rate', 'kind'],
    ['fairness-selection_rate-increase', 'kind'],
  ]);
  expect(groups.every(({ value, n }) => value !== null && n > 0)).toBe(true);
  const slices = gates.filter(({ gate }) => gate === 'slice').map(({ of }) => of);
  expect(new Set(slices)).toEqual(new Set(['kind = a', 'kind = b', 'kind = c']));
  const [version] = await product.stores.registry.list(NAME);
  const signature = JSON.parse((await product.artifacts.get(version!.signature)).toString()) as {
    columns: { name: string }[];
  };
  expect(signature.columns.map(({ name }) => name)).toEqual(['x1', 'x2', 'past_delay']);
});

it('is shown by evaluate and compare', async () => {
  expect(await run('evaluate', `${NAME}@1`)).toMatch(/saved, EUR.*\[/);
  const champion = (await product.stores.registry.champion(NAME)).version!;
  const others = (await product.stores.registry.list(NAME)).filter(({ version }) => version !== champion);
  const text = await run('compare', `${NAME}@${champion}`, `${NAME}@${others[0]!.version}`);
  expect(text.match(/saved, EUR/g)).toHaveLength(2);
});
