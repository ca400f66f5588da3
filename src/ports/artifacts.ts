// The port of the artifact store: immutable bytes, addressed by their SHA-256 digest.
// Invariant: bytes are visible under a digest only when they are complete and have that digest.
import type { ArtifactRef } from '../domain/data/artifacts';

/** One stored artifact, as the retention step sees it. */
export interface StoredArtifact {
  readonly sha256: string;
  readonly bytes: number;
  /** When it was written, or last put again (putting what exists renews it, so that a clean-up never takes what was just asked for). */
  readonly modifiedAt: Date;
}

/**
 * Immutable bytes by digest. Every method may fail with `STORE_FULL` (writes), `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` (reads), and in a
 * store elsewhere with `STORE_UNAVAILABLE` or `CONFIG_INVALID`.
 * Writing the same bytes twice is one artifact. Safe for several processes at once.
 */
export interface ArtifactStore {
  /** Stores bytes. `rows` is kept in the reference only. */
  put(bytes: Uint8Array, mediaType: string, rows?: number): Promise<ArtifactRef>;
  /** Stores a file: moved when it lies in a {@link ArtifactStore.tempDir} of this store, else copied. */
  putFile(path: string, mediaType: string, rows?: number): Promise<ArtifactRef>;
  /** The bytes, after their digest was checked. */
  get(ref: Pick<ArtifactRef, 'sha256'>): Promise<Buffer>;
  /** A readable local file with exactly these bytes (checked); read-only for the caller, and it may be the store's own file. */
  localPath(ref: Pick<ArtifactRef, 'sha256'>): Promise<string>;
  has(sha256: string): Promise<boolean>;
  /** All artifacts, in no particular order; unfinished writes are not among them. */
  list(): AsyncIterable<StoredArtifact>;
  /** Deletes an artifact; deleting what is not there is no error. Only the retention step may call it, and a repair of bytes that are not what their digest says. */
  delete(sha256: string): Promise<void>;
  /** A new empty directory on the store's file system; the caller removes it. Leftovers of crashed processes go after a day. */
  tempDir(): Promise<string>;
}
