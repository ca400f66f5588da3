// Featurize: each view and day is computed once per exact set of inputs, ever; what exists is reused, by whatever model or cycle made it.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { viewLevels } from '../../data/derive/view-graph';
import { viewDigest, type Binding } from '../../data/derive/view-inputs';
import { computeViews, type ViewJob } from '../../data/derive/views';
import { MEDIA_TYPES } from '../../domain/data/artifacts';
import type { ModelPlan } from '../../domain/plan/plan';
import type { DataActivities } from '../../ports/activities';
import type { StoredFeatures } from '../../ports/features';
import { heartbeating } from '../boundary';
import type { DataDependencies } from '../dependencies';
import { createOnlinePublisher } from './online';
import { planLoader } from '../plans';
import { createStoredFeatureFiles, onceEach } from './stored-features';
import { createFeatureKeys, type FeatureKeys, type WantedFeatures } from './wanted-features';

export type { WantedFeatures } from './wanted-features';

/** Knows which features there should be, and makes them. */
export interface Featurizer extends FeatureKeys {
  /**
   * Makes sure that all exist, with the features of other views that they are made of, and gives them in the order asked for.
   * @returns `computed`: partitions that were computed now, also those that others are made of; `reused`: of those asked for.
   */
  ensure(
    plan: ModelPlan,
    wanted: readonly WantedFeatures[],
    progress: (done: number, of: number) => void,
  ): Promise<{ features: StoredFeatures[]; computed: number; reused: number }>;
}

/** What featurizing works with. */
export type FeatureDependencies = Pick<DataDependencies, 'stores' | 'artifacts' | 'engine'>;

/** Days computed in one go: source partitions are read once per batch. */
const DAYS_PER_BATCH = 31;

export function createFeaturizer({ stores, artifacts, engine }: FeatureDependencies): Featurizer {
  const stored = createStoredFeatureFiles({ artifacts, engine });
  const registered = new Set<string>();

  async function bindingsOf(
    batch: readonly WantedFeatures[],
    known: ReadonlyMap<string, StoredFeatures>,
  ): Promise<Binding[][]> {
    const local = onceEach((sha256) => artifacts.localPath({ sha256 }));
    const inner = [...new Map(batch.flatMap((item) => item.inner).map((item) => [item.key, item])).values()];
    const files = await stored.files(inner.map(({ key }) => known.get(key)!));
    const fileOf = new Map(inner.map(({ key }, index) => [key, files[index]!]));
    return Promise.all(
      batch.map(async (item) => [
        ...(await Promise.all(
          item.inputs.map(async ({ table, partition, data }) => {
            return { table, partition, path: await local(data.sha256) };
          }),
        )),
        ...item.inner.map(({ key, view, day }) => ({ table: view.name, partition: day, ...fileOf.get(key)! })),
      ]),
    );
  }

  async function compute(
    plan: ModelPlan,
    batch: readonly WantedFeatures[],
    known: ReadonlyMap<string, StoredFeatures>,
  ): Promise<StoredFeatures[]> {
    const outDir = await artifacts.tempDir();
    try {
      const bindings = await bindingsOf(batch, known);
      const jobs: ViewJob[] = batch.map(({ key, view, day }, index) => {
        return { view, day, bindings: bindings[index]!, outPath: join(outDir, `${key}.parquet`) };
      });
      const results = await computeViews(engine, plan, jobs);
      const made = await Promise.all(
        batch.map(async ({ key, view, day }, index): Promise<StoredFeatures> => {
          const { rows } = results[index]!;
          const data = await artifacts.putFile(jobs[index]!.outPath, MEDIA_TYPES.parquet, rows);
          return { key, view: view.name, day, rows, data, viewDigest: viewDigest(plan, view) };
        }),
      );
      await register(plan, batch);
      await stores.features.save(made);
      return made;
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  /** Gives the versions of the batch's views their numbers. */
  async function register(plan: ModelPlan, batch: readonly WantedFeatures[]): Promise<void> {
    const views = [...new Set(batch.map(({ view }) => view))];
    const fresh = views.filter((view) => !registered.has(`${view.name} ${viewDigest(plan, view)}`));
    if (fresh.length === 0) return;
    await stores.featureViews.register(
      fresh.map((view) => {
        const { name, owner, description, sql } = view;
        return { view: name, digest: viewDigest(plan, view), model: plan.name, owner, description, sql };
      }),
    );
    for (const view of fresh) registered.add(`${view.name} ${viewDigest(plan, view)}`);
  }

  /** What of these is stored, and what is not, with all that has to be computed first: by key. */
  async function look(
    wanted: readonly WantedFeatures[],
  ): Promise<{ known: Map<string, StoredFeatures>; missing: Map<string, WantedFeatures> }> {
    const known = new Map<string, StoredFeatures>();
    const missing = new Map<string, WantedFeatures>();
    for (let open = [...wanted]; open.length > 0;) {
      for (const found of await stores.features.find([...new Set(open.map(({ key }) => key))]))
        known.set(found.key, found);
      const absent = open.filter(({ key }) => !known.has(key));
      for (const item of absent) missing.set(item.key, item);
      open = absent.flatMap(({ inner }) => inner).filter(({ key }) => !known.has(key) && !missing.has(key));
    }
    return { known, missing };
  }

  return {
    ...createFeatureKeys(stores),

    async ensure(plan, wanted, progress) {
      const { known, missing } = await look(wanted);
      const reused = wanted.filter(({ key }) => known.has(key)).length;
      let done = 0;
      for (const level of missing.size === 0 ? [] : viewLevels(plan)) {
        const names = new Set(level.map(({ name }) => name));
        const items = [...missing.values()].filter(({ view }) => names.has(view.name));
        const days = [...new Set(items.map(({ day }) => day))].sort();
        for (let at = 0; at < days.length; at += DAYS_PER_BATCH) {
          const batchDays = new Set(days.slice(at, at + DAYS_PER_BATCH));
          const batch = items.filter(({ day }) => batchDays.has(day));
          for (const feature of await compute(plan, batch, known)) known.set(feature.key, feature);
          progress((done += batch.length), missing.size);
        }
      }
      return { features: wanted.map(({ key }) => known.get(key)!), computed: missing.size, reused };
    },
  };
}

export function createFeatureActivities(dependencies: DataDependencies): Pick<DataActivities, 'featurizeDays'> {
  const loadPlan = planLoader(dependencies.stores.definitions);
  const featurizer = createFeaturizer(dependencies);
  const publisher = createOnlinePublisher(dependencies, featurizer);
  return {
    featurizeDays: ({ definitionDigest, days, publish = true }) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(definitionDigest);
        const wanted = await featurizer.wanted(plan, days);
        const { computed, reused } = await featurizer.ensure(plan, wanted, (done, of) => progress({ done, of }));
        if (publish) await publisher.publishOnline(plan, days);
        return { computed, reused };
      }),
  };
}
