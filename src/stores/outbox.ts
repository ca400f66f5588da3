// The outbox: what the outside is to be told, written with the effect and delivered afterwards by any number of relays.
// Invariant: one row per key; a row is delivered at least once. A relay that dies between delivery and mark delivers again with the
// same id, so receivers drop ids that they have seen.
import { z } from 'zod';
import type { Alert } from '../domain/lifecycle/registry';
import type { Outbox } from '../ports/stores';
import { jsonOf, toJson, within, type Database } from './database';

/** When a failed delivery is tried again: the first wait, doubled each time, up to the longest. */
export interface OutboxOptions {
  /** Milliseconds. Default 1,000. */
  readonly firstRetryMs?: number;
  /** Milliseconds. Default one hour. */
  readonly longestRetryMs?: number;
}

const Due = z.object({ id: z.number(), alert: jsonOf<Alert>(), attempts: z.number() });
const Count = z.object({ count: z.number() });
const Row = z.object({
  id: z.number(),
  alert: jsonOf<Alert>(),
  attempts: z.number(),
  deliveredAt: z.string().nullable(),
  lastError: z.string().nullable(),
});

/** The lock lasts as long as the delivery, so no second relay takes the row, and a dead relay's row is free at once. */
const TAKE = `
  select id, alert, attempts from outbox
  where delivered_at is null and next_attempt_at <= now() and id > $1
  order by id limit 1 for update skip locked`;

/** The outbox on PostgreSQL. A delivery must end within the idle time-out of a transaction (60 seconds unless set otherwise). */
export function createOutbox(database: Database, options: OutboxOptions = {}): Outbox {
  const { firstRetryMs = 1_000, longestRetryMs = 3_600_000 } = options;

  /** Hands one row over; returns its id and whether it was delivered, or null when nothing is due. */
  const deliverNext = (after: number, deliver: (alert: Alert, id: number) => Promise<void>) =>
    database.transaction(async (tx) => {
      const sql = within(tx);
      const [row] = await sql.query(Due, TAKE, [after]);
      if (!row) return null;
      try {
        await deliver(row.alert, row.id);
      } catch (error) {
        const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(row.attempts, 40));
        await sql.run(
          `update outbox set attempts = attempts + 1, last_error = $2,
                  next_attempt_at = clock_timestamp() + $3 * interval '1 millisecond' where id = $1`,
          [row.id, error instanceof Error ? error.message : String(error), waitMs],
        );
        return { id: row.id, delivered: false };
      }
      await sql.run(
        'update outbox set attempts = attempts + 1, delivered_at = clock_timestamp(), last_error = null where id = $1',
        [row.id],
      );
      return { id: row.id, delivered: true };
    });

  return {
    async add(tx, alert) {
      await within(tx).run('insert into outbox (key, model, alert) values ($1, $2, $3) on conflict (key) do nothing', [
        alert.key,
        alert.model,
        toJson(alert),
      ]);
    },

    async deliverDue(limit, deliver) {
      let delivered = 0;
      let after = 0;
      for (let taken = 0; taken < limit; taken++) {
        const outcome = await deliverNext(after, deliver);
        if (!outcome) break;
        after = outcome.id;
        if (outcome.delivered) delivered++;
      }
      return delivered;
    },

    async pending() {
      const [row] = await database.query(Count, 'select count(*) from outbox where delivered_at is null');
      return row?.count ?? 0;
    },

    list: (model, limit) =>
      database.query(
        Row,
        `select id, alert, attempts, delivered_at as "deliveredAt", last_error as "lastError" from outbox
         where model = $1 order by id desc limit $2`,
        [model, limit],
      ),
  };
}
