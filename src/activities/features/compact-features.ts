// Compaction: many small feature files of one view and month become one file. Keys, digests and snapshots stay as they are.
// Invariant: a partition is switched only after its own bytes came out of the new file again; at every instant one of the two is complete.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { compactFeatureFiles, extractFeatureFile } from '../../data/derive/feature-files';
import { dataOwner } from '../../domain/data/data-owner';
import { MEDIA_TYPES } from '../../domain/data/artifacts';
import { addDays, type Day } from '../../domain/days';
import { failureCodeOf } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { DataActivities } from '../../ports/activities';
import type { StoredFeatures } from '../../ports/features';
import { heartbeating } from '../boundary';
import type { DataDependencies } from '../dependencies';
import type { FeatureDependencies } from './featurize';
import { planLoader } from '../plans';

/** What a compaction did. */
export interface CompactionResult {
  /** Files that were made. */
  readonly files: number;
  /** Partitions whose rows lie in them now; their own files may go. */
  readonly partitions: number;
  /** Partitions that stay in a file of their own: it is gone, or it did not come out of the new file byte by byte. */
  readonly kept: number;
}

/**
 * Compacts whole months that are older than the newest day of the entity table by `retention.compactAfterDays`; a view's versions go into
 * files of their own. Nothing is done for fewer than two files, so a second run does only what has been added since.
 */
export async function compactOldFeatures(
  { stores, artifacts, engine }: FeatureDependencies,
  plan: ModelPlan,
  progress: (done: number, of: number) => void = () => undefined,
): Promise<CompactionResult> {
  const result = { files: 0, partitions: 0, kept: 0 };
  const { compactAfterDays } = plan.retention;
  const newest = await stores.online.newestPartition(dataOwner(plan), plan.entity.table);
  if (compactAfterDays === 0 || newest === null) return result;
  const before = firstOfMonth(addDays(newest, -compactAfterDays));
  const views = plan.features.map(({ name }) => name);
  const groups = byMonth(await stores.features.compactable(views, before)).filter((group) => group.length > 1);
  for (const [index, group] of groups.entries()) {
    const compacted = await compact(group);
    result.files += compacted > 0 ? 1 : 0;
    result.partitions += compacted;
    result.kept += group.length - compacted;
    progress(index + 1, groups.length);
  }
  return result;

  /** How many partitions of a group were switched to a new file. */
  async function compact(group: readonly StoredFeatures[]): Promise<number> {
    const outDir = await artifacts.tempDir();
    try {
      const found = await present(group);
      if (found.length < 2) return 0;
      const path = join(outDir, 'compacted.parquet');
      const rows = await compactFeatureFiles(engine, found, path);
      const same: string[] = [];
      for (const { key, sha256 } of found) {
        const again = join(outDir, 'again.parquet');
        await extractFeatureFile(engine, { path, within: key }, again);
        if ((await digestOfFile(again)) === sha256) same.push(key);
      }
      if (same.length < 2) return 0;
      // A death before the second line leaves an artifact that nothing refers to, which the sweep finds.
      const data = await artifacts.putFile(path, MEDIA_TYPES.parquet, rows);
      await stores.features.saveCompacted(same, data);
      return same.length;
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  async function present(group: readonly StoredFeatures[]): Promise<{ key: string; path: string; sha256: string }[]> {
    const found: { key: string; path: string; sha256: string }[] = [];
    for (const { key, data } of group) {
      try {
        found.push({ key, path: await artifacts.localPath(data), sha256: data.sha256 });
      } catch (error) {
        if (!['ARTIFACT_MISSING', 'ARTIFACT_CORRUPT'].includes(failureCodeOf(error))) throw error;
      }
    }
    return found;
  }
}

export function createCompactActivities(dependencies: DataDependencies): Pick<DataActivities, 'compactFeatures'> {
  const loadPlan = planLoader(dependencies.stores.definitions);
  return {
    compactFeatures: ({ definitionDigest }) =>
      heartbeating(async (progress) => {
        const { plan } = await loadPlan(definitionDigest);
        return compactOldFeatures(dependencies, plan, (done, of) => progress({ done, of }));
      }),
  };
}

function firstOfMonth(day: Day): Day {
  return `${day.slice(0, 7)}-01`;
}

/** In the order of view, version and month; two partitions with the same bytes are one file and stay in one group. */
function byMonth(partitions: readonly (StoredFeatures & { readonly viewDigest: string })[]): StoredFeatures[][] {
  const groups = new Map<string, StoredFeatures[]>();
  for (const partition of partitions) {
    const name = `${partition.view} ${partition.viewDigest} ${partition.day.slice(0, 7)}`;
    groups.set(name, [...(groups.get(name) ?? []), partition]);
  }
  return [...groups.values()];
}

async function digestOfFile(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path), digest);
  return digest.digest('hex');
}
