// Rows that clients push: kept durably until they are ingested, batch by batch and in order; and which partitions the lifecycle has not been told of.
import type { Day, IsoTimestamp } from '../domain/days';

/** One post of a client. */
export interface PushBatch {
  readonly model: string;
  readonly table: string;
  /** Names the post: a second one of this name stores nothing. */
  readonly batch: string;
  /** The rows as a JSON array, exactly as the client wrote them. */
  readonly json: string;
  /** Day and instant of each row, in the order of the array. */
  readonly partitions: readonly Day[];
  readonly eventTimes: readonly IsoTimestamp[];
}

/** What became of a post. */
export interface PushReceipt {
  readonly rows: number;
  /** Partition → rows in it. */
  readonly partitions: Readonly<Record<Day, number>>;
  /** The batch was there already, with the same rows: nothing was stored now. */
  readonly duplicate: boolean;
}

/** A partition with rows that the lifecycle was not told of. */
export interface WaitingPartition {
  readonly model: string;
  readonly table: string;
  readonly partition: Day;
  /** The newest row. */
  readonly through: number;
  /** For how long the oldest such row has been waiting, by the database's clock. */
  readonly waitedMs: number;
}

/** Invariant: rows of a table are committed in the order of their sequence, so that a look at the newest one misses none before it. */
export interface PushStore {
  /**
   * Stores all rows of a post, or none; returns after the commit.
   * @throws UnderstudyError `REQUEST_INVALID` when the batch exists with other rows, `DATABASE_UNAVAILABLE`
   */
  append(batch: PushBatch): Promise<PushReceipt>;
  /** Partitions with rows that were not announced, the longest waiting first. */
  waiting(): Promise<WaitingPartition[]>;
  /** Records that the lifecycle was told of the rows up to `through`. Rows after it go on waiting. */
  announced(partition: Pick<WaitingPartition, 'model' | 'table' | 'partition' | 'through'>): Promise<void>;
  /** All rows of a partition as JSON text without line breaks, in the order in which they were stored. */
  rows(model: string, table: string, partition: Day): AsyncGenerator<string>;
}
