// Watermarks on PostgreSQL: how far each table of a model has no hole.
// Invariant: moved in the transaction that accepts a partition (invariant 9), so it never names a day that is not stored.
import { z } from 'zod';
import type { WatermarkStore } from '../../ports/arrivals';
import { lockName, within, type Database } from '../database';

const Moved = z.object({ moved: z.string().nullable(), before: z.string().nullable() });
const Row = z.object({
  model: z.string(),
  table: z.string(),
  through: z.string(),
  reopened: z.array(z.string()),
  updatedAt: z.string(),
});

/** Walks day by day over an index from where the mark stands; from the first day when there is none or it began elsewhere. */
const WALK = `
  with recursive begin as (
    select coalesce((select through + 1 from watermarks where model = $1 and table_name = $2 and since = $3::date), $3::date) as day
  ), walk as (
    select day from begin where exists (
      select from partition_revisions r where r.model = $1 and r.table_name = $2 and r.partition = begin.day)
    union all
    select day + 1 from walk where exists (
      select from partition_revisions r where r.model = $1 and r.table_name = $2 and r.partition = walk.day + 1)
  )
  select (select max(day) from walk) as moved, (select day - 1 from begin where day > $3::date) as before`;

const SAVE = `
  insert into watermarks (model, table_name, since, through) values ($1, $2, $3, $4)
  on conflict (model, table_name) do update set since = excluded.since, through = excluded.through, updated_at = now()`;

const LIST = `
  select w.model, w.table_name as "table", w.through, w.updated_at as "updatedAt",
         coalesce((select json_agg(day) from (
           select distinct r.partition as day from partition_revisions r
           where r.model = w.model and r.table_name = w.table_name and r.revision > 1
           order by day desc limit 5) as newest), '[]') as reopened
  from watermarks w where w.model = $1 order by w.table_name collate "C"`;

/** The watermarks of all models. */
export function createWatermarkStore(database: Database): WatermarkStore {
  return {
    async advance(tx, model, table, firstDay) {
      // Two partitions of a table that are accepted at once see each other's only one after the other.
      await lockName(tx, `watermark/${model}/${table}`);
      const sql = within(tx);
      const [found] = await sql.query(Moved, WALK, [model, table, firstDay]);
      if (!found?.moved) return found?.before ?? null;
      await sql.run(SAVE, [model, table, firstDay, found.moved]);
      return found.moved;
    },

    list: (model) => database.query(Row, LIST, [model]),
  };
}
