// Rows that were set aside, and what people decided about them.
import type { ArtifactRef } from '../domain/data/artifacts';
import type { Day, IsoTimestamp } from '../domain/days';
import type { Transaction } from './stores';

/** `released`: the rows are let in when the partition is checked again; `discarded`: they stay out. */
export type QuarantineDecision = 'released' | 'discarded';

/** A recorded decision about the rows that one rule set aside in one partition. */
export interface QuarantineVerdict {
  readonly model: string;
  readonly table: string;
  readonly partition: Day;
  readonly rule: string;
  readonly verdict: QuarantineDecision;
  /** Rows that the rule had set aside when it was decided. */
  readonly rows: number;
  readonly by: string;
  readonly reason: string;
  readonly asOf: IsoTimestamp;
}

/** The rows of one partition that broke one rule (a row counts for the first rule that it breaks). */
export interface QuarantineEntry {
  readonly table: string;
  readonly partition: Day;
  readonly rule: string;
  /** The newest revision of the partition. */
  readonly revision: number;
  /** Rows of that revision that are set aside; 0 once released rows were let in. */
  readonly rows: number;
  /** At most 5, each naming file line, column, what was found and what is allowed. */
  readonly samples: readonly string[];
  /** Parquet with all rows that the revision set aside, of every rule; null when it has none. */
  readonly data: ArtifactRef | null;
  readonly state: 'open' | QuarantineDecision;
  readonly verdict: (QuarantineVerdict & { readonly at: IsoTimestamp }) | null;
}

export interface QuarantineStore {
  /** Of the newest revisions, in the order of table, partition and rule; with what was decided, open or not. */
  list(
    model: string,
    filter?: { readonly table?: string; readonly from?: Day; readonly to?: Day },
  ): Promise<QuarantineEntry[]>;
  /** Rules whose rows a person let in for this partition, sorted. */
  released(model: string, table: string, partition: Day): Promise<string[]>;
  /** Adds a verdict. One per partition and rule: a second one is DUPLICATE_EFFECT. */
  record(tx: Transaction, verdict: QuarantineVerdict): Promise<void>;
}
