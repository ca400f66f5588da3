// Reports on features for people: what a definition would change, and what is known of a deployed model's feature views.
// Invariant: reads metadata only.
import { viewDigest } from '../../data/derive/view-inputs';
import { dataOwner } from '../../domain/data/data-owner';
import { daysBetween } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { FeatureReports, ViewDescription } from '../../ports/features';
import type { Stores } from '../../ports/stores';
import { planChanges } from './plan-changes';
import { createFeatureKeys } from './wanted-features';

type ReportingStores = Pick<Stores, 'definitions' | 'partitions' | 'features' | 'featureViews' | 'online'>;

/** The reports on these stores. */
export function createFeatureReports(stores: ReportingStores): FeatureReports {
  return {
    planChanges: (plan, deployed, range) => planChanges(stores, plan, deployed, range),
    describeViews: (model) => describeViews(stores, model),
  };
}

/** The views of a deployed model in the plan's order, over all days of its data that are stored. */
async function describeViews(stores: ReportingStores, model: string): Promise<ViewDescription[]> {
  const plan = await deployedPlan(stores, model);
  if (!plan) throw new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed.`, { model });
  const newest = await stores.online.newestPartition(dataOwner(plan), plan.entity.table);
  const days = newest === null ? [] : daysBetween(plan.snapshot.start, newest);
  const wanted = await createFeatureKeys(stores).wanted(plan, days);
  const rowsByKey = new Map((await stores.features.find(wanted.map(({ key }) => key))).map((f) => [f.key, f.rows]));
  const versions = await stores.featureViews.versions(plan.features.map(({ name }) => name));
  const others = await digestsOfOthers(stores, model);
  return plan.features.map((view) => {
    const digest = viewDigest(plan, view);
    const stored = wanted.filter((item) => item.view === view && rowsByKey.has(item.key));
    return {
      name: view.name,
      version: versions.find((each) => each.view === view.name && each.digest === digest)?.version ?? null,
      digest,
      owner: view.owner,
      description: view.description,
      reads: view.reads,
      features: view.features,
      daysStored: stored.length,
      rows: stored.reduce((sum, { key }) => sum + rowsByKey.get(key)!, 0),
      sharedWith: others.filter(({ digests }) => digests.has(digest)).map(({ name }) => name),
    };
  });
}

async function deployedPlan(stores: Pick<Stores, 'definitions'>, model: string): Promise<ModelPlan | null> {
  const current = await stores.definitions.current(model);
  return current && (await stores.definitions.load(current.digest)).plan;
}

async function digestsOfOthers(
  stores: Pick<Stores, 'definitions'>,
  model: string,
): Promise<{ name: string; digests: Set<string> }[]> {
  const names = (await stores.definitions.models()).filter((name) => name !== model).sort();
  return Promise.all(
    names.map(async (name) => {
      const plan = await deployedPlan(stores, name);
      return { name, digests: new Set((plan?.features ?? []).map((view) => viewDigest(plan!, view))) };
    }),
  );
}
