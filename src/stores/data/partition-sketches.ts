// The mergeable statistics of accepted partitions, for descriptions of any range of days without reading rows again.
import { z } from 'zod';
import type { ColumnSketch } from '../../domain/data/partitions';
import type { PartitionSketchStore } from '../../ports/partition-sketches';
import { jsonOf, type Database } from '../database';

const Row = z.object({
  partition: z.string(),
  rows: z.number(),
  sketches: jsonOf<Readonly<Record<string, ColumnSketch>> | null>(),
});

const SKETCHES = `
  select distinct on (partition) partition, rows, sketches from partition_revisions
  where model = $1 and table_name = $2 and ($3::date is null or partition >= $3) and ($4::date is null or partition <= $4)
  order by partition, revision desc`;

/** The sketches on PostgreSQL. */
export function createPartitionSketchStore(database: Database): PartitionSketchStore {
  return {
    sketches: (model, table, from, to) => database.query(Row, SKETCHES, [model, table, from ?? null, to ?? null]),
  };
}
