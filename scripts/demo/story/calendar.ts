// The instants at which a model's Schedules would tick on a local day: pure, from the definition's cron expressions and its time zone.
import type { Day, IsoTimestamp } from '../../../src/domain/days';
import { SCHEDULE_KINDS, type TickKind } from '../../../src/domain/ids';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import { instantOf } from '../../../src/domain/zones';

/** One scheduled instant. */
export interface ScheduledTick {
  readonly kind: TickKind;
  readonly asOf: IsoTimestamp;
}

/** All ticks of a local day, in the order of their instants. */
export function ticksOn(day: Day, plan: Pick<ModelPlan, 'schedules' | 'timeZone'>): ScheduledTick[] {
  return SCHEDULE_KINDS.flatMap((kind) =>
    timesOn(day, plan.schedules[kind]).map((time) => ({ kind, asOf: instantOf(day, time, plan.timeZone) })),
  ).sort((a, b) => (a.asOf < b.asOf ? -1 : 1));
}

/** Day of the week, 0 for Sunday. */
export function dayOfWeek(day: Day): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}

/** The Monday on or before a day. */
export function weekOf(day: Day): Day {
  const back = (dayOfWeek(day) + 6) % 7;
  return new Date(Date.parse(`${day}T00:00:00Z`) - back * 86_400_000).toISOString().slice(0, 10);
}

/** The local times `HH:MM` of a cron expression on a day. */
function timesOn(day: Day, cron: string): string[] {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', weekday = ''] = cron.split(' ');
  const date = new Date(`${day}T00:00:00Z`);
  const due =
    matches(dayOfMonth, date.getUTCDate()) &&
    matches(month, date.getUTCMonth() + 1) &&
    (matches(weekday, date.getUTCDay()) || (date.getUTCDay() === 0 && matches(weekday, 7)));
  if (!due) return [];
  const two = (value: number): string => String(value).padStart(2, '0');
  const range = (field: string, count: number): number[] =>
    Array.from({ length: count }, (_, value) => value).filter((value) => matches(field, value));
  return range(hours, 24).flatMap((hour) => range(minutes, 60).map((minute) => `${two(hour)}:${two(minute)}`));
}

/** Numbers, lists, ranges and steps; definitions with names of days are written with numbers before they are deployed here. */
function matches(field: string, value: number): boolean {
  return field.split(',').some((item) => {
    const [range = '*', step = '1'] = item.split('/');
    const [low, high] = range === '*' ? [0, Infinity] : range.split('-').map(Number);
    if (low === undefined) return false;
    return value >= low && value <= (high ?? low) && (value - low) % Number(step) === 0;
  });
}
