// Opens the artifact store that an address names: a directory, or a bucket of an S3-compatible store with a cache on this machine.
import { join } from 'node:path';
import type { ArtifactStore } from '../../ports/artifacts';
import { createFileArtifactStore } from './artifacts-file';
import { createReadCache } from './read-cache';
import { createS3Objects, type S3Settings } from './s3-objects';
import { createS3ArtifactStore } from './s3-store';

/** Where artifacts lie; a process's configuration is one. */
export interface ArtifactStoreSettings {
  /** `file:///…`, a path, or `s3://bucket/prefix`. */
  readonly artifactStore: string;
  /** The cache of a store elsewhere lies below it, in `artifact-cache`. */
  readonly home: string;
  /** Bytes that the cache holds, in MiB. */
  readonly artifactCacheMb: number;
  /** Endpoint and region of the S3-compatible store. */
  readonly sourceS3: S3Settings;
}

const BYTES_PER_MB = 1 << 20;

/**
 * Opens the store. Nothing is connected yet.
 * @throws UnderstudyError `CONFIG_INVALID` for another kind of address.
 */
export function createArtifactStore(settings: ArtifactStoreSettings): ArtifactStore {
  const { artifactStore, home, artifactCacheMb, sourceS3 } = settings;
  if (!artifactStore.startsWith('s3://')) return createFileArtifactStore(artifactStore);
  const { host, pathname } = new URL(artifactStore);
  const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
  return createS3ArtifactStore(
    createS3Objects({ bucket: host, prefix, ...sourceS3 }),
    createReadCache(join(home, 'artifact-cache'), artifactCacheMb * BYTES_PER_MB),
  );
}
