// From a snapshot's manifest to its matrices: everything that decides them stands in the manifest, and nothing else is looked at.
// Invariant: the same manifest gives the same bytes, on any machine, whatever was delivered since and wherever the features lie now.
import { rm } from 'node:fs/promises';
import type { FeatureFile } from '../../data/derive/feature-files';
import type { Engine } from '../../data/engine';
import { buildMatrices, type Matrices, type MatrixLayout, type MatrixRequest } from '../../data/snapshot/matrix';
import { MEDIA_TYPES, type ArtifactRef } from '../../domain/data/artifacts';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { DayRoles, SnapshotRef } from '../../domain/data/partitions';
import type { ModelPlan } from '../../domain/plan/plan';
import type { StoredFeatures } from '../../ports/features';
import { digestOf } from '../digest';
import type { FeatureDependencies } from '../features/featurize';
import { createStoredFeatureFiles } from '../features/stored-features';

/** Everything that decides a snapshot; its digest (without the revisions' numbers) is the snapshot's id. */
export interface SnapshotManifest {
  readonly model: string;
  readonly entityKey: string;
  readonly label: ModelPlan['label'];
  /** Absent: `binary`. */
  readonly task?: Exclude<ModelPlan['task'], 'binary'>;
  readonly columns: readonly (readonly [view: string, feature: string, kind: 'number' | 'category'])[];
  readonly roles: DayRoles;
  readonly features: readonly {
    readonly view: string;
    readonly day: Day;
    readonly key: string;
    readonly sha256: string;
  }[];
  readonly labels: readonly { readonly day: Day; readonly sha256: string; readonly revision: number }[];
  /** Which rows of the entity table are the model's, and its partitions that were asked. Absent: all rows. */
  readonly population?: {
    readonly rows: string;
    readonly entities: readonly { readonly day: Day; readonly sha256: string }[];
  };
}

/** Labelled rows by role. */
export interface RoleRows {
  readonly train: number;
  readonly holdout: number;
  readonly truth: number;
}

/**
 * Builds the matrices of a manifest and stores them with it.
 * @param judge - is shown the rows of each role before anything is stored, and throws where they do not do. Default: any do.
 * @throws UnderstudyError `PARTITION_MISSING` when a feature partition of the manifest is not known; `ARTIFACT_MISSING` when a file is gone;
 * `ARTIFACT_CORRUPT` when a key has other bytes than the manifest says.
 */
export async function buildSnapshot(
  dependencies: FeatureDependencies,
  id: string,
  manifest: SnapshotManifest,
  judge: (rows: RoleRows) => void = () => undefined,
): Promise<SnapshotRef> {
  const { artifacts, engine } = dependencies;
  const outDir = await artifacts.tempDir();
  try {
    const featureFiles = await featureFilesOf(dependencies, manifest);
    const labelPaths: Record<Day, string> = {};
    for (const { day, sha256 } of manifest.labels) labelPaths[day] = await artifacts.localPath({ sha256 });
    const entityPaths: Record<Day, string> = {};
    for (const { day, sha256 } of manifest.population?.entities ?? [])
      entityPaths[day] = await artifacts.localPath({ sha256 });
    const { roles } = manifest;
    const made = await matricesOf(engine, manifest, { featureFiles, labelPaths, entityPaths, outDir });
    judge({ train: made.train.rows, holdout: made.holdout.rows, truth: made.truth.rows });
    const matrix = ({ path, rows }: { path: string; rows: number }): Promise<ArtifactRef> =>
      artifacts.putFile(path, MEDIA_TYPES.parquet, rows);
    const json = (value: unknown): Promise<ArtifactRef> => artifacts.put(jsonBytes(value), MEDIA_TYPES.json);
    const span = (days: readonly Day[]) => ({ from: days[0]!, to: days.at(-1)!, count: days.length });
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

/**
 * Builds a snapshot again from its stored manifest. The result equals the reference that it was fixed with, digest by digest; where it
 * does not, something that should never change has changed.
 * @throws UnderstudyError as {@link buildSnapshot}; `ARTIFACT_MISSING` and `ARTIFACT_CORRUPT` also for the manifest itself.
 */
export async function rebuildSnapshot(dependencies: FeatureDependencies, snapshot: SnapshotRef): Promise<SnapshotRef> {
  const manifest = JSON.parse((await dependencies.artifacts.get(snapshot.manifest)).toString()) as SnapshotManifest;
  const rebuilt = await buildSnapshot(dependencies, snapshot.id, manifest);
  return snapshot.fixed ? { ...rebuilt, fixed: snapshot.fixed } : rebuilt;
}

/** The id of a snapshot: the digest of its manifest without the revisions' numbers. */
export function snapshotIdOf(manifest: SnapshotManifest): string {
  return digestOf({ ...manifest, labels: manifest.labels.map(({ day, sha256 }) => ({ day, sha256 })) });
}

/** The matrices of a manifest, from local files of its inputs. Fails as `buildMatrices` does. */
export function matricesOf(
  engine: Engine,
  manifest: SnapshotManifest,
  files: Pick<MatrixRequest, 'featureFiles' | 'labelPaths' | 'entityPaths' | 'outDir'>,
): Promise<Matrices> {
  return buildMatrices(engine, { plan: layoutOf(manifest), days: manifest.roles, ...files });
}

/** The bytes under which manifests and signatures are stored. */
export function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

async function featureFilesOf(
  dependencies: FeatureDependencies,
  manifest: SnapshotManifest,
): Promise<Record<string, Record<Day, FeatureFile>>> {
  const known = new Map(
    (await dependencies.stores.features.find(manifest.features.map(({ key }) => key))).map((found) => [
      found.key,
      found,
    ]),
  );
  const wanted = manifest.features.map(({ view, day, key, sha256 }): StoredFeatures => {
    const found = known.get(key);
    const where = `features of ${view} on ${day}, key ${key}`;
    if (!found) throw new UnderstudyError('PARTITION_MISSING', `${where}: the database does not know them`, { key });
    if (found.data.sha256 !== sha256) {
      const message = `${where}: found ${found.data.sha256}, allowed is ${sha256} as in the manifest`;
      throw new UnderstudyError('ARTIFACT_CORRUPT', message, { key });
    }
    return found;
  });
  const files = await createStoredFeatureFiles(dependencies).files(wanted);
  const result: Record<string, Record<Day, FeatureFile>> = {};
  for (const [index, { view, day }] of manifest.features.entries()) (result[view] ??= {})[day] = files[index]!;
  return result;
}

function layoutOf({ entityKey, task, label, columns, population }: SnapshotManifest): MatrixLayout {
  const views = new Map<string, Record<string, 'number' | 'category'>>();
  for (const [view, feature, kind] of columns) {
    const features = views.get(view) ?? {};
    features[feature] = kind;
    views.set(view, features);
  }
  return {
    entity: { key: entityKey },
    task: task ?? 'binary',
    rows: population?.rows,
    label,
    features: [...views].map(([name, features]) => ({ name, features })),
  };
}
