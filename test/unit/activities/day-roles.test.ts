// Roles of days in a cycle: training, holdout and truth days never share one (invariant 8).
import fc from 'fast-check';
import tiny from '../../models/tiny/model';
import { rolesOf, windowDays, windowStart } from '../../../src/activities/snapshots/day-roles';
import { addDays, daysBetween, isTruthDay } from '../../../src/domain/days';
import type { ModelPlan } from '../../../src/domain/plan/plan';

const planOf = (change: Partial<ModelPlan['snapshot']>): ModelPlan => ({
  ...tiny.plan,
  snapshot: { ...tiny.plan.snapshot, ...change },
});
const all = daysBetween('2013-02-20', '2013-06-30');

it('are disjoint, complete and in order for any labelled days, holdout length and truth rule', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(all),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 2, max: 20 }),
      (labelled, holdoutDays, everyNthDay) => {
        const { train, holdout, truth } = rolesOf(planOf({ holdoutDays, truthSet: { everyNthDay } }), labelled);
        expect([...train, ...holdout, ...truth].sort()).toEqual([...labelled].sort());
        expect(new Set([...train, ...holdout, ...truth]).size).toBe(labelled.length);
        expect(truth.every((day) => isTruthDay(day, everyNthDay))).toBe(true);
        expect([...train, ...holdout].some((day) => isTruthDay(day, everyNthDay))).toBe(false);
        expect(holdout.length).toBeLessThanOrEqual(holdoutDays);
        expect(train.every((day) => holdout.every((later) => day < later))).toBe(true);
        if (train.length > 0) expect(holdout).toHaveLength(holdoutDays);
      },
    ),
  );
});

it("never give a day of an earlier cycle's truth set to another role later", () => {
  const plan = planOf({ holdoutDays: 6, truthSet: { everyNthDay: 5 } });
  const early = rolesOf(plan, all.slice(0, 40));
  const late = rolesOf(plan, all);
  expect(early.truth.filter((day) => !late.truth.includes(day))).toEqual([]);
});

describe('the window', () => {
  it('starts with the data when it expands, and ends the day before the logical time', () => {
    const days = windowDays(planOf({ window: 'expanding' }), '2013-03-11');
    expect([days[0], days.at(-1), days.length]).toEqual(['2013-02-20', '2013-03-10', 19]);
  });

  it('has the declared length when it moves, but never starts before the data', () => {
    const plan = planOf({ window: '30 days' });
    expect(windowStart(plan, '2013-06-30')).toBe(addDays('2013-06-30', -30));
    expect(windowStart(plan, '2013-03-01')).toBe('2013-02-20');
    expect(windowDays(plan, '2013-06-30')).toHaveLength(30);
  });

  it('is empty at the start of the data', () => {
    expect(windowDays(planOf({}), '2013-02-20')).toEqual([]);
  });
});
