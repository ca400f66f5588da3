// What a definition on disk would change before it is deployed: which partitions would be ingested, checked again, computed, reused, dropped.
// Invariant: reads metadata only, changes nothing, and needs no worker.

import { bindablePartitions, viewDigest } from '../../data/derive/view-inputs';
import { innerViews } from '../../data/derive/view-graph';
import { dataOwner } from '../../domain/data/data-owner';
import { contractOf } from '../../domain/data/contracts';
import { daysBetween, type Day } from '../../domain/days';
import type { PartitionRevision } from '../../domain/data/partitions';
import type { FeatureViewPlan, ModelPlan } from '../../domain/plan/plan';
import type { PlannedChanges, RowCount, StoredFeatures, TableChanges, ViewChanges } from '../../ports/features';
import type { Stores } from '../../ports/stores';
import { digestOf } from '../digest';
import { createFeatureKeys, type WantedFeatures } from './wanted-features';

type PlanningStores = Pick<Stores, 'partitions' | 'features' | 'featureViews'>;

/** Stored partitions of a range by day, and the days that have none. */
interface TableState {
  readonly stored: ReadonlyMap<Day, PartitionRevision>;
  readonly absent: ReadonlySet<Day>;
}

/**
 * Compares a plan with what is stored over a range of days (both ends included) and with the deployed plan.
 * @param deployed - the plan in force; null: the model is not deployed.
 */
export async function planChanges(
  stores: PlanningStores,
  plan: ModelPlan,
  deployed: ModelPlan | null,
  { from, to }: { readonly from: Day; readonly to: Day },
): Promise<PlannedChanges> {
  const days = daysBetween(from, to);
  const states = new Map<string, TableState>();
  for (const table of new Set([...Object.keys(plan.tables), ...Object.keys(deployed?.tables ?? {})]))
    states.set(table, await stateOf(stores, dataOwner(plan), table, days));
  const tables = [...states].map(([table, state]) => tableChanges(table, state, plan, deployed, days));
  const views = await viewChanges(stores, plan, deployed, days, states);
  const anything =
    tables.some(({ toIngest, toCheckAgain }) => toIngest.days + toCheckAgain.days > 0) ||
    views.some(({ toCompute }) => toCompute.days > 0);
  return { from, to, tables, views, anything };
}

async function stateOf(
  stores: PlanningStores,
  model: string,
  table: string,
  days: readonly Day[],
): Promise<TableState> {
  const found = days.length === 0 ? [] : await stores.partitions.newest(model, table, days[0]!, days.at(-1)!);
  const stored = new Map(found.map((revision) => [revision.partition, revision]));
  return { stored, absent: new Set(days.filter((day) => !stored.has(day))) };
}

function tableChanges(
  table: string,
  { stored, absent }: TableState,
  plan: ModelPlan,
  deployed: ModelPlan | null,
  days: readonly Day[],
): TableChanges {
  const [now, before] = [plan.tables[table], deployed?.tables[table]];
  const both = now !== undefined && before !== undefined && deployed !== null;
  const otherContract = both && digestOf(contractOf(plan, table)) !== digestOf(contractOf(deployed, table));
  const changed = both && digestOf(now) !== digestOf(before);
  const all = known([...stored.values()]);
  const count = estimator(stored);
  return {
    table,
    change: !now
      ? 'no longer used'
      : !before
        ? 'new'
        : otherContract
          ? 'contract changed'
          : changed
            ? 'changed'
            : 'unchanged',
    stored: all,
    toIngest: now ? count(days.filter((day) => absent.has(day))) : NONE,
    toCheckAgain: otherContract ? all : NONE,
  };
}

async function viewChanges(
  stores: PlanningStores,
  plan: ModelPlan,
  deployed: ModelPlan | null,
  days: readonly Day[],
  states: ReadonlyMap<string, TableState>,
): Promise<ViewChanges[]> {
  const keys = createFeatureKeys(stores);
  const wanted = await keys.wanted(plan, days);
  const before = deployed ? await keys.wanted(deployed, days) : [];
  const found = await stores.features.find([...new Set([...wanted, ...before].map(({ key }) => key))]);
  const storedKeys = new Map(found.map((partition) => [partition.key, partition]));
  const names = [...new Set([...plan.features, ...(deployed?.features ?? [])].map(({ name }) => name))];
  const versions = await stores.featureViews.versions(names);
  const entities = states.get(plan.entity.table)!;
  const count = estimator(entities.stored);
  const keptKeys = new Set(wanted.map(({ key }) => key));

  return names.map((name): ViewChanges => {
    const [now, old] = [named(plan, name), deployed ? named(deployed, name) : undefined];
    const digest = now && viewDigest(plan, now);
    const same = now !== undefined && old !== undefined && digest === viewDigest(deployed!, old);
    const pending = now ? days.filter((day) => isPending(plan, now, day, states)) : [];
    const waiting = new Set(pending);
    const ofView = wanted.filter(({ view, day }) => view.name === name && !waiting.has(day));
    const isStored = ({ key }: WantedFeatures): boolean => storedKeys.has(key);
    const toCompute = [...pending, ...ofView.filter((item) => !isStored(item)).map(({ day }) => day)];
    return {
      view: name,
      change: !now ? 'no longer used' : !old ? 'new' : same ? 'unchanged' : 'changed',
      version: versions.find((version) => version.view === name && version.digest === digest)?.version ?? null,
      toCompute: count(toCompute.sort()),
      toReuse: known(rowsOf(ofView)),
      noLongerUsed: known(rowsOf(before.filter(({ view, key }) => view.name === name && !keptKeys.has(key)))),
    };
  });

  function rowsOf(items: readonly WantedFeatures[]): StoredFeatures[] {
    return items.flatMap(({ key }) => storedKeys.get(key) ?? []);
  }
}

/** Whether a partition is to be ingested first that the view would see on the day, itself or through another view. */
function isPending(plan: ModelPlan, view: FeatureViewPlan, day: Day, states: ReadonlyMap<string, TableState>): boolean {
  const inner = new Map(innerViews(plan, view).map((each) => [each.name, each]));
  return bindablePartitions(plan, view, day).some(({ table, partition }) => {
    const read = inner.get(table);
    return read ? isPending(plan, read, partition, states) : states.get(table)?.absent.has(partition);
  });
}

function named(plan: ModelPlan, name: string): FeatureViewPlan | undefined {
  return plan.features.find((view) => view.name === name);
}

const NONE: RowCount = { days: 0, rows: 0, estimated: false };

/** Days and rows of what is stored. */
function known(stored: readonly { readonly rows: number }[]): RowCount {
  return { days: stored.length, rows: stored.reduce((sum, { rows }) => sum + rows, 0), estimated: false };
}

/** Counts days by the rows of a table's stored partitions, the others at their median. */
function estimator(stored: ReadonlyMap<Day, PartitionRevision>): (days: readonly Day[]) => RowCount {
  const sorted = [...stored.values()].map(({ rows }) => rows).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return (days) => ({
    days: days.length,
    rows: days.reduce((sum, day) => sum + (stored.get(day)?.rows ?? median), 0),
    estimated: days.some((day) => !stored.has(day)),
  });
}
