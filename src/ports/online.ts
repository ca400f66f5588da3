// The latest features of each entity, for clients that ask by entity key: what publishing, serving and the skew check need of the database.
import type { Day, IsoTimestamp } from '../domain/days';
import type { Transaction } from './stores';

/** Features of one view by name; null is missing. */
export type FeatureValues = Readonly<Record<string, number | string | null>>;

/** What one version of a view says of one entity, as it was published. */
export interface OnlineFeatures {
  readonly view: string;
  /** The view's version by content: two of them are online side by side while versions of both serve. */
  readonly viewDigest: string;
  readonly entityKey: string;
  /** The instant that the values are for. */
  readonly eventTime: IsoTimestamp;
  /** The feature partition's day, and the key that names the partition. */
  readonly day: Day;
  readonly featureKey: string;
  readonly features: FeatureValues;
}

/** A feature partition that is online: there is one for each version of a view and day. */
export interface OnlinePartition {
  readonly viewDigest: string;
  readonly day: Day;
  readonly featureKey: string;
}

/** A feature partition that entities' values come from. */
export interface PublishedPartition extends OnlinePartition {
  readonly view: string;
}

/** Some entities of one feature partition; the three lists are parallel. */
export interface OnlineRows {
  readonly entityKeys: readonly string[];
  readonly eventTimes: readonly IsoTimestamp[];
  /** Each entity's features by name, as JSON: a {@link FeatureValues}. */
  readonly features: readonly string[];
}

/** An entity whose value was taken away because its partition is no longer published. */
export interface DroppedEntity {
  readonly viewDigest: string;
  readonly entityKey: string;
  /** The day of the value. */
  readonly day: Day;
}

/** Invariant: per model, version of a view, and entity key the values of the latest day that is published. */
export interface OnlineStore {
  /** The newest accepted partition of a table; null: none. */
  newestPartition(model: string, table: string): Promise<Day | null>;
  published(model: string): Promise<OnlinePartition[]>;
  /** Waits until no other transaction publishes for the model. */
  lock(tx: Transaction, model: string): Promise<void>;
  /**
   * Puts in rows of a partition where no later day has their entity; gives how many were written. At most some 10,000 rows at once. The
   * same partition can be put again.
   */
  put(tx: Transaction, model: string, partition: PublishedPartition, rows: OnlineRows): Promise<number>;
  /**
   * After all rows of `put` were put: they are online from now on, each in place of the partition of its version and day, and what is `gone` or
   * before the day `oldest` is not. Drops the rows of what is not online any more.
   * @returns the entities that have lost a value of `oldest` or later, for older days to fill in.
   */
  replace(
    tx: Transaction,
    model: string,
    changes: {
      readonly put: readonly OnlinePartition[];
      readonly gone: readonly OnlinePartition[];
      readonly oldest: Day;
    },
  ): Promise<DroppedEntity[]>;
  /** Drops everything of a model. */
  clear(model: string): Promise<void>;
  /**
   * All views of these entities, in the order of view, key and digest; an unknown entity has none. Fails with DATABASE_UNAVAILABLE.
   * @param viewDigests - versions of views that are meant. Default: all that are online.
   */
  lookup(model: string, entityKeys: readonly string[], viewDigests?: readonly string[]): Promise<OnlineFeatures[]>;
  /** All views of at most `entities` entities whose values are of this day: always the same ones, by a hash of the key. */
  sample(model: string, day: Day, entities: number): Promise<OnlineFeatures[]>;
}
