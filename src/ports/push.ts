// Rows that clients push: kept durably until they are ingested, batch by batch and in order; and which partitions the lifecycle has not been told of.
import type { ArtifactRef } from '../domain/data/artifacts';
import type { Day, IsoTimestamp } from '../domain/days';
import type { Transaction } from './stores';

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

/** A stretch of a partition's rows by their sequences: those after `after`, up to and with `through`. */
export interface PushedRange {
  readonly table: string;
  readonly partition: Day;
  readonly after: number;
  readonly through: number;
}

/** Rows that left the database for an artifact: gzip of JSON lines, a row a line, as {@link PushStore.rows} gave them. */
export interface PushArchive extends PushedRange {
  readonly rows: number;
  readonly data: ArtifactRef;
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
  /**
   * Rows of a partition as JSON text without line breaks, in the order in which they were stored. Those of its {@link PushStore.archives}
   * come before them, and may be in the database for a while, too: a reader starts after the last archive.
   * @param range - default: all that are in the database.
   */
  rows(
    model: string,
    table: string,
    partition: Day,
    range?: Partial<Pick<PushedRange, 'after' | 'through'>>,
  ): AsyncGenerator<string>;
  /** The archives of a partition, in the order of their rows. */
  archives(model: string, table: string, partition: Day): Promise<PushArchive[]>;
  /** Of a table, rows of partitions before a day that are in no archive, where the lifecycle was told of all rows; the oldest day first. */
  archivable(model: string, table: string, before: Day): Promise<PushedRange[]>;
  /** Records an archive. A second one of the same rows is ignored. */
  archive(tx: Transaction, model: string, archive: PushArchive): Promise<void>;
  /**
   * Deletes rows that have been in an archive for longer than `graceMs`, so that no reader misses them, then names of batches that came more
   * than `batchDays` days ago and have no row left.
   */
  deleteArchived(
    tx: Transaction,
    model: string,
    limits: { readonly graceMs: number; readonly batchDays: number },
  ): Promise<{ readonly rows: number; readonly batches: number }>;
}
