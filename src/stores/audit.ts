// The audit log: who did what, when, and in which effect. Invariant: rows are only ever added (the database refuses anything else).
import { z } from 'zod';
import type { AuditLog } from '../ports/stores';
import { effectOf, toJson, within, type Database } from './database';

const Entry = z.object({
  id: z.number(),
  model: z.string(),
  at: z.string(),
  asOf: z.string(),
  by: z.string(),
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
});
const Duplicate = z.object({ action: z.string(), subject: z.string(), asOf: z.string(), times: z.number() });

/** Two rows that say the same thing can only come from an effect that happened twice, whatever keys it ran under. */
const DUPLICATES = `
  select action, subject, as_of as "asOf", count(*) as times from audit where model = $1
  group by action, subject, as_of, details having count(*) > 1 order by min(id)`;

/** The audit log on PostgreSQL. */
export function createAuditLog(database: Database): AuditLog {
  return {
    async add(tx, { model, asOf, by, action, subject, details }) {
      await within(tx).run(
        'insert into audit (model, as_of, actor, action, subject, details, effect) values ($1, $2, $3, $4, $5, $6, $7)',
        [model, asOf, by, action, subject, toJson(details), effectOf(tx)],
      );
    },

    list: (model, limit) =>
      database.query(
        Entry,
        `select id, model, at, as_of as "asOf", actor as by, action, subject, details from audit
         where model = $1 order by id desc limit $2`,
        [model, limit],
      ),

    duplicates: (model) => database.query(Duplicate, DUPLICATES, [model]),
  };
}
