// Partitions of source tables and of feature views, and the snapshot that a cycle is fixed to.
import type { ArtifactRef } from './artifacts';
import type { Day, IsoTimestamp } from '../days';

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

/**
 * What one partition's column holds, in a form that can be added up: the sketch of a range of days is the merge of the days' sketches, so
 * any range can be described without reading rows again. `src/statistics/sketches.ts` merges and describes.
 */
export interface ColumnSketch {
  /** Rows with a value, and without. */
  readonly count: number;
  readonly nulls: number;
  /** HyperLogLog registers, base64; see the merging code for its size and error. */
  readonly distinct: string;
  /** Numbers, dates and timestamps (as epoch milliseconds): moments, and a quantile sketch with a relative error of 1 %. */
  readonly numeric?: {
    readonly min: number;
    readonly max: number;
    readonly mean: number;
    /** Sum of squared differences from the mean. */
    readonly m2: number;
    /**
     * Dates and timestamps only: buckets have this width in milliseconds instead (all are in `positive`), bucket i holds
     * i × step ≤ x < (i + 1) × step; 1 % of an epoch time would be months.
     */
    readonly step?: number;
    /** Values that are 0, then [bucket, count] of positive and of negative values; bucket i holds γ^(i-1) < |x| ≤ γ^i. */
    readonly zeros: number;
    readonly positive: readonly (readonly [bucket: number, count: number])[];
    readonly negative: readonly (readonly [bucket: number, count: number])[];
  };
  /** Texts, categories, booleans: the most frequent values, and how many rows the others have together. */
  readonly top?: readonly { readonly value: string; readonly count: number }[];
  readonly others?: number;
}

/** Quantiles of a description: p05 is the value that 5 % of the rows do not exceed. */
export type QuantileName = 'p01' | 'p05' | 'p10' | 'p25' | 'p50' | 'p75' | 'p90' | 'p95' | 'p99';

/** What a sketch says about the rows of one column. Numbers of dates and timestamps are epoch milliseconds. */
export interface ColumnDescription {
  /** Rows with a value, and without. */
  readonly count: number;
  readonly nulls: number;
  /** Number of different values: exact when all are among the top ones, else estimated with a standard error of 3.25 %. */
  readonly distinct: number;
  /** Of numbers, dates and timestamps with at least one value; min, max, mean and deviation (of the population) are exact. */
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly deviation?: number;
  /** Within 1 % of the value of that rank; of instants within half an hour, over longer ranges a few hours. */
  readonly quantiles?: Readonly<Partial<Record<QuantileName, number>>>;
  /** Bins of equal width from min to max; each row counts where its bucket's middle lies. */
  readonly histogram?: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  /** Of texts, categories and booleans: the most frequent values first, and the rows of all others. */
  readonly top?: readonly { readonly value: string; readonly count: number }[];
  readonly others?: number;
}

/** What one check of a contract found on one delivery. */
export interface CheckOutcome {
  /** Name of the rule, such as `delay_range`, `minRows`, `columns`, or of the assumption. */
  readonly check: string;
  readonly kind: 'schema' | 'row' | 'partition' | 'assumption';
  readonly verdict: 'passed' | 'warned' | 'quarantined' | 'rejected';
  readonly found: string;
  readonly allowed: string;
  /** Rows concerned, where the check counts rows. */
  readonly rows?: number;
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
  /**
   * How it was fixed: the definition whose views it has, and the instant that revisions were seen as of, so that a version with other views is
   * evaluated on the same rows as of the same instant. Absent: the definition of who asks, and the newest revisions.
   */
  readonly fixed?: { readonly definitionDigest: string; readonly revisionsAsOf: IsoTimestamp };
}
