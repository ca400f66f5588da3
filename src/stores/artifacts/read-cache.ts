// Artifacts of a store elsewhere as files of this machine, because the engine and onnxruntime read files. Shared by all its processes.
// Invariant: a file under its digest is whole (it is a directory store); what was asked for within the last hour is never dropped, so that
// a path that was handed out can be read, even if the cache is larger than its bound for a while.
import { utimes } from 'node:fs/promises';
import { UnderstudyError } from '../../domain/failures';
import type { ArtifactStore, StoredArtifact } from '../../ports/artifacts';
import { createFileArtifactStore } from './artifacts-file';

const IN_USE_MS = 3_600_000;
/** After so much was added, in shares of the bound, the cache is looked through again. */
const LOOK_AFTER_SHARE = 0.05;

/** A cache folder. */
export interface ReadCache extends Pick<ArtifactStore, 'put' | 'putFile' | 'tempDir' | 'delete'> {
  /** The file with these bytes (checked); null: it is not here, or was damaged and is dropped. Renews its place among the used ones. */
  path(sha256: string): Promise<string | null>;
}

/**
 * Opens (and creates) a cache.
 * @param maxBytes - bound; the files that were not used for the longest time go first.
 * @param inUseMs - a file that was asked for more recently stays. Default: an hour.
 */
export function createReadCache(folder: string, maxBytes: number, inUseMs: number = IN_USE_MS): ReadCache {
  const files = createFileArtifactStore(folder);
  let added = maxBytes;
  let trimming: Promise<void> | undefined;

  async function trim(): Promise<void> {
    const found: StoredArtifact[] = [];
    for await (const file of files.list()) found.push(file);
    let bytes = found.reduce((sum, file) => sum + file.bytes, 0);
    found.sort((a, b) => a.modifiedAt.getTime() - b.modifiedAt.getTime());
    const youngest = Date.now() - inUseMs;
    for (const file of found) {
      if (bytes <= maxBytes || file.modifiedAt.getTime() > youngest) return;
      await files.delete(file.sha256);
      bytes -= file.bytes;
    }
  }

  async function room(bytes: number): Promise<void> {
    added += bytes;
    if (added < LOOK_AFTER_SHARE * maxBytes) return;
    added = 0;
    await (trimming ??= trim().finally(() => (trimming = undefined)));
  }

  return {
    async put(bytes, mediaType, rows) {
      const ref = await files.put(bytes, mediaType, rows);
      await room(ref.bytes);
      return ref;
    },
    async putFile(path, mediaType, rows) {
      const ref = await files.putFile(path, mediaType, rows);
      await room(ref.bytes);
      return ref;
    },
    async path(sha256) {
      try {
        const path = await files.localPath({ sha256 });
        const now = new Date();
        await utimes(path, now, now).catch(() => undefined);
        return path;
      } catch (error) {
        if (!(error instanceof UnderstudyError)) throw error;
        if (error.code === 'ARTIFACT_CORRUPT') await files.delete(sha256);
        return null;
      }
    },
    delete: (sha256) => files.delete(sha256),
    tempDir: () => files.tempDir(),
  };
}
