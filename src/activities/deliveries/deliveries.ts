// Finds delivered rows: reads a table's source for a day, whatever kind it is, and names the day's raw rows by digest.
// Invariant: what is found depends on the source's content only; reading again what has not changed costs a look and no second split.
import type { ArtifactRef } from '../../domain/data/artifacts';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import type { DataDependencies } from '../dependencies';
import { createFileDeliveries } from './file-deliveries';
import { createRowDeliveries } from './row-deliveries';
import { createSplitter } from './split-once';

export interface FoundRows {
  /** The day's raw rows; null: the source has none for the day. */
  readonly raw: ArtifactRef | null;
  /** How messages call the source. */
  readonly fileName: string;
}

/** How far reading has come: bytes while a file is fetched, rows while it is read. */
export interface SourceProgress {
  readonly source: string;
  readonly bytes?: number;
  readonly rows?: number;
}

/** How a caller follows and ends the work. */
export interface FindOptions {
  readonly onProgress?: (read: SourceProgress) => void;
  /** Stops reading; nothing half read is kept. Default: it cannot be stopped. */
  readonly signal?: AbortSignal;
}

export interface DeliveryFinder {
  /**
   * The raw rows of a partition, from `uri` or else from the table's source. `sha256` is the digest of the announced file.
   * Fails with SOURCE_NOT_FOUND (nothing there), SOURCE_UNREADABLE (damaged, not allowed, or not the announced digest), SOURCE_UNAVAILABLE
   * (a server that does not answer; may pass), MODEL_CODE_FAILED (the author's SQL or hook) or CONFIG_INVALID (a variable is missing).
   */
  find(
    plan: ModelPlan,
    table: string,
    partition: Day,
    uri?: string,
    sha256?: string,
    options?: FindOptions,
  ): Promise<FoundRows>;
}

/** One finder for all activities of a process, so that what one of them has looked at is known to the others. */
const FINDERS = new WeakMap<DataDependencies, DeliveryFinder>();

/** The finder of these dependencies: always the same one. */
export function createDeliveryFinder(dependencies: DataDependencies): DeliveryFinder {
  const known = FINDERS.get(dependencies);
  if (known) return known;
  const finder = newFinder(dependencies);
  FINDERS.set(dependencies, finder);
  return finder;
}

function newFinder(dependencies: DataDependencies): DeliveryFinder {
  const splitter = createSplitter(dependencies);
  const files = createFileDeliveries(dependencies, splitter);
  const rows = createRowDeliveries(dependencies, splitter);
  return {
    async find(plan, table, partition, uri, sha256, options = {}) {
      const { source } = plan.tables[table]!;
      if ('path' in source) return files.find(plan, source, partition, { uri, sha256 }, options);
      if (uri === undefined) return rows.find(plan, table, source, partition, options);
      const message = `${table}: a file was announced for a table that is not read from files (found: ${uri}; allowed: no uri, because its source is ${source.format})`;
      throw new UnderstudyError('SOURCE_UNREADABLE', message, { table, uri });
    },
  };
}
