// The latest features of each entity, for clients that ask by entity key: what publishing, serving and the skew check need of the database.
import type { Day, IsoTimestamp } from '../domain/days';
import type { Transaction } from './stores';

/** Features of one view by name; null is missing. */
export type FeatureValues = Readonly<Record<string, number | string | null>>;

/** What one view says of one entity, as it was published. */
export interface OnlineFeatures {
  readonly view: string;
  readonly entityKey: string;
  /** The instant that the values are for. */
  readonly eventTime: IsoTimestamp;
  /** The feature partition's day, and the key that names the partition. */
  readonly day: Day;
  readonly featureKey: string;
  readonly features: FeatureValues;
}

/** A feature partition that entities' values come from. */
export interface PublishedPartition {
  readonly view: string;
  readonly day: Day;
  readonly featureKey: string;
}

/** Some entities of one feature partition; the three lists are parallel. */
export interface OnlineRows {
  readonly entityKeys: readonly string[];
  readonly eventTimes: readonly IsoTimestamp[];
  /** Each entity's features by name, as JSON: a {@link FeatureValues}. */
  readonly features: readonly string[];
}

/** Invariant: per model, view and entity key the values with the latest event time; an older day never replaces a newer one. */
export interface OnlineStore {
  /** The newest accepted partition of a table; null: none. */
  newestPartition(model: string, table: string): Promise<Day | null>;
  published(model: string): Promise<PublishedPartition[]>;
  /** Waits until no other transaction publishes for the model. */
  lock(tx: Transaction, model: string): Promise<void>;
  /** Puts in rows of a partition where they are the latest of their entity; gives how many were written. At most some 10,000 rows at once. */
  put(tx: Transaction, model: string, partition: PublishedPartition, rows: OnlineRows): Promise<number>;
  /** After all rows of these partitions of one day were put: drops what other partitions of the same views had put there for the day. */
  supersede(tx: Transaction, model: string, day: Day, partitions: readonly PublishedPartition[]): Promise<void>;
  /** Drops days before this one. */
  dropBefore(tx: Transaction, model: string, day: Day): Promise<void>;
  /** Drops views that the model no longer has. */
  dropViews(tx: Transaction, model: string, views: readonly string[]): Promise<void>;
  /** Drops everything of a model. */
  clear(model: string): Promise<void>;
  /** All views of these entities, in the order of view and key; an unknown entity has none. Fails with DATABASE_UNAVAILABLE. */
  lookup(model: string, entityKeys: readonly string[]): Promise<OnlineFeatures[]>;
  /** All views of at most `entities` entities whose values are of this day: always the same ones, by a hash of the key. */
  sample(model: string, day: Day, entities: number): Promise<OnlineFeatures[]>;
}
