// The artifact store in a bucket: `<prefix>/<first two digits>/<sha256>`, the layout of the directory store, with a read cache on this machine.
// Invariant: an object under its digest has that digest: the store checks it when it is written, and we check what we read. The bucket decides
// what exists; the cache only spares the way.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Sha256, type ArtifactRef } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import type { ArtifactStore } from '../../ports/artifacts';
import type { ReadCache } from './read-cache';
import type { S3Objects } from './s3-objects';

/** An object that is put again is renewed when it is older; far below the time that retention spares what is young. */
const RENEW_AFTER_MS = 3_600_000;
const NAME = /^[0-9a-f]{2}\/([0-9a-f]{64})$/;

/**
 * A store in a bucket.
 * @param renewAfterMs - see the port: putting what exists renews it. Default: an hour.
 */
export function createS3ArtifactStore(
  objects: S3Objects,
  cache: ReadCache,
  renewAfterMs: number = RENEW_AFTER_MS,
): ArtifactStore {
  const downloading = new Map<string, Promise<string>>();
  const nameOf = (sha256: string) => `${Sha256.parse(sha256).slice(0, 2)}/${sha256}`;

  /** Uploads what lies in the cache, unless the bucket has it and has had it renewed. */
  async function upload(ref: ArtifactRef): Promise<ArtifactRef> {
    const { sha256, bytes } = ref;
    const existing = await objects.head(nameOf(sha256));
    const recent = existing?.bytes === bytes && Date.now() - existing.modifiedAt.getTime() < renewAfterMs;
    if (recent) return ref;
    const path = await cache.path(sha256);
    if (path === null) throw new Error(`${sha256} left the cache while it was uploaded`);
    await objects.write(nameOf(sha256), { path, bytes, sha256 });
    return ref;
  }

  async function download(sha256: string): Promise<string> {
    const dir = await cache.tempDir();
    try {
      const scratch = join(dir, sha256);
      if (!(await objects.read(nameOf(sha256), scratch))) {
        const message = `The artifact ${sha256} is not in ${objects.address}.`;
        throw new UnderstudyError('ARTIFACT_MISSING', message, { sha256, root: objects.address });
      }
      const { sha256: found } = await cache.putFile(scratch, '');
      if (found !== sha256) {
        await cache.delete(found);
        const message = `The object ${objects.address}/${nameOf(sha256)} has the digest ${found}; its name says ${sha256}.`;
        throw new UnderstudyError('ARTIFACT_CORRUPT', message, { sha256, found });
      }
      const path = await cache.path(sha256);
      if (path === null) throw new Error(`${sha256} left the cache as soon as it had come`);
      return path;
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  async function localPath(sha256: string): Promise<string> {
    const cached = await cache.path(sha256);
    if (cached !== null) return cached;
    let running = downloading.get(sha256);
    if (!running) {
      running = download(sha256).finally(() => downloading.delete(sha256));
      downloading.set(sha256, running);
    }
    return running;
  }

  return {
    put: async (bytes, mediaType, rows) => upload(await cache.put(bytes, mediaType, rows)),
    putFile: async (path, mediaType, rows) => upload(await cache.putFile(path, mediaType, rows)),
    get: async ({ sha256 }) => readFile(await localPath(sha256)),
    localPath: ({ sha256 }) => localPath(sha256),
    has: async (sha256) => (await objects.head(nameOf(sha256))) !== null,
    async *list() {
      for await (const { name, bytes, modifiedAt } of objects.list()) {
        const sha256 = NAME.exec(name)?.[1];
        if (sha256 !== undefined) yield { sha256, bytes, modifiedAt };
      }
    },
    async delete(sha256) {
      await objects.remove(nameOf(sha256));
      await cache.delete(sha256);
    },
    tempDir: () => cache.tempDir(),
  };
}
