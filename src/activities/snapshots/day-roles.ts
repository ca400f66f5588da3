// How a cycle uses the days before its logical time: truth days by the calendar rule, the latest others held out, the rest for training.
import { addDays, daysBetween, isTruthDay, type Day } from '../../domain/days';
import type { DayRoles } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';

/** First day of the training window of a cycle. */
export function windowStart(plan: ModelPlan, logicalTime: Day): Day {
  const { window, start } = plan.snapshot;
  if (window === 'expanding') return start;
  const first = addDays(logicalTime, -Number(window.split(' ')[0]));
  return first < start ? start : first;
}

/** The days of a cycle's window, from its start to the day before the logical time. */
export function windowDays(plan: ModelPlan, logicalTime: Day): Day[] {
  return daysBetween(windowStart(plan, logicalTime), addDays(logicalTime, -1));
}

/** Disjoint roles of labelled days (invariant 8). Days that are not in `labelled` have no role. */
export function rolesOf(plan: ModelPlan, labelled: readonly Day[]): DayRoles {
  const days = [...labelled].sort();
  const everyNth = plan.snapshot.truthSet.everyNthDay;
  const truth = days.filter((day) => isTruthDay(day, everyNth));
  const others = days.filter((day) => !isTruthDay(day, everyNth));
  const split = Math.max(0, others.length - plan.snapshot.holdoutDays);
  return { train: others.slice(0, split), holdout: others.slice(split), truth };
}
