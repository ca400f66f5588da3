// Which faults fit into a run, and on which days.
import { addDays, isTruthDay } from '../../../src/domain/days';
import { leftOut, planFaults } from '../../../scripts/demo/story/fault-plan';

const season = (days: number, hasFirstCycle = true) =>
  planFaults('2013-07-01', addDays('2013-07-01', days), hasFirstCycle, 10);

describe('the faults of a run', () => {
  it('all fit into the whole season, on days of their own', () => {
    const plan = season(92);
    expect(leftOut(plan)).toEqual([]);
    expect(plan.damaged).toEqual({ day: '2013-08-14', correctedOn: '2013-08-22' });
    expect(plan.killTraining).toBe('2013-07-15');
    const days = [plan.damaged?.day, plan.damaged?.correctedOn, plan.killTraining, plan.badModelOn, plan.raceOn];
    expect(new Set(days).size).toBe(5);
  });

  it('leave out what does not fit into a short run, and say so', () => {
    expect(leftOut(season(3))).toEqual(['the damaged delivery']);
    expect(season(3).killTraining).toBe('2013-07-01');
    expect(leftOut(season(3, false))).toEqual(['the damaged delivery', 'the killed training']);
  });

  it('never damage a day of the truth set, and always correct it within the run', () => {
    for (let days = 2; days < 100; days++) {
      const { damaged, badModelOn, raceOn } = season(days);
      const last = addDays('2013-07-01', days);
      for (const day of [badModelOn, raceOn]) expect(day! <= last).toBe(true);
      if (!damaged) continue;
      expect(isTruthDay(damaged.day, 10)).toBe(false);
      expect(damaged.correctedOn > addDays(damaged.day, 1) && damaged.correctedOn <= last).toBe(true);
    }
  });
});
