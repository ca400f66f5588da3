// What is made of the kept numbers of a business metric: differences with intervals by day, and gates.
import { businessDifference } from '../../../src/activities/evaluation/business-measures';
import { defineModel } from '../../../src/definition/define-model';
import type { BusinessMeasures, BusinessSet } from '../../../src/domain/plan/business-metric';
import type { Measures } from '../../../src/domain/evaluation/evaluation';
import { businessAgainst, businessGates } from '../../../src/domain/gates/business';
import type { ModelPlanInput } from '../../../src/domain/plan/plan';
import tiny from '../../models/tiny/model';

type Metric = NonNullable<NonNullable<ModelPlanInput['evaluation']>['businessMetric']>;
const METRIC = { name: 'cost', unit: 'EUR', better: 'lower', sql: 'SELECT 1' } as const;
const planWith = (metric: Metric, evidence: 'estimate' | 'interval' = 'estimate') =>
  defineModel({ ...tiny.plan, evaluation: { businessMetric: metric, nonInferiority: { truth: 0.02, evidence } } }).plan
    .evaluation;

function businessOf(withoutDay: readonly (number | null)[], value: number | null): BusinessMeasures {
  const set: BusinessSet = { value, low: null, high: null, n: 100, days: withoutDay.length, withoutDay };
  return { name: 'cost', unit: 'EUR', better: 'lower', sqlDigest: 'd', holdout: set, truth: set };
}
/** Means of the days 1 to 4: without day i the mean is that of the others, so the jackknife is the t interval of the mean. */
const base = businessOf([3, 3, 3, 3], 3);
const other = businessOf([3 + 3, 3 + 8 / 3, 3 + 7 / 3, 3 + 2], 3 + 2.5);

it('gives the t interval by day of the difference where the metric is a mean', () => {
  const { value, low, high, n, days } = businessDifference(base, other, 'holdout');
  expect({ value, n, days }).toEqual({ value: 2.5, n: 100, days: 4 });
  // scipy.stats.t.interval(0.95, 3, loc=2.5, scale=scipy.stats.sem([1, 2, 3, 4]))
  expect(low).toBeCloseTo(0.4457397432391208, 9);
  expect(high).toBeCloseTo(4.554260256760879, 9);
});

it('has no difference between other metrics, other rows, or where a version has no number', () => {
  const none = { value: null, low: null, high: null };
  expect(businessDifference(undefined, other, 'truth')).toMatchObject(none);
  expect(businessDifference({ ...base, sqlDigest: 'e' }, other, 'truth')).toMatchObject(none);
  expect(businessDifference(base, businessOf([1, 2], null), 'truth')).toMatchObject(none);
  expect(businessDifference(base, businessOf([3, null, 3, 3], 3), 'truth')).toMatchObject({ value: 0, low: null });
});

it('judges bounds and the loss against the other version, whichever way is better, and fails closed', () => {
  const gates = [{ on: 'holdout', max: 5, maxWorse: 2 }] as const;
  const plan = planWith({ ...METRIC, gates: [...gates] });
  const measures = { business: other } as unknown as Measures;
  expect(businessGates(plan.businessMetric, measures)).toMatchObject([
    { gate: 'business-max', on: 'holdout', of: 'cost', value: 5.5, threshold: 5, passed: false, days: 4 },
  ]);
  expect(businessGates(plan.businessMetric, {} as Measures)).toMatchObject([{ value: null, passed: false }]);
  const against = { version: 7, name: 'the champion' };
  const difference = businessDifference(base, other, 'holdout');
  const judged = (evaluation: typeof plan) => businessAgainst(evaluation, against, () => difference)[0];
  expect(judged(plan)).toMatchObject({ gate: 'business-worse', against: 7, value: 2.5, passed: false });
  const higher = { ...METRIC, better: 'higher' as const, gates: [...gates] };
  expect(judged(planWith(higher))).toMatchObject({ value: -2.5, low: -difference.high!, passed: true });
  expect(judged(planWith(higher, 'interval'))).toMatchObject({ value: -difference.low!, passed: true });
  expect(businessAgainst(plan, against, () => businessDifference(undefined, other, 'holdout'))).toMatchObject([
    { value: null, passed: false },
  ]);
});

it('is refused in a definition with a gate that bounds nothing, contradicts itself, or comes twice', () => {
  const refused = (gates: Metric['gates']) => () => planWith({ ...METRIC, gates: gates! });
  expect(refused([{ on: 'truth' }])).toThrow('gates[0]: found none of min, max and maxWorse');
  expect(refused([{ on: 'truth', min: 2, max: 1 }])).toThrow('gates[0].min: found 2, allowed is at most max (1)');
  expect(
    refused([
      { on: 'truth', min: 2 },
      { on: 'truth', max: 1 },
    ]),
  ).toThrow('gates[1].on: found "truth" a second time');
});
