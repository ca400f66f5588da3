// The effect ledger on PostgreSQL: a row per business key, written first and in the same transaction as the effect.
// Invariant: of any number of attempts with one key, exactly one commits its effect; all others get that one's result.
import { z } from 'zod';
import { UnderstudyError } from '../domain/failures';
import type { EffectLedger } from '../ports/stores';
import { jsonOf, markEffect, toJson, within, type Database } from './database';

const Stored = z.object({ input_digest: z.string(), result: jsonOf<unknown>() });
const Count = z.object({ count: z.number() });

/** The ledger. A concurrent attempt waits in the database until the first has committed or failed. */
export function createEffectLedger(database: Database): EffectLedger {
  return {
    once: <T>(
      key: string,
      inputDigest: string,
      effect: (tx: Parameters<Parameters<EffectLedger['once']>[2]>[0]) => Promise<T>,
    ) =>
      database.transaction(async (tx): Promise<{ result: T; first: boolean }> => {
        const sql = within(tx);
        // Waits for a transaction in flight that has the key: after it there is a conflict, or, had it failed, an insert.
        const mine = await sql.run(
          `insert into effects (key, model, input_digest, result) values ($1, $2, $3, 'null') on conflict (key) do nothing`,
          [key, modelOf(key), inputDigest],
        );
        if (mine === 0) {
          const [stored] = await sql.query(Stored, 'select input_digest, result from effects where key = $1', [key]);
          if (stored?.input_digest !== inputDigest) throw duplicate(key, stored?.input_digest, inputDigest);
          return { result: stored.result as T, first: false };
        }
        markEffect(tx, key);
        const text = toJson(await effect(tx));
        await sql.run('update effects set result = $2 where key = $1', [key, text]);
        // Through JSON, so that the first caller sees exactly what later ones will.
        return { result: JSON.parse(text) as T, first: true };
      }),

    async count(model) {
      const [row] = await database.query(Count, 'select count(*) from effects where model = $1', [model]);
      return row?.count ?? 0;
    },
  };
}

/** Keys look like `<step>/<model>/…`. */
function modelOf(key: string): string {
  const [step, model] = key.split('/');
  if (!step || !model)
    throw new UnderstudyError('INTERNAL', `The effect key "${key}" is not of the form <step>/<model>/….`, { key });
  return model;
}

function duplicate(key: string, stored: string | undefined, asked: string): UnderstudyError {
  return new UnderstudyError(
    'DUPLICATE_EFFECT',
    `The effect ${key} was done with the inputs ${stored ?? '(unknown)'}; now it was asked with ${asked}.`,
    { key, stored, asked },
  );
}
