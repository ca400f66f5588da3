// Which partitions a feature view may see for a day, and the hash that names its result.
// Invariant: nothing that did not exist at the day's event times is ever bound, and equal keys mean equal inputs.
import { createHash } from 'node:crypto';
import { addDays, daysBetween, type Day, type IsoTimestamp } from '../../domain/days';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import { availableAt, instantOf } from '../../domain/zones';
import { viewNamed } from './view-graph';

/** A partition that a view may see. */
export interface BindablePartition {
  /** The table, or the other view. */
  readonly table: string;
  readonly partition: Day;
  /** When the partition as a whole is available. Single rows of a table with `rowAvailableAt`, and of a view, exist earlier. */
  readonly availableAt: IsoTimestamp;
}

/** A partition as a local file: an accepted one of a table, or the features of a view. */
export interface Binding {
  readonly table: string;
  readonly partition: Day;
  readonly path: string;
  /** Views only: the key of the partition in a file that holds many. Absent: the file holds this one alone. */
  readonly within?: string;
}

/** One partition that a result was computed from. */
export interface FeatureInput {
  readonly table: string;
  readonly partition: Day;
  /** Of a table's partition the digest of its rows, of a view's partition its key. */
  readonly sha256: string;
}

/**
 * The partitions that a view may see for a day, by table and day: those of its look-back (D-k to D, never before the first day of
 * the data) that are available when D starts; of a table with `rowAvailableAt`, and of another view, all of the look-back, because their
 * rows say when they exist. The entity table's partition of the day is always among them: it says which rows there are to be.
 */
export function bindablePartitions(plan: ModelPlan, view: FeatureViewPlan, day: Day): BindablePartition[] {
  const at = instants(plan);
  const dayStart = Date.parse(at('D 00:00', day));
  return Object.entries({ [plan.entity.table]: 0, ...view.reads })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([table, lookBackDays]) => {
      const tablePlan = plan.tables[table];
      if (!tablePlan && !viewNamed(plan, table)) return [];
      const rule = tablePlan?.availableAt ?? 'D+1 00:00';
      const first = addDays(day, -lookBackDays);
      return daysBetween(first < plan.snapshot.start ? plan.snapshot.start : first, day)
        .map((partition) => ({ table, partition, availableAt: at(rule, partition) }))
        .filter((bound) => saysRowByRow(plan, table) || Date.parse(bound.availableAt) <= dayStart);
    });
}

/** Whether the rows of a table or view become available one by one, so that `available_at` has to be asked. */
export function saysRowByRow(plan: ModelPlan, table: string): boolean {
  const tablePlan = plan.tables[table];
  return tablePlan ? tablePlan.rowAvailableAt !== undefined : viewNamed(plan, table) !== undefined;
}

/**
 * The version of a view by its content (SHA-256, hexadecimal): SQL, features, look-backs, the entity, and the availability of what it
 * reads, with the versions of the views that it reads. Name, owner and description do not count; nor does the model.
 */
export function viewDigest(plan: ModelPlan, view: FeatureViewPlan): string {
  const digests = DIGESTS.get(plan) ?? new WeakMap<FeatureViewPlan, string>();
  DIGESTS.set(plan, digests);
  const known = digests.get(view);
  if (known !== undefined) return known;
  const availability = Object.keys(view.reads)
    .sort()
    .map((name) => {
      const table = plan.tables[name];
      const inner = table ? undefined : viewNamed(plan, name);
      if (inner) return [name, viewDigest(plan, inner)];
      return [name, table?.availableAt ?? null, table?.rowAvailableAt ?? null];
    });
  const content = {
    format: 2,
    sql: view.sql,
    features: Object.entries(view.features),
    reads: Object.entries(view.reads).sort(([a], [b]) => (a < b ? -1 : 1)),
    entity: [plan.entity.table, plan.entity.key, plan.entity.eventTime],
    timeZone: plan.timeZone,
    availability,
  };
  const digest = sha256(JSON.stringify(content));
  digests.set(view, digest);
  return digest;
}

/**
 * The key of a view's result for a day (SHA-256, hexadecimal): over the view's version, the day, and exactly the inputs. The order of
 * `inputs` does not matter. The key of a view that reads views is made of their keys, so it is known before anything is computed.
 */
export function featureKey(plan: ModelPlan, view: FeatureViewPlan, day: Day, inputs: readonly FeatureInput[]): string {
  const bound = inputs.map((input) => [input.table, input.partition, input.sha256].join(' ')).sort();
  return sha256(JSON.stringify([viewDigest(plan, view), day, bound]));
}

/** Plans never change, so what is derived of one is kept as long as it. */
const DIGESTS = new WeakMap<ModelPlan, WeakMap<FeatureViewPlan, string>>();
const INSTANTS = new WeakMap<ModelPlan, Map<string, IsoTimestamp>>();

/** Availability by rule and day. Kept, because zone arithmetic would take most of the time of a year's keys. */
function instants(plan: ModelPlan): (rule: string, day: Day) => IsoTimestamp {
  const kept = INSTANTS.get(plan) ?? new Map<string, IsoTimestamp>();
  INSTANTS.set(plan, kept);
  return (rule, day) => {
    const name = `${rule} ${day}`;
    let found = kept.get(name);
    if (found === undefined) {
      found = rule === 'D 00:00' ? instantOf(day, '00:00', plan.timeZone) : availableAt(rule, day, plan.timeZone);
      kept.set(name, found);
    }
    return found;
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
