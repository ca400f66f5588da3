// Jobs elsewhere on PostgreSQL: one row per job, made at its first start.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { TrainingJobStore } from '../../ports/training-jobs';
import type { Database } from '../database';

const Opened = z.object({ token: z.string(), ageMs: z.coerce.number() });
const Calls = z.object({ calls: z.number() });

/** Where jobs elsewhere and their call-backs are kept. */
export function createTrainingJobStore(database: Database): TrainingJobStore {
  return {
    async open({ key, model, contender }) {
      await database.run(`delete from training_jobs where started_at < now() - interval '90 days'`, []);
      await database.run(
        'insert into training_jobs (key, model, contender, token) values ($1, $2, $3, $4) on conflict (key) do nothing',
        [key, model, contender, randomBytes(32).toString('base64url')],
      );
      const [row] = await database.query(
        Opened,
        `select token, (extract(epoch from now() - started_at) * 1000)::float8 as "ageMs" from training_jobs where key = $1`,
        [key],
      );
      return row!;
    },

    async calls(key) {
      const [row] = await database.query(Calls, 'select calls from training_jobs where key = $1', [key]);
      return row?.calls ?? 0;
    },

    async calledBack(token) {
      const rows = await database.query(
        Calls,
        'update training_jobs set calls = least(calls + 1, 1000000) where token = $1 returning calls',
        [token],
      );
      return rows.length > 0;
    },
  };
}
