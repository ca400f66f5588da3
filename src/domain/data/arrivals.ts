// Deliveries as events: each one that reaches a lifecycle ends as exactly one of started, merged or refused, and is recorded as such.
import type { Day, IsoTimestamp } from '../days';

/** By which way a delivery became known. */
export type ArrivalSource = 'signal' | 'update' | 'tick' | 'poll' | 'push' | 'release';

/** `started`: an ingest of its own; `merged`: the same delivery was handled or is queued already; `refused`: with the reason, nothing was done. */
export type ArrivalOutcome = 'started' | 'merged' | 'refused';

export interface Arrival {
  readonly model: string;
  /** Unique per event, also when the same message comes twice. */
  readonly id: string;
  readonly source: ArrivalSource;
  /** As the event names them; null where it names none. */
  readonly table: string | null;
  readonly partition: Day | null;
  readonly sha256: string | null;
  readonly outcome: ArrivalOutcome;
  readonly reason: string;
  /** Workflow id of the work that it led to or was merged into; null when refused, and when what it was merged into has not started. */
  readonly work: string | null;
  readonly asOf: IsoTimestamp;
}

/** How far a table's partitions are complete: every day from the first one to `through` is accepted. */
export interface Watermark {
  readonly model: string;
  readonly table: string;
  readonly through: Day;
  /** The newest days of the table that were re-opened (revision above 1), newest first; at most 5. */
  readonly reopened: readonly Day[];
  readonly updatedAt: IsoTimestamp;
}

/** A partition that is due and has not come; the lifecycle waits for it without holding a worker. */
export interface ExpectedPartition {
  readonly table: string;
  readonly partition: Day;
  /** When people are told, once. */
  readonly deadline: IsoTimestamp;
  readonly nextPoll: IsoTimestamp;
  readonly pollMs: number;
  readonly alerted: boolean;
  /** Why what was found there last could not be read. */
  readonly refused?: string;
}
