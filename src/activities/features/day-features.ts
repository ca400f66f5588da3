// The feature rows, event times and labels of one day, as scoring and monitoring need them.
import { dayFeatureRows, dayLabels, type DayFeatureRows } from '../../data/observe/day-rows';
import { dataOwner } from '../../domain/data/data-owner';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { DataDependencies } from '../dependencies';
import { createFeaturizer } from './featurize';
import { isAvailable } from '../availability';
import { createStoredFeatureFiles, onceEach } from './stored-features';
import { entityDigest } from './wanted-features';

export interface DayFeatures extends DayFeatureRows {
  /** The accepted partition of the entity table. */
  readonly entityPath: string;
}

/** A feature partition by its digest and, when it is asked for, as a local file; and, where the plan has `rows`, the day's partition of the entity table. */
export interface DayFile {
  readonly sha256: string;
  readonly rows: number;
  readonly path: () => Promise<string>;
  readonly entityPath: string | null;
}

export interface DayReader {
  /** Null when there is no accepted partition of the entity table. */
  features(plan: ModelPlan, day: Day): Promise<DayFeatures | null>;
  /** Labels by entity key, as numbers; null when they are not there, or not available as of the instant. */
  labels(plan: ModelPlan, day: Day, asOf: string): Promise<Map<string, number> | null>;
  /** The feature partitions, by view, in day order, each with its entities. */
  featureFiles(plan: ModelPlan, days: readonly Day[]): Promise<Map<string, DayFile[]>>;
}

export function createDayReader(dependencies: DataDependencies): DayReader {
  const { stores, artifacts, engine } = dependencies;
  const featurizer = createFeaturizer(dependencies);
  const stored = createStoredFeatureFiles(dependencies);
  const quiet = (): void => undefined;

  async function partitionPath(plan: ModelPlan, table: string, day: Day): Promise<string | null> {
    const [revision] = await stores.partitions.newest(dataOwner(plan), table, day, day);
    return revision ? artifacts.localPath(revision.data) : null;
  }

  return {
    async features(plan, day) {
      const entityPath = await partitionPath(plan, plan.entity.table, day);
      if (!entityPath) return null;
      const { features } = await featurizer.ensure(plan, await featurizer.wanted(plan, [day]), quiet);
      const paths = await stored.paths(features);
      const featurePaths = Object.fromEntries(features.map(({ view }, index) => [view, paths[index]!]));
      return { entityPath, ...(await dayFeatureRows(engine, { plan, day, featurePaths, entityPath })) };
    },

    async labels(plan, day, asOf) {
      if (!isAvailable(plan, plan.label.table, day, asOf)) return null;
      const labelPath = await partitionPath(plan, plan.label.table, day);
      if (!labelPath) return null;
      const entityPath = plan.rows === undefined ? null : await partitionPath(plan, plan.entity.table, day);
      return dayLabels(engine, { plan, day, labelPath, ...(entityPath === null ? {} : { entityPath }) });
    },

    async featureFiles(plan, days) {
      const wanted = await featurizer.wanted(plan, days);
      const { features } = await featurizer.ensure(plan, wanted, quiet);
      const local = onceEach((sha256) => artifacts.localPath({ sha256 }));
      const files = new Map<string, DayFile[]>();
      for (const [index, partition] of features.entries()) {
        const { view, data, rows } = partition;
        const entityPath = plan.rows === undefined ? null : await local(entityDigest(plan, wanted[index]!));
        const path = async (): Promise<string> => (await stored.paths([partition]))[0]!;
        files.set(view, [...(files.get(view) ?? []), { sha256: data.sha256, rows, path, entityPath }]);
      }
      return files;
    },
  };
}

/** Fails with PARTITION_MISSING when a day has no features. */
export function requireFeatures(plan: ModelPlan, day: Day, features: DayFeatures | null): DayFeatures {
  if (features) return features;
  throw new UnderstudyError(
    'PARTITION_MISSING',
    `${plan.entity.table} of ${day} is not ingested, so ${plan.name} cannot be scored for that day`,
  );
}
