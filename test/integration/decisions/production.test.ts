// Candidates on what the champion has served since its promotion: which rows count, what is reported, what the gates say.
import type { Judged } from '../../../src/activities/judging/compare';
import { productionGates, productionReport, productionRows } from '../../../src/activities/judging/production';
import type { JudgedRows, JudgedSet } from '../../../src/activities/evaluation/rows';
import { defineModel } from '../../../src/definition/define-model';
import { dayNumber, type Day } from '../../../src/domain/days';
import type { ModelPlanInput } from '../../../src/domain/plan/plan';
import { createStores } from '../../../src/stores/stores';
import type { Stores } from '../../../src/ports/stores';
import tiny from '../../models/tiny/model';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { move, saveCandidates } from '../stores/fixtures';

const PROMOTED = '2013-03-04T12:00:00.000Z';
type Production = NonNullable<NonNullable<ModelPlanInput['evaluation']>['production']>;
const planWith = (production: Production, evidence: 'estimate' | 'interval' = 'estimate') =>
  defineModel({ ...tiny.plan, evaluation: { nonInferiority: { truth: 0.05, evidence }, production } }).plan;

/** Four rows of each day; labels 0, 1, 0, 1. */
function rowsOf(days: readonly Day[]): JudgedRows {
  const rows = days.flatMap((day) => [0, 1, 2, 3].map((n) => ({ day, key: `${day}/${n}`, label: n % 2 })));
  return {
    rows: rows.length,
    labels: Float32Array.from(rows, ({ label }) => label),
    days: Int32Array.from(rows, ({ day }) => dayNumber(day)),
    keys: rows.map(({ key }) => key),
    category: () => null,
    target: { task: 'binary' },
  };
}
const sets: Record<JudgedSet, JudgedRows> = {
  holdout: rowsOf(['2013-03-04', '2013-03-05', '2013-03-07']),
  truth: rowsOf(['2013-03-06']),
};
const sure = (p: number) => (set: JudgedSet) =>
  Float32Array.from(sets[set].labels, (label) => (label === 1 ? p : 1 - p));
const candidate = (p: number): Judged =>
  ({ version: { version: 3 }, predictions: { holdout: sure(p)('holdout'), truth: sure(p)('truth') } }) as Judged;

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createTestDatabase();
  stores = await createStores(database.url);
  await saveCandidates(stores, 'tiny', 3);
  await move(stores, 'tiny', { version: 1, expectedEpoch: 0, why: 'promotion', asOf: '2013-03-01T00:00:00.000Z' });
  await move(stores, 'tiny', { version: 2, expectedEpoch: 1, why: 'promotion', asOf: PROMOTED });
  const logged = (day: Day, n: number, version: number, time: string) => ({
    ...{ model: 'tiny', version, partition: day, entityKey: `${day}/${n}`, asOf: `${day}T${time}:00.000Z` },
    probability: n % 2 === 1 ? 0.7 : 0.3,
  });
  await stores.predictions.append([
    // Before the promotion, and by the version before: both do not count.
    logged('2013-03-04', 0, 2, '11:00'),
    logged('2013-03-04', 1, 1, '13:00'),
    logged('2013-03-04', 2, 2, '13:00'),
    logged('2013-03-05', 1, 2, '09:00'),
    logged('2013-03-06', 3, 2, '09:00'),
    logged('2013-03-07', 0, 2, '09:00'),
    // No row of the snapshot.
    logged('2013-03-08', 0, 2, '09:00'),
  ]);
});
afterAll(async () => {
  await stores.close();
  await database.drop();
});
const found = (plan: ReturnType<typeof planWith>) => productionRows(stores, plan, { version: 2, epoch: 2 }, sets);

it('takes the rows that this champion has served since its promotion, of holdout and truth set, with what it answered', async () => {
  const production = (await found(planWith({})))!;
  expect([...production.rows.days].map((day) => day - dayNumber('2013-03-04'))).toEqual([0, 1, 2, 3]);
  expect([...production.rows.labels]).toEqual([0, 1, 1, 0]);
  expect([...production.served].map((p) => Number(p.toFixed(3)))).toEqual([0.3, 0.7, 0.7, 0.3]);
  const picked = production.pick(candidate(0.8).predictions);
  expect([...picked].map((p) => Number(p.toFixed(3)))).toEqual([0.2, 0.8, 0.8, 0.2]);
  await expect(productionRows(stores, tiny.plan, { version: 2, epoch: 2 }, sets)).resolves.toBeNull();
});

it('reports candidates beside what was served, on the same rows', async () => {
  const plan = planWith({});
  const report = productionReport(plan, await found(plan), [candidate(0.8)])!;
  expect([report.n, report.days]).toEqual([4, 4]);
  expect(report.champion.metrics.log_loss!.value).toBeCloseTo(-Math.log(0.7), 6);
  expect(report.candidates[0]!.metrics.metrics.log_loss!.value).toBeCloseTo(-Math.log(0.8), 6);
});

it('judges bounds and non-inferiority to what was served, and fails closed with too few rows', async () => {
  const plan = planWith({ minRows: 4, nonInferiority: 0.1, gates: [{ metric: 'accuracy', min: 0.9 }] });
  const production = await found(plan);
  const verdicts = (p: number) =>
    productionGates(plan, production, { version: 2 }, candidate(p)).map(({ gate, on, passed }) => [gate, on, passed]);
  expect(verdicts(0.8)).toEqual([
    ['min-rows', 'production', true],
    ['min-days', 'production', true],
    ['accuracy-min', 'production', true],
    ['non-inferiority', 'production', true],
  ]);
  const worse = productionGates(plan, production, { version: 2 }, candidate(0.6)).at(-1)!;
  expect(worse).toMatchObject({ gate: 'non-inferiority', against: 2, passed: false });
  expect(worse.value).toBeCloseTo(Math.log(0.7 / 0.6), 6);

  const few = productionGates(planWith({ minRows: 5 }), production, { version: 2 }, candidate(0.8));
  expect(few[0]).toMatchObject({ gate: 'min-rows', value: 4, threshold: 5, passed: false });
});

it('passes no gate without a single served row, and reports nothing', async () => {
  const plan = planWith({ nonInferiority: 0.1, gates: [{ metric: 'log_loss', max: 9 }] });
  const none = await productionRows(stores, plan, { version: 2, epoch: 9 }, sets);
  const gates = productionGates(plan, none, { version: 2 }, candidate(0.9));
  expect(gates.map(({ passed, value }) => [passed, value])).toEqual([
    [false, 0],
    [false, 0],
    [false, null],
    [false, null],
  ]);
  expect(productionReport(plan, none, [candidate(0.9)])).toBeNull();
});

it('is refused in a definition with a gate that bounds nothing', () => {
  expect(() => planWith({ gates: [{ metric: 'log_loss' }] })).toThrow(
    'evaluation.production.gates[0]: found neither min nor max, allowed is at least one of them',
  );
});
