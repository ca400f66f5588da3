// What `check` says of evidence that can never be had, beside what it refuses.
import { evaluationNotes, evaluationProblems } from '../../../src/definition/checks/evaluation-checks';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import tiny from '../../models/tiny/model';

const plan = (holdoutDays: number, contenders: number): ModelPlan => ({
  ...tiny.plan,
  snapshot: { ...tiny.plan.snapshot, holdoutDays },
  contenders: Object.fromEntries(Object.entries(tiny.plan.contenders).slice(0, contenders)),
});

it('says that no contender can take over while the holdout is shorter than a switch needs', () => {
  expect(evaluationNotes(plan(13, 2))).toEqual([expect.stringContaining('snapshot.holdoutDays is 13')]);
  expect(evaluationNotes(plan(14, 2))).toEqual([]);
});

it('has nothing to say of a model with one contender, which is only ever refreshed', () => {
  expect(evaluationNotes(plan(5, 1))).toEqual([]);
});

it('takes a longer evidence than 14 days, and no shorter one', () => {
  const found = (minDays: number) => {
    const { evaluation } = tiny.plan;
    const superiority = { ...evaluation.superiority, minDays };
    return evaluationProblems({ ...tiny.plan, evaluation: { ...evaluation, superiority } }).map(({ path }) => path);
  };
  expect([found(13), found(14), found(28)]).toEqual([['evaluation.superiority.minDays'], [], []]);
});
