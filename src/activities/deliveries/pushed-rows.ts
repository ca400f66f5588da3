// Pushed rows between the database and their archives: read together as one delivery, moved when their day is old.
// Invariant: a row leaves the database only after it lies in an archive and was part of an accepted partition; late rows of an archived day
// come after its archives, so the day's delivery has the same text as if nothing had been moved.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readRowsArchive, writeRowsArchive } from '../../data/sources/rows-archive';
import { MEDIA_TYPES } from '../../domain/data/artifacts';
import { addDays, type Day, type IsoTimestamp } from '../../domain/days';
import type { ModelPlan } from '../../domain/plan/plan';
import { localDay } from '../../domain/zones';
import type { PushedRange } from '../../ports/push';
import { createDeliveryFinder } from './deliveries';
import type { DataDependencies } from '../dependencies';

/** All rows of a partition as JSON lines, in the order in which they came, wherever they lie. */
export async function* allPushedRows(
  { artifacts, stores }: Pick<DataDependencies, 'artifacts' | 'stores'>,
  model: string,
  table: string,
  partition: Day,
): AsyncGenerator<string> {
  let after = 0;
  for (const { data, through } of await stores.pushes.archives(model, table, partition)) {
    yield* readRowsArchive(await artifacts.localPath(data));
    after = through;
  }
  yield* stores.pushes.rows(model, table, partition, { after });
}

/** What the retention of pushed rows did. */
export interface ArchivedPushes {
  readonly partitions: number;
  readonly rows: number;
  /** Rows that left the database: they had been in an archive for longer than the sweep's grace. */
  readonly deletedRows: number;
  /** Names of posts that are forgotten. */
  readonly forgottenBatches: number;
}

export interface PushedRowsRetention {
  /** Partitions whose pushed rows are old enough and announced; some of them may not have been accepted. */
  due(plan: ModelPlan, asOf: IsoTimestamp): Promise<PushedRange[]>;
  /** Archives them where they were accepted, and deletes what has been in an archive for long enough. */
  archive(plan: ModelPlan, asOf: IsoTimestamp, onProgress: (done: number, of: number) => void): Promise<ArchivedPushes>;
}

export function createPushedRowsRetention(dependencies: DataDependencies): PushedRowsRetention {
  const { stores, artifacts, sweepGraceMs } = dependencies;
  const { pushes, checks } = stores;
  const finder = createDeliveryFinder(dependencies);

  async function due(plan: ModelPlan, asOf: IsoTimestamp): Promise<PushedRange[]> {
    const before = addDays(localDay(asOf, plan.timeZone), -plan.retention.pushedDays);
    const tables = Object.entries(plan.tables).filter(([, { source }]) => source.format === 'push');
    const found = await Promise.all(tables.map(([table]) => pushes.archivable(plan.name, table, before)));
    return found.flat();
  }

  /** Whether the day's rows, as they would be delivered now, are those of an accepted delivery: told by their digest, not by dates. */
  async function wasAccepted(plan: ModelPlan, { table, partition }: PushedRange): Promise<boolean> {
    const { raw } = await finder.find(plan, table, partition);
    const found = await checks.list(plan.name, { table, from: partition, to: partition });
    return found.some(({ verdict, sha256 }) => verdict === 'accepted' && sha256 === raw?.sha256);
  }

  async function move(plan: ModelPlan, range: PushedRange): Promise<number> {
    const dir = await artifacts.tempDir();
    try {
      const path = join(dir, 'rows.jsonl.gz');
      const rows = await writeRowsArchive(path, pushes.rows(plan.name, range.table, range.partition, range));
      const data = await artifacts.putFile(path, MEDIA_TYPES.jsonlGzip, rows);
      await stores.transaction((tx) => pushes.archive(tx, plan.name, { ...range, rows, data }));
      return rows;
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  return {
    due,
    async archive(plan, asOf, onProgress) {
      const ranges = await due(plan, asOf);
      let partitions = 0;
      let rows = 0;
      for (const [index, range] of ranges.entries()) {
        onProgress(index, ranges.length);
        if (!(await wasAccepted(plan, range))) continue;
        partitions++;
        rows += await move(plan, range);
      }
      const limits = { graceMs: sweepGraceMs, batchDays: plan.retention.pushedDays };
      const deleted = await stores.transaction(async (tx) => {
        const deleted = await pushes.deleteArchived(tx, plan.name, limits);
        if (partitions > 0 || deleted.rows > 0) {
          await stores.audit.add(tx, {
            model: plan.name,
            asOf,
            by: 'retention',
            action: 'pushes.archived',
            subject: plan.name,
            details: { partitions, rows, deletedRows: deleted.rows, forgottenBatches: deleted.batches },
          });
        }
        return deleted;
      });
      return { partitions, rows, deletedRows: deleted.rows, forgottenBatches: deleted.batches };
    },
  };
}
