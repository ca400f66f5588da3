// Fixes a cycle's snapshot: which feature partitions and labels, in which role, under one hash; and the matrices that everyone then uses.
import { durationMs } from '../../definition/settings';
import { dataOwner } from '../../domain/data/data-owner';
import { addDays, type Day, type IsoTimestamp } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import { trainingQueueOf } from '../../domain/plan/contender-plan';
import type { DuePartition } from '../../domain/lifecycle/lifecycle';
import type { DayRoles, PartitionRevision, SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import { availableAt } from '../../domain/zones';
import type { CycleContext, DataActivities } from '../../ports/activities';
import { heartbeating } from '../boundary';
import { rolesOf, windowDays } from './day-roles';
import type { DataDependencies } from '../dependencies';
import { createFeaturizer } from '../features/featurize';
import { isAvailable } from '../availability';
import { planLoader } from '../plans';
import { entityDigest, type WantedFeatures } from '../features/wanted-features';
import { buildSnapshot, snapshotIdOf, type RoleRows, type SnapshotManifest } from './snapshot-manifest';

export function createSnapshotActivities(
  dependencies: DataDependencies,
): Pick<DataActivities, 'planCycle' | 'fixSnapshot'> {
  const { stores } = dependencies;
  const loadPlan = planLoader(stores.definitions);
  const featurizer = createFeaturizer(dependencies);

  /** Label partitions that a cycle may see: accepted, before its logical time, available as of its instant. */
  async function visibleLabels(
    plan: ModelPlan,
    { logicalTime, asOf }: CycleContext,
    revisionsAsOf: IsoTimestamp,
  ): Promise<PartitionRevision[]> {
    const days = windowDays(plan, logicalTime);
    if (days.length === 0) return [];
    const found = await stores.partitions.newest(
      dataOwner(plan),
      plan.label.table,
      days[0]!,
      days.at(-1)!,
      revisionsAsOf,
    );
    return found.filter(({ partition }) => isAvailable(plan, plan.label.table, partition, asOf));
  }

  /** Null also when retention has deleted a matrix: building it again gives the same bytes under the same digests. */
  async function intact(snapshot: SnapshotRef | null): Promise<SnapshotRef | null> {
    if (!snapshot) return null;
    const parts = [snapshot.manifest, snapshot.train, snapshot.holdout, snapshot.truth, snapshot.signature];
    const there = await Promise.all(parts.map(({ sha256 }) => dependencies.artifacts.has(sha256)));
    return there.every(Boolean) ? snapshot : null;
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
            (await stores.partitions.newest(dataOwner(plan), table, days[0]!, days.at(-1)!)).map(
              ({ partition }) => partition,
            ),
          );
          const due = days.filter((day) => !stored.has(day) && isAvailable(plan, table, day, input.asOf));
          missing.push(...due.map((partition) => ({ table, partition })));
        }
        const { version } = await stores.registry.champion(plan.name);
        const contenders = Object.entries(plan.contenders).map(([name, contender]) => ({
          name,
          queue: trainingQueueOf(contender),
        }));
        const { waitFor, every, then } = plan.snapshot.missing;
        const waiting = { waitForMs: durationMs(waitFor), everyMs: durationMs(every), then };
        return {
          featureDays: days,
          missing,
          due: newestDue(plan, missing),
          contenders,
          championVersion: version,
          waiting,
        };
      }),

    fixSnapshot: (input) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(input.definitionDigest);
        const revisionsAsOf = input.revisionsAsOf ?? input.asOf;
        const labels = await visibleLabels(plan, input, revisionsAsOf);
        const wanted = await featurizer.wanted(
          plan,
          labels.map(({ partition }) => partition),
          revisionsAsOf,
        );
        const { features } = await featurizer.ensure(plan, wanted, (done, of) => progress({ featurize: done, of }));
        const usable = new Set(wanted.map(({ day }) => day));
        const seen = labels.filter(({ partition }) => usable.has(partition));
        const roles = rolesOf(
          plan,
          seen.map(({ partition }) => partition),
        );
        requireDays(plan, input, roles);
        const manifest: SnapshotManifest = {
          model: plan.name,
          entityKey: plan.entity.key,
          label: plan.label,
          ...(plan.task === 'binary' ? {} : { task: plan.task }),
          columns: plan.features.flatMap((view) =>
            Object.entries(view.features).map(([name, kind]) => [view.name, name, kind] as const),
          ),
          roles,
          features: features.map(({ view, day, key, data }) => ({ view, day, key, sha256: data.sha256 })),
          labels: seen.map(({ partition, data, revision }) => ({ day: partition, sha256: data.sha256, revision })),
          ...(plan.rows === undefined ? {} : { population: { rows: plan.rows, entities: entitiesOf(plan, wanted) } }),
        };
        const id = snapshotIdOf(manifest);
        const earlier = await stores.registry.findCycle(plan.name, id, input.definitionDigest);
        const before = await stores.features.loadSnapshot(id);
        const known = await intact(before);
        const least = (rows: RoleRows) => requireRows(plan, rows);
        const fixed = before?.fixed ?? { definitionDigest: input.definitionDigest, revisionsAsOf };
        const snapshot = known ?? { ...(await buildSnapshot(dependencies, id, manifest, least)), fixed };
        // Also a known one: a cycle needs it from now on, so retention must find it among the newest.
        await stores.features.saveSnapshot(plan.name, snapshot, [
          ...manifest.labels,
          ...(manifest.population?.entities ?? []),
        ]);
        return { snapshot, mergedInto: earlier === input.cycle ? null : earlier };
      }),
  };
}

/** The partitions of the entity table that the features of some days were computed for, by day. */
function entitiesOf(plan: ModelPlan, wanted: readonly WantedFeatures[]): { day: Day; sha256: string }[] {
  const digests = new Map(wanted.map((each) => [each.day, entityDigest(plan, each)]));
  return [...digests].map(([day, sha256]) => ({ day, sha256 }));
}

/** So many missing partitions are told to the lifecycle, which looks for them from then on. */
const MOST_DUE = 50;

function newestDue(plan: ModelPlan, missing: readonly { table: string; partition: Day }[]): DuePartition[] {
  const newest = [...missing].sort((a, b) => (a.partition < b.partition ? 1 : -1)).slice(0, MOST_DUE);
  return newest.map(({ table, partition }) => {
    return { table, partition, availableAt: availableAt(plan.tables[table]!.availableAt, partition, plan.timeZone) };
  });
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

function requireRows(plan: ModelPlan, rows: RoleRows): void {
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
