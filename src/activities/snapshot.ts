// Fixes a cycle's snapshot: which feature partitions and labels, in which role, under one hash; and the matrices that everyone then uses.
import { rm } from 'node:fs/promises';
import { buildMatrices } from '../data/snapshot/matrix';
import { MEDIA_TYPES, type ArtifactRef } from '../domain/artifacts';
import { addDays, type Day } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import { TASK_QUEUES } from '../domain/ids';
import type { DayRoles, FeaturePartition, PartitionRevision, SnapshotRef } from '../domain/partitions';
import type { ContenderPlan, ModelPlan } from '../domain/plan';
import type { CycleContext, DataActivities } from '../ports/activities';
import { heartbeating } from './boundary';
import { rolesOf, windowDays } from './day-roles';
import type { DataDependencies } from './dependencies';
import { digestOf } from './digest';
import { createFeaturizer } from './featurize';
import { isAvailable } from './ingest';
import { planLoader } from './plans';

/** Everything that decides a snapshot; its digest is the snapshot's id. */
interface Manifest {
  readonly model: string;
  readonly label: ModelPlan['label'];
  readonly columns: readonly (readonly [view: string, feature: string, kind: string])[];
  readonly roles: DayRoles;
  readonly features: readonly {
    readonly view: string;
    readonly day: Day;
    readonly key: string;
    readonly sha256: string;
  }[];
  readonly labels: readonly { readonly day: Day; readonly sha256: string; readonly revision: number }[];
}

export function createSnapshotActivities(
  dependencies: DataDependencies,
): Pick<DataActivities, 'planCycle' | 'fixSnapshot'> {
  const { stores, artifacts, engine } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  const featurizer = createFeaturizer(dependencies);

  /** Label partitions that a cycle may see: accepted, before its logical time, available as of its instant. */
  async function visibleLabels(plan: ModelPlan, { logicalTime, asOf }: CycleContext): Promise<PartitionRevision[]> {
    const days = windowDays(plan, logicalTime);
    if (days.length === 0) return [];
    const found = await stores.partitions.newest(plan.name, plan.label.table, days[0]!, days.at(-1)!);
    return found.filter(({ partition }) => isAvailable(plan, plan.label.table, partition, asOf));
  }

  async function build(
    plan: ModelPlan,
    id: string,
    manifest: Manifest,
    features: readonly FeaturePartition[],
    labels: readonly PartitionRevision[],
  ): Promise<SnapshotRef> {
    const outDir = await artifacts.tempDir();
    try {
      const featurePaths: Record<string, Record<Day, string>> = {};
      for (const { view, day, data } of features) (featurePaths[view] ??= {})[day] = await artifacts.localPath(data);
      const labelPaths: Record<Day, string> = {};
      for (const { partition, data } of labels) labelPaths[partition] = await artifacts.localPath(data);
      const { roles } = manifest;
      const made = await buildMatrices(engine, { plan, days: roles, featurePaths, labelPaths, outDir });
      requireRows(plan, { train: made.train.rows, holdout: made.holdout.rows, truth: made.truth.rows });
      const matrix = ({ path, rows }: { path: string; rows: number }): Promise<ArtifactRef> =>
        artifacts.putFile(path, MEDIA_TYPES.parquet, rows);
      const json = (value: unknown): Promise<ArtifactRef> =>
        artifacts.put(Buffer.from(JSON.stringify(value)), MEDIA_TYPES.json);
      const span = (days: readonly Day[]): { from: Day; to: Day; count: number } => ({
        from: days[0]!,
        to: days.at(-1)!,
        count: days.length,
      });
      return {
        id,
        manifest: await json(manifest),
        train: await matrix(made.train),
        holdout: await matrix(made.holdout),
        truth: await matrix(made.truth),
        signature: await json(made.signature),
        trainDays: span(roles.train),
        holdoutDays: span(roles.holdout),
        truthDays: { count: roles.truth.length },
      };
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  return {
    planCycle: (input) =>
      heartbeating(async () => {
        const { plan } = await loadPlan(input.definitionDigest);
        const days = windowDays(plan, input.logicalTime);
        if (days.length === 0) {
          throw new UnderstudyError(
            'TOO_FEW_ROWS',
            `no day of data before ${input.logicalTime}; they start on ${plan.snapshot.start}`,
          );
        }
        const missing: { table: string; partition: Day }[] = [];
        for (const table of Object.keys(plan.tables)) {
          const stored = new Set(
            (await stores.partitions.newest(plan.name, table, days[0]!, days.at(-1)!)).map(
              ({ partition }) => partition,
            ),
          );
          const due = days.filter((day) => !stored.has(day) && isAvailable(plan, table, day, input.asOf));
          missing.push(...due.map((partition) => ({ table, partition })));
        }
        const { version } = await stores.registry.champion(plan.name);
        const contenders = Object.entries(plan.contenders).map(([name, contender]) => ({
          name,
          queue: queueOf(contender),
        }));
        return { featureDays: days, missing, contenders, championVersion: version };
      }),

    fixSnapshot: (input) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(input.definitionDigest);
        const labels = await visibleLabels(plan, input);
        const wanted = await featurizer.wanted(
          plan,
          labels.map(({ partition }) => partition),
        );
        const { features } = await featurizer.ensure(plan, wanted, (done, of) => progress({ featurize: done, of }));
        const usable = new Set(wanted.map(({ day }) => day));
        const seen = labels.filter(({ partition }) => usable.has(partition));
        const roles = rolesOf(
          plan,
          seen.map(({ partition }) => partition),
        );
        requireDays(plan, input, roles);
        const manifest: Manifest = {
          model: plan.name,
          label: plan.label,
          columns: plan.features.flatMap((view) =>
            Object.entries(view.features).map(([name, kind]) => [view.name, name, kind] as const),
          ),
          roles,
          features: features.map(({ view, day, key, data }) => ({ view, day, key, sha256: data.sha256 })),
          labels: seen.map(({ partition, data, revision }) => ({ day: partition, sha256: data.sha256, revision })),
        };
        const id = digestOf({ ...manifest, labels: manifest.labels.map(({ day, sha256 }) => ({ day, sha256 })) });
        const earlier = await stores.registry.findCycle(plan.name, id, input.definitionDigest);
        const known = await stores.features.loadSnapshot(id);
        const snapshot = known ?? (await build(plan, id, manifest, features, seen));
        if (!known) await stores.features.saveSnapshot(plan.name, snapshot);
        return { snapshot, mergedInto: earlier === input.cycle ? null : earlier };
      }),
  };
}

export function queueOf(contender: ContenderPlan): string {
  return contender.queue ?? (contender.trainer === 'logistic' ? TASK_QUEUES.data : TASK_QUEUES.trainPython);
}

function requireDays(plan: ModelPlan, { logicalTime }: CycleContext, roles: DayRoles): void {
  const needed = plan.snapshot.holdoutDays;
  if (roles.train.length > 0 && roles.holdout.length >= needed && roles.truth.length > 0) return;
  throw new UnderstudyError(
    'TOO_FEW_ROWS',
    `cycle of ${logicalTime}: ${roles.train.length} training, ${roles.holdout.length} holdout and ${roles.truth.length} truth days, ` +
      `allowed is at least 1, ${needed} and 1 (the window starts on ${addDays(logicalTime, -windowDays(plan, logicalTime).length)})`,
  );
}

function requireRows(plan: ModelPlan, rows: { train: number; holdout: number; truth: number }): void {
  const { minTrainRows, minHoldoutRows, minTruthRows } = plan.snapshot;
  const least = { train: minTrainRows, holdout: minHoldoutRows, truth: minTruthRows };
  for (const role of ['train', 'holdout', 'truth'] as const) {
    if (rows[role] < least[role]) {
      throw new UnderstudyError(
        'TOO_FEW_ROWS',
        `${role}: ${rows[role]} labelled rows, allowed is at least ${least[role]}`,
      );
    }
  }
}
