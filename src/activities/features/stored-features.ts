// Where the rows of stored feature partitions are to be read: the one place that knows that some lie in files of many days.
// Invariant: a file that is taken out of a compacted one has the digest that its partition was stored with.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { extractFeatureFile, type FeatureFile } from '../../data/derive/feature-files';
import { MEDIA_TYPES } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import type { StoredFeatures } from '../../ports/features';
import type { DataDependencies } from '../dependencies';

/** Local files of stored features; both keep the order of what is asked for, and check each distinct file once. */
export interface StoredFeatureFiles {
  /** For readers that can read one partition out of a file of many. */
  files(partitions: readonly StoredFeatures[]): Promise<FeatureFile[]>;
  /**
   * For readers that need a file of its own for each partition; one that is gone is made again from the compacted file.
   * @throws UnderstudyError `ARTIFACT_CORRUPT` when it does not get the bytes that it had.
   */
  paths(partitions: readonly StoredFeatures[]): Promise<string[]>;
}

/** See {@link StoredFeatureFiles}. */
export function createStoredFeatureFiles({
  artifacts,
  engine,
}: Pick<DataDependencies, 'artifacts' | 'engine'>): StoredFeatureFiles {
  async function own({ key, data, compacted }: StoredFeatures): Promise<string> {
    if (!compacted || (await artifacts.has(data.sha256))) return artifacts.localPath(data);
    const outDir = await artifacts.tempDir();
    try {
      const outPath = join(outDir, 'features.parquet');
      await extractFeatureFile(engine, { path: await artifacts.localPath(compacted), within: key }, outPath);
      const made = await artifacts.putFile(outPath, MEDIA_TYPES.parquet, data.rows);
      if (made.sha256 !== data.sha256) {
        const message = `features ${key.slice(0, 12)} from the compacted file ${compacted.sha256}: found ${made.sha256}, allowed is ${data.sha256}`;
        throw new UnderstudyError('ARTIFACT_CORRUPT', message, { key });
      }
      return await artifacts.localPath(data);
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  return {
    async files(partitions) {
      const local = onceEach((sha256) => artifacts.localPath({ sha256 }));
      return Promise.all(
        partitions.map(async ({ key, data, compacted }) =>
          compacted ? { path: await local(compacted.sha256), within: key } : { path: await local(data.sha256) },
        ),
      );
    },
    async paths(partitions) {
      const paths: string[] = [];
      for (const partition of partitions) paths.push(await own(partition));
      return paths;
    },
  };
}

/** Looks each digest up once: reading a file to check its digest costs more than the query that it is for. */
export function onceEach(look: (sha256: string) => Promise<string>): (sha256: string) => Promise<string> {
  const found = new Map<string, Promise<string>>();
  return (sha256) => {
    let path = found.get(sha256);
    if (!path) found.set(sha256, (path = look(sha256)));
    return path;
  };
}
