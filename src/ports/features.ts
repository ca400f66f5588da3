// What the product needs of its database to keep features: partitions by key, versions of views, files of many days, snapshots.
import type { ArtifactRef } from '../domain/data/artifacts';
import type { Day, IsoTimestamp } from '../domain/days';
import type { FeaturePartition, SnapshotRef } from '../domain/data/partitions';
import type { ModelPlan } from '../domain/plan/plan';

/** A feature partition as the database knows it. */
export interface StoredFeatures extends FeaturePartition {
  /** The version of the view that made it (its digest); absent: it was stored before versions were kept. */
  readonly viewDigest?: string;
  /** The file of many partitions that holds its rows; then `data` describes its own file, which may be gone. */
  readonly compacted?: ArtifactRef;
}

export interface FeatureStore {
  /** Those of the keys that are stored, by view, day and key. */
  find(keys: readonly string[]): Promise<StoredFeatures[]>;
  /** Those of the keys that are not stored, in their order. Much cheaper than `find`. */
  missing(keys: readonly string[]): Promise<string[]>;
  /** Once per key: a second partition of a key changes nothing. */
  save(partitions: readonly StoredFeatures[]): Promise<void>;
  /** Partitions of these views before a day that lie in a file of their own, by view, version, day and key. */
  compactable(views: readonly string[], before: Day): Promise<(StoredFeatures & { readonly viewDigest: string })[]>;
  /** Records that the rows of these partitions lie in one file; all or none. */
  saveCompacted(keys: readonly string[], data: ArtifactRef): Promise<void>;
  /** One that is known becomes the newest again. `labels`: what retention keeps as long as the snapshot, besides what the reference names; features are kept anyway. Default: nothing. */
  saveSnapshot(model: string, snapshot: SnapshotRef, labels?: readonly Pick<ArtifactRef, 'sha256'>[]): Promise<void>;
  loadSnapshot(id: string): Promise<SnapshotRef | null>;
  /** Snapshots that were fixed for a model, the newest first. */
  snapshots(model: string): Promise<{ readonly snapshot: SnapshotRef; readonly fixedAt: IsoTimestamp }[]>;
}

/** One version of a view: a distinct content under its name, whichever models use it. */
export interface FeatureViewVersion {
  readonly view: string;
  readonly digest: string;
  /** 1, 2, …: counts the contents of a name in the order in which they were first computed. */
  readonly version: number;
  /** The model that computed it first. */
  readonly model: string;
  readonly owner: string;
  readonly description: string;
  readonly sql: string;
  readonly createdAt: IsoTimestamp;
}

export interface FeatureViewStore {
  /** Gives each new content the next number of its name; a content that is known keeps its own. Safe for any number of callers. */
  register(versions: readonly Omit<FeatureViewVersion, 'version' | 'createdAt'>[]): Promise<void>;
  /** All versions of these views, by name and number. */
  versions(views: readonly string[]): Promise<FeatureViewVersion[]>;
}

/** What one table of a definition still needs, over a range of days. */
export interface TableChanges {
  readonly table: string;
  /** `changed`: other fields than those of the contract, such as its source or when it is available. */
  readonly change: 'unchanged' | 'new' | 'changed' | 'contract changed' | 'no longer used';
  readonly stored: RowCount;
  /** Days without an accepted partition. */
  readonly toIngest: RowCount;
  /** Stored partitions that were checked against another contract. */
  readonly toCheckAgain: RowCount;
}

/** What one feature view of a definition still needs, over a range of days. */
export interface ViewChanges {
  readonly view: string;
  readonly change: 'unchanged' | 'new' | 'changed' | 'no longer used';
  /** Number of the view's version; null: nothing of it has been computed yet. */
  readonly version: number | null;
  /** Days without features of this version and of the inputs that are stored now, or whose inputs are to be ingested first. */
  readonly toCompute: RowCount;
  readonly toReuse: RowCount;
  /** Stored days that the deployed definition uses and this one does not. */
  readonly noLongerUsed: RowCount;
}

/** Days, and their rows. */
export interface RowCount {
  readonly days: number;
  readonly rows: number;
  /** Whether `rows` contains days whose rows are not known yet, at the median of the stored days (0 where none is stored). */
  readonly estimated: boolean;
}

/** What deploying a definition and backfilling a range would do to the data. */
export interface PlannedChanges {
  readonly from: Day;
  readonly to: Day;
  readonly tables: readonly TableChanges[];
  readonly views: readonly ViewChanges[];
  /** Whether anything would be ingested, checked again or computed. */
  readonly anything: boolean;
}

/** One view of a deployed model. */
export interface ViewDescription {
  readonly name: string;
  readonly version: number | null;
  readonly digest: string;
  readonly owner: string;
  readonly description: string;
  readonly reads: Readonly<Record<string, number>>;
  readonly features: Readonly<Record<string, 'number' | 'category'>>;
  /** Days whose features of the newest inputs are stored, and their rows. */
  readonly daysStored: number;
  readonly rows: number;
  /** Other deployed models with the same content of this view. */
  readonly sharedWith: readonly string[];
}

/** What the command line is told of features; reads metadata only. */
export interface FeatureReports {
  /**
   * Compares a plan with what is stored over a range of days (both ends included) and with the deployed plan.
   * @param deployed - the plan in force; null: the model is not deployed.
   */
  planChanges(
    plan: ModelPlan,
    deployed: ModelPlan | null,
    range: { readonly from: Day; readonly to: Day },
  ): Promise<PlannedChanges>;
  /** Fails with MODEL_NOT_DEPLOYED. */
  describeViews(model: string): Promise<ViewDescription[]>;
}
