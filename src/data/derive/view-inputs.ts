// Which partitions a feature view may see for a day, and the hash that names its result.
// Invariant: nothing that did not exist at the day's event times is ever bound, and equal keys mean equal inputs.
import { createHash } from 'node:crypto';
import { addDays, daysBetween, type Day, type IsoTimestamp } from '../../domain/days';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan';
import { availableAt, instantOf } from '../../domain/zones';

/** A partition that a view may see. */
export interface BindablePartition {
  readonly table: string;
  readonly partition: Day;
  /** When the partition as a whole is available. Single rows of a table with `rowAvailableAt` exist earlier. */
  readonly availableAt: IsoTimestamp;
}

/** An accepted partition as a local file. */
export interface Binding {
  readonly table: string;
  readonly partition: Day;
  readonly path: string;
}

/** One accepted partition that a result was computed from. */
export interface FeatureInput {
  readonly table: string;
  readonly partition: Day;
  readonly sha256: string;
}

/**
 * The partitions that a view may see for a day, by table and day: those of its look-back (D-k to D, never before the first day of
 * the data) that are available when D starts; of a table with `rowAvailableAt` all of the look-back, because its rows say when they exist.
 */
export function bindablePartitions(plan: ModelPlan, view: FeatureViewPlan, day: Day): BindablePartition[] {
  const dayStart = Date.parse(instantOf(day, '00:00', plan.timeZone));
  return Object.entries(view.reads)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([table, lookBackDays]) => {
      const tablePlan = plan.tables[table];
      if (!tablePlan) return [];
      const first = addDays(day, -lookBackDays);
      return daysBetween(first < plan.snapshot.start ? plan.snapshot.start : first, day)
        .map((partition) => {
          return { table, partition, availableAt: availableAt(tablePlan.availableAt, partition, plan.timeZone) };
        })
        .filter((bound) => tablePlan.rowAvailableAt !== undefined || Date.parse(bound.availableAt) <= dayStart);
    });
}

/**
 * The key of a view's result for a day (SHA-256, hexadecimal): over its SQL and features, the entity, the availability of what it
 * reads, the day, and exactly the inputs. The order of `inputs` does not matter.
 */
export function featureKey(plan: ModelPlan, view: FeatureViewPlan, day: Day, inputs: readonly FeatureInput[]): string {
  const availability = Object.keys(view.reads)
    .sort()
    .map((table) => [table, plan.tables[table]?.availableAt ?? null, plan.tables[table]?.rowAvailableAt ?? null]);
  const bound = inputs.map(({ table, partition, sha256 }) => [table, partition, sha256].join(' ')).sort();
  const content = {
    format: 1,
    sql: view.sql,
    features: Object.entries(view.features),
    entity: [plan.entity.table, plan.entity.key],
    timeZone: plan.timeZone,
    availability,
    day,
    inputs: bound,
  };
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
