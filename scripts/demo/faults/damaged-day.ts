// Fault: a day's outcomes are delivered damaged and rejected; a correct file later re-opens exactly that partition and what depends on it.
import { setTimeout as sleep } from 'node:timers/promises';
import { bindablePartitions, featureKey } from '../../../src/data/derive/view-inputs';
import { addDays, daysBetween, type Day } from '../../../src/domain/days';
import { ingestId } from '../../../src/domain/ids';
import { activitiesOf } from '../story/histories';
import { untilQuiet } from '../story/quiet';
import { MODEL, type World } from '../stage/world';
import type { Correction } from './damage';

export const DAMAGED_TABLE = 'outcomes';
/** So many days around the damaged one are watched for changes. */
const WATCHED_DAYS = 20;

/** A view's result of a day. */
export interface FeatureDay {
  readonly view: string;
  readonly day: Day;
}

/** What was seen of the re-delivery. */
export interface Redelivery {
  readonly correctedOn: Day;
  /** Results whose key is another one than before, and that are stored under the new key. */
  readonly recomputed: readonly FeatureDay[];
  /** Results whose key changed without being stored. */
  readonly forgotten: readonly FeatureDay[];
  /** Results that look back on the damaged day, of days whose schedule is known. */
  readonly expected: readonly FeatureDay[];
  /** What the product's own activity says that it computed. */
  readonly computedByProduct: number | null;
  readonly revision: number | null;
}

/** Announces the corrected file by the signal `dataArrived`, and compares what is stored before and after. */
export async function redeliver(world: World, day: Day, correction: Correction, correctedOn: Day): Promise<Redelivery> {
  const before = await featureKeys(world, day);
  await world.lifecycles.dataArrived(MODEL, { table: DAMAGED_TABLE, partition: day, ...correction });
  await sleep(200);
  await untilQuiet(world);
  const after = await featureKeys(world, day);
  const now = new Set((await world.stores.features.find([...after.values()])).map(({ key }) => key));
  const changed = [...after].filter(([name, key]) => before.get(name) !== key);
  const [revision] = await world.stores.partitions.newest(MODEL, DAMAGED_TABLE, day, day);
  return {
    correctedOn,
    recomputed: changed.filter(([, key]) => now.has(key)).map(([name]) => named(name)),
    forgotten: changed.filter(([, key]) => !now.has(key)).map(([name]) => named(name)),
    expected: dependants(world, day).filter(({ view, day: of }) => before.has(`${view} ${of}`)),
    computedByProduct: await computed(world, day),
    revision: revision?.revision ?? null,
  };
}

/** The keys that the views' results have, given the partitions that are accepted now, by `view day`. */
async function featureKeys({ plan, stores }: World, around: Day): Promise<Map<string, string>> {
  const days = daysBetween(addDays(around, -WATCHED_DAYS), addDays(around, WATCHED_DAYS));
  const newest = new Map<string, string>();
  for (const table of Object.keys(plan.tables)) {
    const found = await stores.partitions.newest(MODEL, table, addDays(days[0]!, -WATCHED_DAYS), days.at(-1)!);
    for (const { partition, data } of found) newest.set(`${table} ${partition}`, data.sha256);
  }
  const keys = new Map<string, string>();
  for (const day of days.filter((each) => newest.has(`${plan.entity.table} ${each}`))) {
    for (const view of plan.features) {
      const inputs = bindablePartitions(plan, view, day).flatMap(({ table, partition }) => {
        const sha256 = newest.get(`${table} ${partition}`);
        return sha256 === undefined ? [] : [{ table, partition, sha256 }];
      });
      keys.set(`${view.name} ${day}`, featureKey(plan, view, day, inputs));
    }
  }
  return keys;
}

/** What may see the damaged partition, by the views' declared look-back. */
function dependants({ plan }: World, damaged: Day): FeatureDay[] {
  return daysBetween(damaged, addDays(damaged, WATCHED_DAYS)).flatMap((day) =>
    plan.features
      .filter((view) =>
        bindablePartitions(plan, view, day).some(
          ({ table, partition }) => table === DAMAGED_TABLE && partition === damaged,
        ),
      )
      .map(({ name }) => ({ view: name, day })),
  );
}

function named(name: string): FeatureDay {
  const [view = '', day = ''] = name.split(' ');
  return { view, day };
}

/** The number that `featurizeDays` gave back in the ingest workflow of the corrected delivery. */
async function computed(world: World, day: Day): Promise<number | null> {
  const prefix = ingestId(MODEL, DAMAGED_TABLE, day, '');
  const query = `WorkflowType = 'ingestPartition' AND WorkflowId STARTS_WITH '${prefix}'`;
  for await (const { workflowId } of world.temporal.workflow.list({ query })) {
    const done = (await activitiesOf(world.temporal, workflowId)).find(({ type }) => type === 'featurizeDays');
    if (done) return (done.result as { readonly computed: number }).computed;
  }
  return null;
}
