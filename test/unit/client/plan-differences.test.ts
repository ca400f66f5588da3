import { planDifferences } from '../../../src/client/plan-differences';
import { scheduleOptions } from '../../../src/client/schedules';
import { defineModel } from '../../../src/definition/define-model';
import { SCHEDULE_KINDS } from '../../../src/domain/ids';
import { modelInput } from '../definition/example';

const { plan } = defineModel(modelInput());

describe('the differences of two plans', () => {
  it('are none between a plan and itself', () => {
    const { differences, unchanged } = planDifferences(plan, plan);
    expect(differences).toEqual([]);
    expect(unchanged).toBeGreaterThan(50);
  });

  it('name each field that is new, changed or removed', () => {
    const { trees, ...others } = plan.contenders;
    const after = { ...plan, description: 'x', contenders: { ...others, deep: { ...trees!, params: {} } } };
    const { differences } = planDifferences(plan, after);
    expect(differences).toEqual([
      { path: 'description', change: 'changed', before: '""', after: '"x"' },
      { path: 'contenders.deep.trainer', change: 'new', before: null, after: '"lightgbm"' },
      { path: 'contenders.deep.seed', change: 'new', before: null, after: '1' },
      { path: 'contenders.trees.trainer', change: 'removed', before: '"lightgbm"', after: null },
      { path: 'contenders.trees.params.num_iterations', change: 'removed', before: '50', after: null },
      { path: 'contenders.trees.seed', change: 'removed', before: '1', after: null },
    ]);
  });

  it('are those of one view only when a view is put before the others', () => {
    const view = { ...plan.features[0]!, name: 'first', features: { extra: 'number' as const } };
    const { differences } = planDifferences(plan, { ...plan, features: [view, ...plan.features] });
    expect(new Set(differences.map(({ path }) => path.split('.').slice(0, 2).join('.')))).toEqual(
      new Set(['features.first']),
    );
  });

  it('count every field of a new model as new', () => {
    const { differences, unchanged } = planDifferences(null, plan);
    expect(unchanged).toBe(0);
    expect(differences.every(({ change }) => change === 'new')).toBe(true);
  });
});

describe('the Schedules of a model', () => {
  it.each(SCHEDULE_KINDS)('write out every policy of %s', (kind) => {
    expect(scheduleOptions(plan, kind)).toMatchObject({
      scheduleId: `late/${kind}`,
      spec: { cronExpressions: [plan.schedules[kind]], timezone: 'America/New_York' },
      action: {
        workflowType: 'tick',
        workflowId: `tick/late/${kind}`,
        taskQueue: 'understudy',
        args: [{ model: 'late', kind }],
      },
      policies: { overlap: expect.any(String) as string, catchupWindow: '7 days', pauseOnFailure: false },
    });
  });
});
