// What the page about a model's data is made of: recorded facts, as plain values, so that document and page can be made without a store.
import type { Day, IsoTimestamp } from '../../domain/days';
import type { CheckOutcome, ColumnDescription } from '../../domain/data/partitions';

/** The newest accepted revision of one partition. */
export interface PartitionFact {
  readonly day: Day;
  readonly rows: number;
  readonly quarantinedRows: number;
  readonly revision: number;
  /** Column → share of its values that are missing, from 0 to 1. */
  readonly nullShares: Readonly<Record<string, number>>;
}

/** A delivery that was rejected as a whole. */
export interface RejectionFact {
  readonly day: Day;
  readonly message: string;
  readonly at: IsoTimestamp;
}

/** What the checks found on one delivery. */
export interface CheckFact {
  readonly day: Day;
  readonly outcomes: readonly CheckOutcome[];
}

/** What is recorded about one table, within the range of the page. */
export interface TableFacts {
  readonly partitions: readonly PartitionFact[];
  readonly rejections: readonly RejectionFact[];
  readonly checks: readonly CheckFact[];
  /** Column → numbers; columns without kept sketches are absent. */
  readonly columns: Readonly<Record<string, ColumnDescription>>;
  /** Every day from the first one of the data to this one is accepted; null: not even the first one. */
  readonly watermark: Day | null;
  /** The plan's deadline after the availability, in milliseconds. */
  readonly deadlineMs: number;
}

/** What is recorded about one feature view, over all days. */
export interface ViewFacts {
  /** Number of this content of the view; null: nothing was computed yet. */
  readonly version: number | null;
  readonly daysStored: number;
  readonly rowsStored: number;
  /** Other deployed models whose definition has the same view. */
  readonly sharedWith: readonly string[];
}

/** Everything that the page shows besides the plan. */
export interface DataFacts {
  readonly definitionDigest: string;
  readonly codeCommit: string;
  readonly clock: 'wall' | 'simulated';
  /** When the page was made, by the clock of the machine. */
  readonly madeAt: IsoTimestamp;
  /** Partitions whose time has come by this instant are due. On a simulated clock: the newest instant on record. */
  readonly asOf: IsoTimestamp;
  /** The range of days that the page covers, both included. */
  readonly from: Day;
  readonly to: Day;
  readonly champion: { readonly version: number; readonly contender: string } | null;
  readonly tables: Readonly<Record<string, TableFacts>>;
  readonly views: Readonly<Record<string, ViewFacts>>;
}
