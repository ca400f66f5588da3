// What the labels of the reference days have in common, and what always predicting it loses on a day, for each task.
import { constantLoss, constantOf, createConstantWatch } from '../../../src/activities/monitoring/constant-watch';
import { addDays, type Day } from '../../../src/domain/days';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import { targetOf } from '../../../src/domain/evaluation/task';
import { rowLossOf } from '../../../src/statistics/metrics/row-loss';
import tiny from '../../models/tiny/model';

const DAY = '2013-03-20';
const binary = tiny.plan;
const multiclass: ModelPlan = {
  ...binary,
  task: 'multiclass',
  label: { ...binary.label, classes: ['a', 'b', 'c'] },
};
const regression: ModelPlan = { ...binary, task: 'regression' };

/** Labels of the days before, the newest first; null: none. */
function before(plan: ModelPlan, ...byDay: readonly (readonly number[] | null)[]): Promise<readonly number[] | null> {
  const all = new Map<Day, readonly number[] | null>(byDay.map((labels, back) => [addDays(DAY, -1 - back), labels]));
  const watch = createConstantWatch({
    labels: async (_, day) => {
      const labels = all.get(day) ?? null;
      return labels && new Map(labels.map((label, row) => [`k${row}`, label]));
    },
  });
  return watch.before(plan, DAY, `${DAY}T00:00:00Z`);
}

it('is the share of positives, the share of each class, or the mean of the reference days', async () => {
  expect(await before(binary, [1, 0], null, [1, 1])).toEqual([0.75]);
  expect(await before(multiclass, [2, 0], [2, 2])).toEqual([0.25, 0, 0.75]);
  expect(await before(regression, [10, 20], [-6])).toEqual([8]);
  expect(await before(regression)).toBeNull();
});

it('looks at the reference days only', async () => {
  const days = Array.from({ length: 9 }, (_, back) => [back]);
  expect(await before(regression, ...days)).toEqual([3]);
});

it('loses the row loss of the task', () => {
  const loss = (plan: ModelPlan, labels: number[], constant: number[]) =>
    constantLoss(plan, labels, constant, rowLossOf({ target: targetOf(plan), trained: { mean: 0, variance: 4 } }));
  expect(loss(binary, [1, 0, 0, 0], [0.5])).toBeCloseTo(Math.log(2), 12);
  expect(loss(multiclass, [0, 2], [0.25, 0.25, 0.5])).toBeCloseTo((Math.log(4) + Math.log(2)) / 2, 12);
  expect(loss(regression, [1, 5], [3])).toBe(1);
  expect(loss(regression, [], [3])).toBeNull();
  expect(constantOf(regression, [])).toBeNull();
});
