// The rows of a snapshot as a version with other views sees them: computed from its own views, as of the instant that the snapshot was fixed for.
import type { FeatureFile } from '../../data/derive/feature-files';
import type { MatrixRows } from '../../data/snapshot/read-matrix';
import { readVersionRows } from '../../data/snapshot/version-rows';
import type { ArtifactRef } from '../../domain/data/artifacts';
import { addDays } from '../../domain/days';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { ModelVersion } from '../../domain/lifecycle/registry';
import type { ModelSignature } from '../../domain/training/training';
import { createFeaturizer, type FeatureDependencies } from '../features/featurize';
import { planLoader } from '../plans';
import { createStoredFeatureFiles } from '../features/stored-features';
import { createVersionFeatures } from './version-features';

/** Features of the rows of one of the snapshot's matrices, in their order, in the columns and codes of a signature. */
export type OwnRows = (matrix: ArtifactRef, signature: ModelSignature) => Promise<Float32Array>;

/**
 * Null when the snapshot's features are those that the version was trained on: its matrices are to be read then. Else the version's own
 * views are computed for the days of the given rows; what is stored is reused.
 */
export type FindOwnRows = (
  plan: ModelPlan,
  version: ModelVersion,
  snapshot: SnapshotRef,
  sets: readonly MatrixRows[],
) => Promise<OwnRows | null>;

/** Fails with FEATURES_CHANGED where the definition that the snapshot was fixed by has not what the version's views need. */
export function createOwnRows(dependencies: FeatureDependencies): FindOwnRows {
  const { stores, artifacts, engine } = dependencies;
  const feeding = createVersionFeatures(stores);
  const loadPlan = planLoader(stores.definitions);
  const featurizer = createFeaturizer(dependencies);
  const stored = createStoredFeatureFiles(dependencies);

  return async (plan, version, snapshot, sets) => {
    if (version.lineage.snapshot === snapshot.id) return null;
    const { fixed } = snapshot;
    const made = fixed ? (await loadPlan(fixed.definitionDigest)).plan : plan;
    const fed = await feeding.planFor(made, version);
    if (fed === made) return null;
    const days = [...new Set(sets.flatMap((set) => [...set.days]))].sort((a, b) => a - b);
    const wanted = await featurizer.wanted(
      fed,
      days.map((day) => addDays('1970-01-01', day)),
      fixed?.revisionsAsOf,
    );
    const { features } = await featurizer.ensure(fed, wanted, () => undefined);
    const files = await stored.files(features);
    const featureFiles: Record<string, FeatureFile[]> = {};
    for (const [index, { view }] of features.entries()) (featureFiles[view] ??= []).push(files[index]!);
    return async (matrix, signature) =>
      readVersionRows(engine, {
        matrixPath: await artifacts.localPath(matrix),
        entityKey: fed.entity.key,
        views: fed.features,
        featureFiles,
        signature,
      });
  };
}
