// Publishes the features of the newest days as online features, so that a client can ask for a prediction by entity key.
// Invariant: what is published comes from the newest accepted revisions; days before the newest by more than `online.keepDays` are never written.
import { eachOnlinePage } from '../data/observe/online-rows';
import { addDays, daysBetween, type Day } from '../domain/days';
import type { ModelPlan } from '../domain/plan';
import type { StoredFeatures } from '../ports/features';
import type { PublishedPartition } from '../ports/online';
import type { Transaction } from '../ports/stores';
import type { DataDependencies } from './dependencies';
import type { Featurizer, WantedFeatures } from './featurize';
import { createStoredFeatureFiles } from './stored-features';

/** What publishing works with. */
type OnlineDependencies = Pick<DataDependencies, 'stores' | 'artifacts' | 'engine'>;

/** See {@link createOnlinePublisher}. */
export interface OnlinePublisher {
  /**
   * Brings the online features up to the newest accepted partition of the entity table. What is published already costs two small queries.
   * @param days - days that were just featurized: nothing is done when none of them is new enough. Default: whatever has changed.
   * @returns the number of rows written.
   */
  publishOnline(plan: ModelPlan, days?: readonly Day[]): Promise<number>;
}

/** Another delivery may be accepted meanwhile; then the newer inputs are taken, so often. Whoever accepted the last one publishes too. */
const ATTEMPTS = 3;
/** A day with more entities than this is not published: a transaction of minutes, and a table that PostgreSQL is not the place for. */
const MOST_ENTITIES = 1_000_000;

/** Publishes with this featurizer, which computes what does not exist yet. */
export function createOnlinePublisher(
  { stores, artifacts, engine }: OnlineDependencies,
  featurizer: Pick<Featurizer, 'wanted' | 'ensure'>,
): OnlinePublisher {
  const { online, partitions } = stores;
  const stored = createStoredFeatureFiles({ artifacts, engine });

  /** Puts in the changed views of one day. */
  async function putDay(
    tx: Transaction,
    plan: ModelPlan,
    day: Day,
    changed: readonly StoredFeatures[],
  ): Promise<number> {
    const [entity] = await partitions.newest(plan.name, plan.entity.table, day, day);
    if (!entity) return 0;
    const paths = await stored.paths(changed);
    const featurePaths = Object.fromEntries(changed.map(({ view }, index) => [view, paths[index]!]));
    const entityPath = await artifacts.localPath(entity.data);
    let written = 0;
    await eachOnlinePage(engine, { plan, day, featurePaths, entityPath }, async ({ keys, eventTimes, features }) => {
      for (const { view, key } of changed) {
        const rows = { entityKeys: keys, eventTimes, features: features[view]! };
        written += await online.put(tx, plan.name, { view, day, featureKey: key }, rows);
      }
    });
    const put = changed.map(({ view, key }) => ({ view, day, featureKey: key }));
    await online.supersede(tx, plan.name, day, put);
    return written;
  }

  async function attempt(plan: ModelPlan, window: readonly Day[], from: Day): Promise<number | 'changed meanwhile'> {
    const wanted = await featurizer.wanted(plan, window);
    const there = await online.published(plan.name);
    const published = new Set(there.map(nameOf));
    const views = plan.features.map(({ name }) => name);
    const gone = there.map(({ view }) => view).filter((view) => !views.includes(view));
    const small = wanted.filter(({ inputs, day }) => entityRows(plan, day, inputs) <= MOST_ENTITIES);
    const missing = small.filter(
      ({ view, day, key }) => !published.has(nameOf({ view: view.name, day, featureKey: key })),
    );
    if (missing.length === 0) return 0;
    const { features } = await featurizer.ensure(plan, missing, () => undefined);
    return stores.transaction(async (tx) => {
      await online.lock(tx, plan.name);
      const now = new Set((await featurizer.wanted(plan, window)).map(({ key }) => key));
      if (missing.some(({ key }) => !now.has(key))) return 'changed meanwhile';
      let written = 0;
      for (const day of new Set(features.map((feature) => feature.day))) {
        const ofDay = features.filter((feature) => feature.day === day);
        written += await putDay(tx, plan, day, ofDay);
      }
      await online.dropBefore(tx, plan.name, from);
      if (gone.length > 0) await online.dropViews(tx, plan.name, gone);
      return written;
    });
  }

  async function publish(plan: ModelPlan, days: readonly Day[] | undefined): Promise<number> {
    if (!plan.online.enabled) {
      await online.clear(plan.name);
      return 0;
    }
    const newest = await online.newestPartition(plan.name, plan.entity.table);
    if (newest === null) return 0;
    const from = addDays(newest, -plan.online.keepDays);
    if (days?.every((day) => day < from)) return 0;
    for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
      const written = await attempt(plan, daysBetween(from, newest), from);
      if (written !== 'changed meanwhile') return written;
    }
    return 0;
  }

  const turns = new Map<string, Promise<unknown>>();
  return {
    // The tables of a day are often delivered at the same moment: the first publishes for all, the others find nothing to do.
    publishOnline(plan, days) {
      const turn = (turns.get(plan.name) ?? Promise.resolve()).then(() => publish(plan, days));
      turns.set(
        plan.name,
        turn.catch(() => undefined),
      );
      return turn;
    },
  };
}

/** Rows of the day's entity partition, 0 when a view does not see it. */
function entityRows(plan: ModelPlan, day: Day, inputs: WantedFeatures['inputs']): number {
  return inputs.find(({ table, partition }) => table === plan.entity.table && partition === day)?.rows ?? 0;
}

function nameOf({ view, day, featureKey }: PublishedPartition): string {
  return `${view}/${day}/${featureKey}`;
}
