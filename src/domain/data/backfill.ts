// The public interface of the workflow type `backfill`, besides the messages of the lifecycle. Names are a contract (a test snapshots them).
import type { Day } from '../days';

/** Answer of a backfill's `progress` query. */
export interface BackfillProgress {
  /** Steps done of all: a day counts once when it is ingested and once when its features are there. */
  readonly done: number;
  readonly of: number;
  readonly doing: 'planning' | 'ingest' | 'featurize' | 'paused' | 'cancelling' | 'done';
  /** Since the range was planned; 0 before anything was done. */
  readonly rowsPerSecond: number;
  readonly partitionsPerSecond: number;
  /** Until its end, when the steps that are left take as long as those that were done; null: not known yet. */
  readonly secondsLeft: number | null;
  /** Partitions that were not stored, with the `missing` ones. */
  readonly rejected: number;
  /** Partitions that were there already. */
  readonly skipped: number;
  /** Days of the whole range. */
  readonly days: number;
  /** Partitions that were stored, and their rows. */
  readonly accepted: number;
  readonly rows: number;
  /** Of the rejected: those of which the source has nothing. */
  readonly missing: number;
  /** Feature partitions (one per view and day) that were computed, and those of the same days that were there already. */
  readonly featuresComputed: number;
  readonly featuresReused: number;
}

/** One partition of a backfill, as its `results` query tells (the last 500; all of them are in the database). */
export interface BackfillResult {
  readonly table: string;
  readonly partition: Day;
  readonly outcome: 'accepted' | 'unchanged' | 'rejected';
  readonly rows: number;
  /** Why it was rejected, shortened; else empty. */
  readonly message: string;
}

/** Messages of the workflow type `backfill`, besides those of the lifecycle. */
export const BACKFILL_SIGNAL_NAMES = ['pauseBackfill', 'resumeBackfill'] as const;
export const BACKFILL_QUERY_NAMES = ['progress', 'results'] as const;
