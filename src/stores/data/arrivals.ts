// The record of deliveries on PostgreSQL: one row per event, never changed.
import { z } from 'zod';
import type { Arrival } from '../../domain/data/arrivals';
import type { ArrivalStore } from '../../ports/arrivals';
import type { Database } from '../database';

const Row = z.object({
  model: z.string(),
  id: z.string(),
  source: z.enum(['signal', 'update', 'tick', 'poll', 'push', 'release']),
  table: z.string().nullable(),
  partition: z.string().nullable(),
  sha256: z.string().nullable(),
  outcome: z.enum(['started', 'merged', 'refused']),
  reason: z.string(),
  work: z.string().nullable(),
  asOf: z.string(),
}) satisfies z.ZodType<Arrival>;

const INSERT = `
  insert into arrivals (model, id, source, table_name, partition, sha256, outcome, reason, work, as_of)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[],
                       $10::timestamptz[])
  on conflict (model, id) do nothing`;

/** Deliveries and what became of them. */
export function createArrivalStore(database: Database): ArrivalStore {
  return {
    async record(arrivals) {
      if (arrivals.length === 0) return;
      const column = <K extends keyof Arrival>(name: K): Arrival[K][] => arrivals.map((arrival) => arrival[name]);
      await database.run(INSERT, [
        ...[column('model'), column('id'), column('source'), column('table'), column('partition'), column('sha256')],
        ...[column('outcome'), column('reason'), column('work'), column('asOf')],
      ]);
    },

    list: (model, limit) =>
      database.query(
        Row,
        `select model, id, source, table_name as "table", partition, sha256, outcome, reason, work, as_of as "asOf"
         from arrivals where model = $1 order by sequence desc limit $2`,
        [model, limit],
      ),
  };
}
