// Featurize: each view and day is computed once per exact set of inputs, ever; what exists is reused, by whatever model or cycle made it.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bindablePartitions, featureKey } from '../data/derive/view-inputs';
import { computeViews, type ViewJob } from '../data/derive/views';
import { MEDIA_TYPES } from '../domain/artifacts';
import { addDays, type Day } from '../domain/days';
import type { FeaturePartition, PartitionRevision } from '../domain/partitions';
import type { FeatureViewPlan, ModelPlan } from '../domain/plan';
import type { DataActivities } from '../ports/activities';
import { heartbeating } from './boundary';
import type { DataDependencies } from './dependencies';
import { planLoader } from './plans';

/** A view on a day with the inputs that it sees now, and the key that they give. */
export interface WantedFeatures {
  readonly key: string;
  readonly view: FeatureViewPlan;
  readonly day: Day;
  readonly inputs: readonly PartitionRevision[];
}

export interface Featurizer {
  /** What the views of these days would be computed from now; days without a partition of the entity table are left out. */
  wanted(plan: ModelPlan, days: readonly Day[]): Promise<WantedFeatures[]>;
  /** Makes sure that all exist, and gives them in the order asked for. */
  ensure(
    plan: ModelPlan,
    wanted: readonly WantedFeatures[],
    progress: (done: number, of: number) => void,
  ): Promise<{ features: FeaturePartition[]; computed: number }>;
}

/** Days computed in one go: source partitions are read once per batch. */
const DAYS_PER_BATCH = 31;

export function createFeaturizer({ stores, artifacts, engine }: DataDependencies): Featurizer {
  async function compute(plan: ModelPlan, batch: readonly WantedFeatures[]): Promise<FeaturePartition[]> {
    const outDir = await artifacts.tempDir();
    try {
      const jobs: ViewJob[] = [];
      for (const { key, view, day, inputs } of batch) {
        const bindings = await Promise.all(
          inputs.map(async ({ table, partition, data }) => ({
            table,
            partition,
            path: await artifacts.localPath(data),
          })),
        );
        jobs.push({ view, day, bindings, outPath: join(outDir, `${key}.parquet`) });
      }
      const results = await computeViews(engine, plan, jobs);
      const made = await Promise.all(
        batch.map(async ({ key, view, day }, index): Promise<FeaturePartition> => {
          const { rows } = results[index]!;
          return {
            key,
            view: view.name,
            day,
            rows,
            data: await artifacts.putFile(jobs[index]!.outPath, MEDIA_TYPES.parquet, rows),
          };
        }),
      );
      await stores.features.save(made);
      return made;
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  return {
    async wanted(plan, days) {
      const revisions = await newestRevisions(plan, days);
      const result: WantedFeatures[] = [];
      for (const day of days) {
        if (!revisions.has(`${plan.entity.table}/${day}`)) continue;
        for (const view of plan.features) {
          const inputs = bindablePartitions(plan, view, day)
            .map(({ table, partition }) => revisions.get(`${table}/${partition}`))
            .filter((revision) => revision !== undefined);
          const key = featureKey(
            plan,
            view,
            day,
            inputs.map(({ table, partition, data }) => ({ table, partition, sha256: data.sha256 })),
          );
          result.push({ key, view, day, inputs });
        }
      }
      return result;
    },

    async ensure(plan, wanted, progress) {
      const known = new Map(
        (await stores.features.find(wanted.map(({ key }) => key))).map((found) => [found.key, found]),
      );
      const missing = wanted.filter(({ key }) => !known.has(key));
      const days = [...new Set(missing.map(({ day }) => day))].sort();
      for (let at = 0; at < days.length; at += DAYS_PER_BATCH) {
        const batchDays = new Set(days.slice(at, at + DAYS_PER_BATCH));
        const made = await compute(
          plan,
          missing.filter(({ day }) => batchDays.has(day)),
        );
        for (const feature of made) known.set(feature.key, feature);
        progress(Math.min(at + DAYS_PER_BATCH, days.length), days.length);
      }
      return { features: wanted.map(({ key }) => known.get(key)!), computed: missing.length };
    },
  };

  async function newestRevisions(plan: ModelPlan, days: readonly Day[]): Promise<Map<string, PartitionRevision>> {
    const sorted = [...days].sort();
    const revisions = new Map<string, PartitionRevision>();
    if (sorted.length === 0) return revisions;
    const reach = Math.max(...plan.features.flatMap((view) => Object.values(view.reads)));
    for (const table of Object.keys(plan.tables)) {
      const found = await stores.partitions.newest(plan.name, table, addDays(sorted[0]!, -reach), sorted.at(-1)!);
      for (const revision of found) revisions.set(`${table}/${revision.partition}`, revision);
    }
    return revisions;
  }
}

export function createFeatureActivities(dependencies: DataDependencies): Pick<DataActivities, 'featurizeDays'> {
  const loadPlan = planLoader(dependencies.stores.definitions);
  const featurizer = createFeaturizer(dependencies);
  return {
    featurizeDays: ({ definitionDigest, days }) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(definitionDigest);
        const wanted = await featurizer.wanted(plan, days);
        const { computed } = await featurizer.ensure(plan, wanted, (done, of) => progress({ done, of }));
        return { computed, reused: wanted.length - computed };
      }),
  };
}
