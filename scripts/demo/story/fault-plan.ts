// Which fault happens on which day of a run, and which do not fit into a short one: pure.
import { addDays, dayNumber, isTruthDay, type Day } from '../../../src/domain/days';
import { dayOfWeek } from './calendar';

/** The faults of a run by local day; null: the run is too short for it. */
export interface FaultPlan {
  /** The day whose outcomes are delivered damaged, and the day after whose ticks the corrected file is announced. */
  readonly damaged: { readonly day: Day; readonly correctedOn: Day } | null;
  /** In whose cycle the trainer is killed: a Monday's, or on the first day the one that makes the first champion. */
  readonly killTraining: Day | null;
  /** After whose ticks a person puts a bad model in place. */
  readonly badModelOn: Day | null;
  /** After whose ticks two promotions race. */
  readonly raceOn: Day | null;
}

/** A re-delivery so long after the day that every day which looks back on it has been computed already. */
const LOOK_BACK_DAYS = 7;

/**
 * @param first - the first lived day.
 * @param last - the day of the last ticks, the day after the last lived one.
 * @param hasFirstCycle - false when a champion exists already.
 * @param truthEveryNthDay - days of the truth set are not damaged: their revision would change what all versions are judged on.
 */
export function planFaults(first: Day, last: Day, hasFirstCycle: boolean, truthEveryNthDay: number): FaultPlan {
  const span = dayNumber(last) - dayNumber(first);
  const long = span >= 70;
  const at = (ofLong: number, otherwise: number): Day => addDays(first, long ? ofLong : otherwise);
  let damagedDay = at(44, 1);
  if (isTruthDay(damagedDay, truthEveryNthDay)) damagedDay = addDays(damagedDay, 1);
  const corrected = addDays(damagedDay, LOOK_BACK_DAYS + 1);
  const damaged = span >= 5 ? { day: damagedDay, correctedOn: corrected < last ? corrected : last } : null;
  const mondays = Array.from({ length: span }, (_, index) => addDays(first, index + 1)).filter(
    (day) => dayOfWeek(day) === 1,
  );
  return {
    damaged,
    killTraining: mondays[long ? 1 : 0] ?? (hasFirstCycle ? first : null),
    badModelOn: at(23, Math.min(span, 3)),
    raceOn: at(58, Math.min(span, 4)),
  };
}

/** The faults that a run leaves out, in words. */
export function leftOut(plan: FaultPlan): string[] {
  const named: readonly (readonly [unknown, string])[] = [
    [plan.damaged, 'the damaged delivery'],
    [plan.killTraining, 'the killed training'],
    [plan.badModelOn, 'the bad model'],
    [plan.raceOn, 'the race'],
  ];
  return named.filter(([planned]) => planned === null).map(([, name]) => name);
}
