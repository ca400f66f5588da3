// Which partitions exist as of an instant. Every step that reads partitions asks here, so that none sees the future.
import { addDays, type Day } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import type { ModelPlan } from '../domain/plan/plan';
import { availableAt, parseAvailability } from '../domain/zones';

export function isAvailable(plan: ModelPlan, table: string, partition: Day, asOf: string): boolean {
  return Date.parse(availableAt(plan.tables[table]!.availableAt, partition, plan.timeZone)) <= Date.parse(asOf);
}

/** On the local day `today`: the newest partition of a table that is available as of the instant. */
export function newestAvailable(plan: ModelPlan, table: string, today: Day, asOf: string): Day {
  const partition = addDays(today, -parseAvailability(plan.tables[table]!.availableAt).offsetDays);
  return isAvailable(plan, table, partition, asOf) ? partition : addDays(partition, -1);
}

/** The refusal of a partition that is not available yet. */
export function notYet(plan: ModelPlan, table: string, partition: Day, asOf: string): UnderstudyError {
  const at = availableAt(plan.tables[table]!.availableAt, partition, plan.timeZone);
  return new UnderstudyError(
    'NOT_AVAILABLE_YET',
    `${table} of ${partition} is available at ${at}; the read is as of ${asOf}`,
  );
}
