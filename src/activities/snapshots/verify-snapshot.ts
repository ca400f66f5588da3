// Proves that a snapshot is what it was: reads every file of it, and builds its matrices again from the manifest alone.
// Invariant: nothing in the artifact store or the database is changed, but that a repair puts bytes of the recorded digest back; what is built again lies in a folder of its own.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extractFeatureFile, type FeatureFile } from '../../data/derive/feature-files';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { RebuiltFile, SnapshotFile, SnapshotVerification } from '../../ports/artifact-reports';
import type { StoredFeatures } from '../../ports/features';
import type { Stores } from '../../ports/stores';
import type { FeatureDependencies } from '../features/featurize';
import { planLoader } from '../plans';
import { jsonBytes, matricesOf, snapshotIdOf, type SnapshotManifest } from './snapshot-manifest';
import { onceEach } from '../features/stored-features';

/** What a verification reads. */
export interface VerifyDependencies extends Pick<FeatureDependencies, 'artifacts' | 'engine'> {
  readonly stores: Pick<Stores, 'definitions' | 'features' | 'reachableArtifacts'>;
  /** An existing folder for what is built again; not the artifact store's. */
  readonly tempDir: string;
}

type Look = Pick<SnapshotFile, 'state' | 'found'> & { readonly path: string | null };
/** What the versions that retention has not taken refer to, whatever their age. */
const EVER: Day = '0001-01-01';

/** Looks at a snapshot of a model. See {@link SnapshotVerification} for what it tells. */
export async function verifySnapshot(
  dependencies: VerifyDependencies,
  model: string,
  snapshot: SnapshotRef,
  onProgress: (done: number, of: number) => void = () => undefined,
  repair = false,
): Promise<SnapshotVerification> {
  const { artifacts, stores } = dependencies;
  const outDir = await mkdtemp(join(dependencies.tempDir, 'verify-'));
  const local = onceEach((sha256) => artifacts.localPath({ sha256 }));
  const files: SnapshotFile[] = [];
  let alive: Set<string> | undefined;

  /** A file as it lies in the store, read as a whole. */
  async function look(sha256: string): Promise<Look> {
    try {
      return { state: 'intact', found: '', path: await local(sha256) };
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      if (error.code === 'ARTIFACT_CORRUPT') return { state: 'damaged', found: error.message, path: null };
      if (error.code !== 'ARTIFACT_MISSING') throw error;
      alive ??= await reachableOf(stores, model);
      return { state: alive.has(sha256) ? 'missing' : 'swept', found: error.message, path: null };
    }
  }

  async function check(kind: SnapshotFile['kind'], name: string, sha256: string): Promise<string | null> {
    const { path, ...seen } = await look(sha256);
    files.push({ kind, name, sha256, ...seen });
    return path;
  }

  /** A compacted partition is taken out of its file, because there its own digest is seen. */
  async function checkFeatures(
    { view, day, key, sha256 }: SnapshotManifest['features'][number],
    stored: StoredFeatures | undefined,
  ): Promise<FeatureFile | null> {
    const file = { kind: 'features', name: `${view} of ${day}`, sha256 } as const;
    const tell = (state: SnapshotFile['state'], found: string): void => void files.push({ ...file, state, found });
    if (stored?.data.sha256 !== sha256) {
      tell('unknown', stored ? `The key ${key} has ${stored.data.sha256}.` : `The key ${key} is not stored.`);
      return null;
    }
    if (!stored.compacted) {
      const path = await check('features', file.name, sha256);
      return path === null ? null : { path };
    }
    const { state, found, path } = await look(stored.compacted.sha256);
    if (path === null) {
      tell(state, found);
      return null;
    }
    const outPath = join(outDir, 'extracted.parquet');
    await extractFeatureFile(dependencies.engine, { path, within: key }, outPath);
    const digest = await fileDigest(outPath);
    const same = digest === sha256;
    tell(same ? 'intact' : 'damaged', same ? '' : `The compacted file ${stored.compacted.sha256} gives ${digest}.`);
    return same ? { path, within: key } : null;
  }

  try {
    const manifestPath = await check('manifest', 'manifest', snapshot.manifest.sha256);
    for (const role of ['train', 'holdout', 'truth'] as const) await check('matrix', role, snapshot[role].sha256);
    await check('signature', 'signature', snapshot.signature.sha256);
    if (manifestPath === null) {
      return { id: snapshot.id, verified: false, isManifestOfId: null, files, rebuilt: null };
    }
    const manifest = JSON.parse((await artifacts.get(snapshot.manifest)).toString()) as SnapshotManifest;
    const isManifestOfId = snapshotIdOf(manifest) === snapshot.id;
    const known = await stores.features.find(manifest.features.map(({ key }) => key));
    const byKey = new Map(known.map((found) => [found.key, found]));
    const featureFiles: Record<string, Record<Day, FeatureFile>> = {};
    const labelPaths: Record<Day, string> = {};
    const all = files.length + manifest.features.length + manifest.labels.length;
    let whole = true;
    for (const features of manifest.features) {
      const file = await checkFeatures(features, byKey.get(features.key));
      if (file) (featureFiles[features.view] ??= {})[features.day] = file;
      else whole = false;
      onProgress(files.length, all);
    }
    for (const { day, sha256 } of manifest.labels) {
      const path = await check('labels', `${manifest.label.table} of ${day}`, sha256);
      if (path === null) whole = false;
      else labelPaths[day] = path;
      onProgress(files.length, all);
    }
    const entityPaths: Record<Day, string> = {};
    for (const { day, sha256 } of manifest.population?.entities ?? []) {
      const path = await check('entities', `entities of ${day}`, sha256);
      if (path === null) whole = false;
      else entityPaths[day] = path;
    }
    const rebuilt = whole ? await rebuild(manifest, { featureFiles, labelPaths, entityPaths }) : null;
    const sound = files.every(({ state }) => state === 'intact' || state === 'swept' || state === 'repaired');
    const verified = isManifestOfId && sound && rebuilt !== null && rebuilt.every(({ identical }) => identical);
    return { id: snapshot.id, verified, isManifestOfId, files, rebuilt };
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }

  /** Only what is damaged or missing; damaged bytes go first, because what exists is not written again. */
  async function putBack(name: RebuiltFile['name'], content: Uint8Array | string): Promise<void> {
    const { sha256, mediaType } = snapshot[name];
    const at = files.findIndex(
      ({ kind, name: other }) => other === name && (kind === 'matrix' || kind === 'signature'),
    );
    const file = files[at];
    if (!file || (file.state !== 'damaged' && file.state !== 'missing')) return;
    if (file.state === 'damaged') await artifacts.delete(sha256);
    if (typeof content === 'string') await artifacts.putFile(content, mediaType);
    else await artifacts.put(content, mediaType);
    files[at] = {
      ...file,
      state: 'repaired',
      found: `It was ${file.state}; the same bytes were built again and put back.`,
    };
  }

  async function rebuild(
    manifest: SnapshotManifest,
    inputs: Pick<Parameters<typeof matricesOf>[2], 'featureFiles' | 'labelPaths' | 'entityPaths'>,
  ): Promise<RebuiltFile[]> {
    const made = await matricesOf(dependencies.engine, manifest, { ...inputs, outDir });
    const compared = (name: RebuiltFile['name'], found: string): RebuiltFile => {
      const expected = snapshot[name].sha256;
      return { name, expected, found, identical: found === expected };
    };
    const signature = jsonBytes(made.signature);
    const found = [
      compared('train', await fileDigest(made.train.path)),
      compared('holdout', await fileDigest(made.holdout.path)),
      compared('truth', await fileDigest(made.truth.path)),
      compared('signature', createHash('sha256').update(signature).digest('hex')),
    ];
    for (const { name } of repair ? found.filter(({ identical }) => identical) : []) {
      await putBack(name, name === 'signature' ? signature : made[name].path);
    }
    return found;
  }
}

async function reachableOf(stores: VerifyDependencies['stores'], model: string): Promise<Set<string>> {
  const current = await stores.definitions.current(model);
  if (!current) return new Set();
  const { plan } = await planLoader(stores.definitions)(current.digest);
  return stores.reachableArtifacts(model, plan.retention.keepVersions, EVER);
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
