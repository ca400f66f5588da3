// Partitions of source tables: what splitting a file gave, accepted revisions with their statistics, and rejections.
// Invariant: revisions of a partition count 1, 2, … without gaps; a delivery with the newest revision's rows adds none.
import { z } from 'zod';
import { ArtifactRef } from '../../domain/data/artifacts';
import type { IsoTimestamp } from '../../domain/days';
import type { ColumnSketch, ColumnStatistics, PartitionRevision } from '../../domain/data/partitions';
import type { PartitionStore } from '../../ports/stores';
import { jsonOf, lockName, toJson, within, type Database } from '../database';

const Split = z.object({ data: ArtifactRef.nullable() });
const Revision = z
  .object({
    model: z.string(),
    table_name: z.string(),
    partition: z.string(),
    revision: z.number(),
    data: ArtifactRef,
    quarantine: ArtifactRef.nullable(),
    rows: z.number(),
    quarantined_rows: z.number(),
    available_at: z.string(),
  })
  .transform((row): PartitionRevision => ({
    model: row.model,
    table: row.table_name,
    partition: row.partition,
    revision: row.revision,
    data: row.data,
    ...(row.quarantine ? { quarantine: row.quarantine } : {}),
    rows: row.rows,
    quarantinedRows: row.quarantined_rows,
    availableAt: row.available_at,
  }));
const REVISION_COLUMNS =
  'model, table_name, partition, revision, data, quarantine, rows, quarantined_rows, available_at';
const Statistics = z.object({
  partition: z.string(),
  rows: z.number(),
  columns: jsonOf<Readonly<Record<string, ColumnStatistics>>>(),
  sketches: jsonOf<Readonly<Record<string, ColumnSketch>> | null>(),
});
const Rejection = z.object({
  table: z.string(),
  partition: z.string(),
  sha256: z.string(),
  message: z.string(),
  at: z.string(),
});
const Totals = z.object({
  ingested: z.number(),
  rejected: z.number(),
  reopened: z.number(),
  rows: z.number(),
  quarantinedRows: z.number(),
});

const INSERT_REVISION = `
  insert into partition_revisions (${REVISION_COLUMNS}, data_sha256, statistics, quarantined, sketches)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  returning ${REVISION_COLUMNS}`;

const NEWEST = `
  select distinct on (partition) ${REVISION_COLUMNS} from partition_revisions
  where model = $1 and table_name = $2 and partition between $3 and $4
    and ($5::timestamptz is null or revision = 1 or available_at <= $5)
  order by partition, revision desc`;

const STATISTICS = `
  select distinct on (partition) partition, rows, statistics as columns, case when $5 then sketches end as sketches
  from partition_revisions
  where model = $1 and table_name = $2 and partition < $3
  order by partition desc, revision desc
  limit $4`;

const TOTALS = `
  with newest as (
    select distinct on (table_name, partition) rows, quarantined_rows from partition_revisions
    where model = $1 order by table_name, partition, revision desc
  )
  select count(*) as ingested,
         (select count(*) from partition_rejections where model = $1) as rejected,
         (select count(*) from partition_revisions r where model = $1 and (revision > 1 or exists (
            select from partition_rejections j
            where (j.model, j.table_name, j.partition) = (r.model, r.table_name, r.partition) and j.at < r.accepted_at
          ))) as reopened,
         coalesce(sum(rows), 0)::bigint as rows,
         coalesce(sum(quarantined_rows), 0)::bigint as "quarantinedRows"
  from newest`;

/** A split is needed while the rows of one of its days are the newest accepted or the last judged delivery of a partition. */
const FORGET_SPLITS = `
  with ranked as (
    select sha256, ordinal, max(ordinal) over partition_of as last, verdict = 'accepted' as accepted, revision,
           max(revision) over partition_of as newest
    from partition_checks window partition_of as (partition by model, table_name, partition)
  ),
  needed as (select distinct sha256 from ranked where ordinal = last or (accepted and revision = newest))
  delete from splits
  where created_at < now() - make_interval(secs => $1 / 1000.0)
    and not exists (select from json_each(days) day join needed on needed.sha256 = day.value ->> 'sha256')`;

/** The partitions on PostgreSQL. */
export function createPartitionStore(database: Database): PartitionStore {
  return {
    async saveSplit(fileSha256, splitDigest, days) {
      await database.run(
        'insert into splits (file_sha256, split_digest, days) values ($1, $2, $3) on conflict (file_sha256, split_digest) do nothing',
        [fileSha256, splitDigest, toJson(days)],
      );
    },

    async loadSplit(fileSha256, splitDigest, day) {
      const [row] = await database.query(
        Split,
        'select days -> $3::text as data from splits where file_sha256 = $1 and split_digest = $2',
        [fileSha256, splitDigest, day],
      );
      return { known: row !== undefined, data: row?.data ?? null };
    },

    forgetSplits: (olderThanMs) => database.run(FORGET_SPLITS, [olderThanMs]),

    async accept(tx, delivered, statistics, quarantined, sketches) {
      const sql = within(tx);
      const { model, table, partition } = delivered;
      await lockName(tx, `partition/${model}/${table}/${partition}`);
      const [newest] = await sql.query(Revision, NEWEST, [model, table, partition, partition, null]);
      if (newest?.data.sha256 === delivered.data.sha256) return { revision: newest, isNew: false, replaced: false };
      const [revision] = await sql.query(Revision, INSERT_REVISION, [
        ...[model, table, partition, (newest?.revision ?? 0) + 1, toJson(delivered.data)],
        delivered.quarantine ? toJson(delivered.quarantine) : null,
        ...[delivered.rows, delivered.quarantinedRows],
        ...[newest ? later(delivered.availableAt, delivered.asOf) : delivered.availableAt, delivered.data.sha256],
        ...[toJson(statistics), toJson(quarantined), sketches ? toJson(sketches) : null],
      ]);
      return { revision: revision!, isNew: true, replaced: newest !== undefined };
    },

    async reject(tx, model, table, partition, sha256, message) {
      await within(tx).run(
        'insert into partition_rejections (model, table_name, partition, sha256, message) values ($1, $2, $3, $4, $5)',
        [model, table, partition, sha256, message],
      );
    },

    newest: (model, table, from, to, asOf) => database.query(Revision, NEWEST, [model, table, from, to, asOf ?? null]),

    statistics: (model, table, before, limit, withSketches) =>
      database.query(Statistics, STATISTICS, [model, table, before, limit, withSketches ?? false]),

    rejections: (model) =>
      database.query(
        Rejection,
        'select table_name as "table", partition, sha256, message, at from partition_rejections where model = $1 order by id',
        [model],
      ),

    async totals(model) {
      const [row] = await database.query(Totals, TOTALS, [model]);
      return row!;
    },
  };
}

function later(instant: IsoTimestamp, other: IsoTimestamp | undefined): IsoTimestamp {
  return other !== undefined && Date.parse(other) > Date.parse(instant) ? other : instant;
}
