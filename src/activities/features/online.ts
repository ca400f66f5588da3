// Publishes the features of the newest days as online features, so that a client can ask for a prediction by entity key.
// Invariant: what is online is what publishing all kept days from scratch would give: of each entity the values of its latest kept day, by the
// newest accepted revisions, in the views of the definition in force and of the versions that serve.
import { viewDigest } from '../../data/derive/view-inputs';
import { eachOnlinePage } from '../../data/observe/online-rows';
import { dataOwner } from '../../domain/data/data-owner';
import { addDays, daysBetween, type Day } from '../../domain/days';
import type { ModelPlan } from '../../domain/plan/plan';
import type { StoredFeatures } from '../../ports/features';
import type { DroppedEntity, OnlinePartition } from '../../ports/online';
import type { Transaction } from '../../ports/stores';
import type { DataDependencies } from '../dependencies';
import { createVersionFeatures } from '../feeding/version-features';
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

/** A feature partition that is to be online, and the plan that computes it. */
interface Wanted {
  readonly plan: ModelPlan;
  readonly features: WantedFeatures;
}

/** What is to change: partitions to put (instead of another one of their version and day), and those that nobody wants any more. */
interface Changes {
  readonly fresh: readonly Wanted[];
  readonly gone: readonly OnlinePartition[];
}

/** Publishes with this featurizer, which computes what does not exist yet. */
export function createOnlinePublisher(
  { stores, artifacts, engine }: OnlineDependencies,
  featurizer: Pick<Featurizer, 'wanted' | 'ensure'>,
): OnlinePublisher {
  const { online, partitions } = stores;
  const stored = createStoredFeatureFiles({ artifacts, engine });
  const feeding = createVersionFeatures(stores);

  /** By version of a view and day: a view that several plans have is there once. */
  async function wantedOf(plan: ModelPlan, window: readonly Day[]): Promise<Map<string, Wanted>> {
    const wanted = new Map<string, Wanted>();
    for (const fed of await feeding.onlinePlans(plan)) {
      for (const features of await featurizer.wanted(fed, window)) {
        const place = placeOf(partitionOf({ plan: fed, features }));
        if (!wanted.has(place) && entityRows(fed, features) <= MOST_ENTITIES)
          wanted.set(place, { plan: fed, features });
      }
    }
    return wanted;
  }

  async function changesTo(model: string, wanted: ReadonlyMap<string, Wanted>): Promise<Changes> {
    const published = await online.published(model);
    const keys = new Set(published.map(({ featureKey }) => featureKey));
    return {
      fresh: [...wanted.values()].filter(({ features }) => !keys.has(features.key)),
      gone: published.filter((partition) => !wanted.has(placeOf(partition))),
    };
  }

  /** Features of these, which are computed where they do not exist, by key. */
  async function ensure(wanted: readonly Wanted[]): Promise<Map<string, StoredFeatures>> {
    const found = new Map<string, StoredFeatures>();
    for (const plan of new Set(wanted.map((each) => each.plan))) {
      const ofPlan = wanted.filter((each) => each.plan === plan).map(({ features }) => features);
      for (const each of (await featurizer.ensure(plan, ofPlan, () => undefined)).features) found.set(each.key, each);
    }
    return found;
  }

  /**
   * Puts in views of one day and plan.
   * @param only - entities that are wanted, by version of the view; those that are found are taken out. Default: all.
   */
  async function putDay(
    tx: Transaction,
    wanted: readonly Wanted[],
    found: ReadonlyMap<string, StoredFeatures>,
    only?: ReadonlyMap<string, Set<string>>,
  ): Promise<number> {
    const [first] = wanted;
    if (!first) return 0;
    const { plan, features } = first;
    const { day } = features;
    const [entity] = await partitions.newest(dataOwner(plan), plan.entity.table, day, day);
    if (!entity) return 0;
    const paths = await stored.paths(wanted.map((each) => found.get(each.features.key)!));
    const featurePaths = Object.fromEntries(wanted.map((each, index) => [each.features.view.name, paths[index]!]));
    const entityPath = await artifacts.localPath(entity.data);
    let written = 0;
    await eachOnlinePage(engine, { plan, day, featurePaths, entityPath }, async (page) => {
      for (const each of wanted) {
        const partition = partitionOf(each);
        const view = each.features.view.name;
        const missing = only?.get(partition.viewDigest);
        const rows = page.keys.flatMap((key, row) => (!only || missing?.delete(key) ? [row] : []));
        if (rows.length === 0) continue;
        const pick = <T>(values: readonly T[]): T[] => rows.map((row) => values[row]!);
        written += await online.put(
          tx,
          plan.name,
          { ...partition, view },
          {
            entityKeys: pick(page.keys),
            eventTimes: pick(page.eventTimes),
            features: pick(page.features[view]!),
          },
        );
      }
    });
    return written;
  }

  /** Gives entities that a corrected day has lost the values of their latest earlier day, the newest days first. */
  async function fillIn(
    tx: Transaction,
    wanted: ReadonlyMap<string, Wanted>,
    dropped: readonly DroppedEntity[],
  ): Promise<number> {
    const missing = new Map<string, Set<string>>();
    for (const { viewDigest: digest, entityKey } of dropped)
      missing.set(digest, (missing.get(digest) ?? new Set()).add(entityKey));
    const newest = dropped.map(({ day }) => day).reduce((a, b) => (a > b ? a : b), '');
    let written = 0;
    for (const group of groupsOf([...wanted.values()]).reverse()) {
      const open = group.filter((each) => (missing.get(partitionOf(each).viewDigest)?.size ?? 0) > 0);
      if (open.length > 0 && open[0]!.features.day < newest)
        written += await putDay(tx, open, await ensure(open), missing);
    }
    return written;
  }

  async function attempt(plan: ModelPlan, window: readonly Day[], oldest: Day): Promise<number | 'changed meanwhile'> {
    const before = await changesTo(plan.name, await wantedOf(plan, window));
    if (before.fresh.length === 0 && before.gone.length === 0) return 0;
    const found = await ensure(before.fresh);
    return stores.transaction(async (tx) => {
      await online.lock(tx, plan.name);
      const wanted = await wantedOf(plan, window);
      const { fresh, gone } = await changesTo(plan.name, wanted);
      if (fresh.some(({ features }) => !found.has(features.key))) return 'changed meanwhile';
      let written = 0;
      for (const group of groupsOf(fresh)) written += await putDay(tx, group, found);
      const dropped = await online.replace(tx, plan.name, { put: fresh.map(partitionOf), gone, oldest });
      const digests = new Set([...wanted.values()].map((each) => partitionOf(each).viewDigest));
      const kept = dropped.filter(({ viewDigest: digest }) => digests.has(digest));
      return kept.length === 0 ? written : written + (await fillIn(tx, wanted, kept));
    });
  }

  async function publish(plan: ModelPlan, days: readonly Day[] | undefined): Promise<number> {
    if (!plan.online.enabled) {
      await online.clear(plan.name);
      return 0;
    }
    const newest = await online.newestPartition(dataOwner(plan), plan.entity.table);
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
function entityRows({ entity }: ModelPlan, { inputs, day }: WantedFeatures): number {
  return inputs.find(({ table, partition }) => table === entity.table && partition === day)?.rows ?? 0;
}

function partitionOf({ plan, features: { view, day, key } }: Wanted): OnlinePartition {
  return { viewDigest: viewDigest(plan, view), day, featureKey: key };
}

function placeOf({ viewDigest: digest, day }: OnlinePartition): string {
  return `${digest}/${day}`;
}

/** The partitions of one day and plan together, in the order of the days. */
function groupsOf(wanted: readonly Wanted[]): Wanted[][] {
  const groups = new Map<ModelPlan, Map<Day, Wanted[]>>();
  for (const each of wanted) {
    const ofPlan = groups.get(each.plan) ?? new Map<Day, Wanted[]>();
    groups.set(each.plan, ofPlan);
    ofPlan.set(each.features.day, [...(ofPlan.get(each.features.day) ?? []), each]);
  }
  return [...groups.values()].flatMap((ofPlan) => [...ofPlan.values()]).sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1));
}

function dayOf(group: readonly Wanted[]): Day {
  return group[0]!.features.day;
}
