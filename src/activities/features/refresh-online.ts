// The step after an ingest: the online features follow the newest partitions, once everything that they may see has arrived.
import { bindablePartitions } from '../../data/derive/view-inputs';
import { dataOwner } from '../../domain/data/data-owner';
import type { Day } from '../../domain/days';
import type { ModelPlan } from '../../domain/plan/plan';
import type { DataActivities } from '../../ports/activities';
import { heartbeating } from '../boundary';
import type { DataDependencies } from '../dependencies';
import { createFeaturizer } from './featurize';
import { createVersionFeatures } from '../feeding/version-features';
import { createOnlinePublisher } from './online';
import { planLoader } from '../plans';

/** Publishes the newest days; see {@link createOnlinePublisher}. */
export function createRefreshOnlineActivities(dependencies: DataDependencies): Pick<DataActivities, 'refreshOnline'> {
  const loadPlan = planLoader(dependencies.stores.definitions);
  const featurizer = createFeaturizer(dependencies);
  const publisher = createOnlinePublisher(dependencies, featurizer);
  const { stores } = dependencies;
  const feeding = createVersionFeatures(stores);

  /**
   * Whether the newest day has the newest partition of every table that it may see by now. Before that its features would be computed of
   * partial inputs, and again with each table that arrives; a table that stays away does not matter here, because scoring publishes too.
   */
  async function isComplete(plan: ModelPlan, asOf: string): Promise<boolean> {
    const newest = await stores.online.newestPartition(dataOwner(plan), plan.entity.table);
    if (newest === null) return false;
    const due = new Map<string, Day>();
    for (const fed of await feeding.onlinePlans(plan)) {
      for (const { table, partition, availableAt } of fed.features.flatMap((view) =>
        bindablePartitions(fed, view, newest),
      )) {
        if (fed.tables[table] === undefined || Date.parse(availableAt) > Date.parse(asOf)) continue;
        if (partition > (due.get(table) ?? '')) due.set(table, partition);
      }
    }
    for (const [table, day] of due) {
      if ((await stores.partitions.newest(dataOwner(plan), table, day, day)).length === 0) return false;
    }
    return true;
  }

  return {
    refreshOnline: ({ definitionDigest, asOf, incomplete }) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(definitionDigest);
        const publishes = incomplete === true || (await isComplete(plan, asOf));
        return { rows: publishes ? await publisher.publishOnline(plan) : 0 };
      }),
  };
}
