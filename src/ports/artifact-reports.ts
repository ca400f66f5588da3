// What the command line is told that needs the bytes of artifacts: whether a snapshot is what it was, and all rows that were set aside.
import type { Day } from '../domain/days';
import type { SnapshotRef } from '../domain/data/partitions';

/** What was found of one file of a snapshot. */
export interface SnapshotFile {
  readonly kind: 'manifest' | 'matrix' | 'signature' | 'features' | 'labels' | 'entities';
  /** Such as `train`, `past of 2013-01-02` or `results of 2013-01-02`. */
  readonly name: string;
  readonly sha256: string;
  /**
   * `damaged`: other bytes than its digest says. `missing`: gone, although something alive refers to it. `swept`: gone, and nothing alive refers to it.
   * `repaired`: it was damaged or missing, and the same bytes were built again and put back. `unknown`: the database does not know the feature partition, or knows other bytes of its key.
   */
  readonly state: 'intact' | 'damaged' | 'missing' | 'swept' | 'unknown' | 'repaired';
  /** What was found instead; empty when intact. */
  readonly found: string;
}

/** One output that was built again from the manifest. */
export interface RebuiltFile {
  readonly name: 'train' | 'holdout' | 'truth' | 'signature';
  readonly expected: string;
  readonly found: string;
  readonly identical: boolean;
}

/** What a look at every byte of a snapshot found. */
export interface SnapshotVerification {
  readonly id: string;
  /**
   * The manifest is the one of this id, its inputs are intact, no file is damaged or missing, and what was built again from them is byte-identical. Swept
   * matrices alone do not break it: the proof is that they come back with the same bytes.
   */
  readonly verified: boolean;
  /** Whether the digest of the manifest's content is the id; null: the manifest cannot be read. */
  readonly isManifestOfId: boolean | null;
  readonly files: readonly SnapshotFile[];
  /** Null: an input is not intact, so nothing could be built again. */
  readonly rebuilt: readonly RebuiltFile[] | null;
}

/** What to write of the quarantine. */
export interface QuarantineExportRequest {
  /** Days with the artifact of the rows that they set aside, in the order of the output. */
  readonly partitions: readonly { readonly partition: Day; readonly sha256: string }[];
  readonly rules: readonly string[];
  /** Rows at most; null: all. */
  readonly limit: number | null;
  readonly format: 'csv' | 'jsonl' | 'parquet';
  readonly outPath: string;
}

/** Reads artifacts and changes none, but for a repair. */
export interface ArtifactReports {
  /**
   * Reads every file of a snapshot, and builds its matrices again in a folder of its own.
   * @param onProgress - is told how many files were read.
   * @param repair - damaged and missing matrices that were built again with the recorded digest are put back. Default: false.
   */
  verifySnapshot(
    model: string,
    snapshot: SnapshotRef,
    onProgress?: (done: number, of: number) => void,
    repair?: boolean,
  ): Promise<SnapshotVerification>;
  /** Writes rows that were set aside; gives their number. Fails with ARTIFACT_MISSING or ARTIFACT_CORRUPT. */
  exportQuarantine(request: QuarantineExportRequest): Promise<number>;
}
