// Partitions of source tables and of feature views, and the snapshot that a cycle is fixed to.
import type { ArtifactRef } from './artifacts';
import type { Day, IsoTimestamp } from './days';

/** Numbers that describe one column of a partition; kept with the partition for ever. */
export interface ColumnStatistics {
  readonly nulls: number;
  readonly distinct: number;
  /** Numeric columns only. */
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly deviation?: number;
  readonly p10?: number;
  readonly p50?: number;
  readonly p90?: number;
  /** Text columns only: the most frequent values with their counts. */
  readonly top?: readonly { readonly value: string; readonly count: number }[];
}

/** Rows kept aside, counted by the rule that they broke, with a few samples. */
export interface QuarantineSummary {
  readonly rule: string;
  readonly rows: number;
  /** At most 5, each naming file line, column, what was found and what is allowed. */
  readonly samples: readonly string[];
}

/** One delivered and checked revision of one partition. */
export interface PartitionRevision {
  readonly model: string;
  readonly table: string;
  readonly partition: Day;
  /** 1, 2, …: grows by each accepted delivery with other rows. */
  readonly revision: number;
  readonly data: ArtifactRef;
  /** The rows set aside, as Parquet with the column `rule`; absent when there are none. */
  readonly quarantine?: ArtifactRef;
  readonly rows: number;
  readonly quarantinedRows: number;
  readonly availableAt: IsoTimestamp;
}

/** A stored result of one feature view for one day. Its key is a hash of the view's SQL and of exactly the inputs that it saw. */
export interface FeaturePartition {
  readonly key: string;
  readonly view: string;
  readonly day: Day;
  readonly data: ArtifactRef;
  readonly rows: number;
}

/** How the days before a cycle's logical time are used; the three lists are disjoint. */
export interface DayRoles {
  readonly train: readonly Day[];
  readonly holdout: readonly Day[];
  readonly truth: readonly Day[];
}

/** The exact, hashed set of rows that a cycle trains and evaluates on. The lists are in the manifest; this is what crosses Temporal. */
export interface SnapshotRef {
  readonly id: string;
  readonly manifest: ArtifactRef;
  /** Parquet matrices by role; the champion and all contenders use the same. */
  readonly train: ArtifactRef;
  readonly holdout: ArtifactRef;
  readonly truth: ArtifactRef;
  readonly signature: ArtifactRef;
  readonly trainDays: { readonly from: Day; readonly to: Day; readonly count: number };
  readonly holdoutDays: { readonly from: Day; readonly to: Day; readonly count: number };
  readonly truthDays: { readonly count: number };
}
