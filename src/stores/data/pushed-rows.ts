// Pushed rows on PostgreSQL. Invariant: a batch is stored whole or not at all and once; sequences of a table become visible in their order,
// because its posts take turns; a row counts as announced only after the lifecycle has taken it.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ArtifactRef } from '../../domain/data/artifacts';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { PushBatch, PushReceipt, PushStore } from '../../ports/push';
import { jsonOf, lockName, toJson, within, type Database } from '../database';

/** Rows of one look at a partition: some megabytes. */
const CHUNK_ROWS = 5_000;

const Batch = z.object({ digest: z.string(), partitions: jsonOf<Readonly<Record<Day, number>>>(), rows: z.number() });
const Waiting = z.object({
  model: z.string(),
  table: z.string(),
  partition: z.string(),
  through: z.number(),
  waitedMs: z.number(),
});
const Range = z.object({ table: z.string(), partition: z.string(), after: z.number(), through: z.number() });
const Archive = Range.extend({ rows: z.number(), data: ArtifactRef });
const Stored = z.object({ sequence: z.number(), row: z.string() });

const INSERT_ROWS = `
  insert into pushed_rows (model, table_name, batch, partition, event_time, row)
  select $1, $2, $3, partition, event_time, row
  from json_array_elements($4::json) with ordinality as given (row, at)
  join unnest($5::date[], $6::timestamptz[]) with ordinality as dated (partition, event_time, at) using (at)
  order by at`;
const MARK_WAITING = `
  insert into push_announcements as known (model, table_name, partition, newest, waiting_since)
  select model, table_name, partition, max(sequence), now() from pushed_rows
  where model = $1 and table_name = $2 and batch = $3 and partition = any($4::date[])
  group by model, table_name, partition
  on conflict (model, table_name, partition)
  do update set newest = excluded.newest, waiting_since = coalesce(known.waiting_since, excluded.waiting_since)`;
const WAITING = `
  select model, table_name as "table", partition, newest as through,
    (extract(epoch from now() - waiting_since) * 1000)::double precision as "waitedMs"
  from push_announcements where waiting_since is not null order by waiting_since, model, table_name, partition`;
const ANNOUNCE = `
  update push_announcements
  set through = greatest(through, $4), announced_at = now(), waiting_since = case when newest > $4 then now() end
  where model = $1 and table_name = $2 and partition = $3`;
const ROWS = `
  select sequence, row::text as row from pushed_rows
  where model = $1 and table_name = $2 and partition = $3 and sequence > $4 and ($5::bigint is null or sequence <= $5)
  order by sequence limit $6`;
const ARCHIVES = `
  select table_name as "table", partition, after, through, rows, data from push_archives
  where model = $1 and table_name = $2 and partition = $3 order by through`;
const ARCHIVABLE = `
  select told.table_name as "table", told.partition, done.after, told.newest as through
  from push_announcements told, lateral (
    select coalesce(max(through), 0) as after from push_archives kept
    where (kept.model, kept.table_name, kept.partition) = (told.model, told.table_name, told.partition)
  ) done
  where told.model = $1 and told.table_name = $2 and told.partition < $3
    and told.waiting_since is null and told.newest <= told.through and told.newest > done.after
  order by told.partition`;
const DELETE_ROWS = `
  delete from pushed_rows stored using push_archives kept
  where stored.model = $1 and kept.archived_at <= now() - $2 * interval '1 millisecond'
    and (kept.model, kept.table_name, kept.partition) = (stored.model, stored.table_name, stored.partition)
    and stored.sequence > kept.after and stored.sequence <= kept.through`;
const DELETE_BATCHES = `
  delete from push_batches given
  where model = $1 and received_at < now() - $2 * interval '1 day' and not exists (
    select from pushed_rows left_over
    where (left_over.model, left_over.table_name, left_over.batch) = (given.model, given.table_name, given.batch)
  )`;

/** The pushed rows on PostgreSQL. */
export function createPushStore(database: Database): PushStore {
  async function append({ model, table, batch, json, partitions, eventTimes }: PushBatch): Promise<PushReceipt> {
    const digest = createHash('sha256').update(json).digest('hex');
    return database.transaction(async (tx) => {
      const sql = within(tx);
      await lockName(tx, `push/${model}/${table}`);
      const [known] = await sql.query(
        Batch,
        'select digest, partitions, rows from push_batches where model = $1 and table_name = $2 and batch = $3',
        [model, table, batch],
      );
      if (known) {
        if (known.digest === digest) return { rows: known.rows, partitions: known.partitions, duplicate: true };
        throw new UnderstudyError(
          'REQUEST_INVALID',
          `Batch "${batch}" of ${table} was stored already, with other rows (found: ${partitions.length} rows, then ${known.rows}; allowed: the same post again, or another name).`,
          { batch },
        );
      }
      const counts = countsOf(partitions);
      await sql.run(
        'insert into push_batches (model, table_name, batch, rows, digest, partitions) values ($1, $2, $3, $4, $5, $6)',
        [model, table, batch, partitions.length, digest, toJson(counts)],
      );
      const stored = await sql.run(INSERT_ROWS, [model, table, batch, json, [...partitions], [...eventTimes]]);
      if (stored !== partitions.length) throw new Error(`${stored} rows in the text of ${partitions.length} rows`);
      await sql.run(MARK_WAITING, [model, table, batch, Object.keys(counts)]);
      return { rows: partitions.length, partitions: counts, duplicate: false };
    });
  }

  return {
    append,
    waiting: () => database.query(Waiting, WAITING),
    async announced({ model, table, partition, through }) {
      await database.run(ANNOUNCE, [model, table, partition, through]);
    },
    async *rows(model, table, partition, { after: start = 0, through } = {}) {
      for (let after = start; ;) {
        const values = [model, table, partition, after, through ?? null, CHUNK_ROWS];
        const found = await database.query(Stored, ROWS, values);
        // Line breaks of JSON stand between its parts only; inside of a text they are escaped.
        for (const { row } of found) yield row.replace(/[\r\n]+/g, ' ');
        if (found.length < CHUNK_ROWS) return;
        after = found.at(-1)!.sequence;
      }
    },
    archives: (model, table, partition) => database.query(Archive, ARCHIVES, [model, table, partition]),
    archivable: (model, table, before) => database.query(Range, ARCHIVABLE, [model, table, before]),
    async archive(tx, model, { table, partition, after, through, rows, data }) {
      await within(tx).run(
        `insert into push_archives (model, table_name, partition, after, through, rows, data) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict do nothing`,
        [model, table, partition, after, through, rows, toJson(data)],
      );
    },
    async deleteArchived(tx, model, { graceMs, batchDays }) {
      const rows = await within(tx).run(DELETE_ROWS, [model, graceMs]);
      return { rows, batches: await within(tx).run(DELETE_BATCHES, [model, batchDays]) };
    },
  };
}

function countsOf(partitions: readonly Day[]): Record<Day, number> {
  const counts: Record<Day, number> = {};
  for (const day of [...partitions].sort()) counts[day] = (counts[day] ?? 0) + 1;
  return counts;
}
