// What the entity table says of judged rows beside their features: files of their days, and columns that slices and fairness gates name.
// Invariant: seen as of the instant that the snapshot was fixed for; never an input of a model.
import { entityColumns } from '../../data/observe/entity-columns';
import { dataOwner } from '../../domain/data/data-owner';
import { addDays, dayNumber, type Day } from '../../domain/days';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { FeatureDependencies } from '../features/featurize';
import type { JudgedRows } from './rows';

type EntityDependencies = Pick<FeatureDependencies, 'stores' | 'artifacts' | 'engine'>;

/** Day → local file of the entity table's partition, for each of the days that has one. Fails with ARTIFACT_MISSING. */
export async function entityPaths(
  { stores, artifacts }: Pick<EntityDependencies, 'stores' | 'artifacts'>,
  plan: ModelPlan,
  { fixed }: SnapshotRef,
  days: Iterable<number>,
): Promise<Map<Day, string>> {
  const wanted = [...new Set(days)].sort((a, b) => a - b);
  if (wanted.length === 0) return new Map();
  const [from, to] = [wanted[0]!, wanted.at(-1)!].map((day) => addDays('1970-01-01', day)) as [Day, Day];
  const revisions = await stores.partitions.newest(dataOwner(plan), plan.entity.table, from, to, fixed?.revisionsAsOf);
  const paths = new Map<Day, string>();
  for (const { partition, data } of revisions) {
    if (wanted.includes(dayNumber(partition))) paths.set(partition, await artifacts.localPath(data));
  }
  return paths;
}

/**
 * The rows with the columns of the entity table that the plan slices by and that are no features. Without such columns the rows as they are.
 * Fails with ARTIFACT_MISSING where retention has taken the entity's rows.
 */
export async function withEntityColumns(
  dependencies: EntityDependencies,
  plan: ModelPlan,
  snapshot: SnapshotRef,
  rows: JudgedRows,
): Promise<JudgedRows> {
  const features = new Set(plan.features.flatMap((view) => Object.keys(view.features)));
  const named = [...plan.evaluation.slices, ...plan.evaluation.fairness.map(({ column }) => column)];
  const names = [...new Set(named)].filter((name) => !features.has(name));
  const { keys } = rows;
  if (names.length === 0 || !keys) return rows;
  const columns = await entityColumns(dependencies.engine, {
    paths: await entityPaths(dependencies, plan, snapshot, rows.days),
    entityKey: plan.entity.key,
    names,
    rows: { keys, days: rows.days },
  });
  return { ...rows, category: (name) => rows.category(name) ?? columns.get(name) ?? null };
}
