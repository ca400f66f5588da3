// Outcomes of the checks of each delivery. Invariant: one row per delivery and contract, written with the partition's acceptance or rejection.
import { z } from 'zod';
import type { CheckOutcome } from '../domain/partitions';
import type { CheckStore } from '../ports/checks';
import { jsonOf, toJson, within, type Database } from './database';

const Check = z.object({
  table: z.string(),
  partition: z.string(),
  sha256: z.string(),
  contractDigest: z.string(),
  verdict: z.enum(['accepted', 'rejected']),
  revision: z.number().nullable(),
  outcomes: jsonOf<readonly CheckOutcome[]>(),
  sourceTypes: jsonOf<Readonly<Record<string, string>> | null>(),
  at: z.string(),
});
const Verdict = Check.pick({ verdict: true });
const Types = z.object({ partition: z.string(), types: jsonOf<Readonly<Record<string, string>>>() });

const RECORD = `
  insert into partition_checks
    (model, table_name, partition, sha256, contract_digest, verdict, revision, outcomes, source_types)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

const LIST = `
  select table_name as "table", partition, sha256, contract_digest as "contractDigest", verdict, revision, outcomes,
         source_types as "sourceTypes", at
  from partition_checks
  where model = $1 and ($2::text is null or table_name = $2)
    and ($3::date is null or partition >= $3) and ($4::date is null or partition <= $4)
  order by table_name collate "C", partition, at, sha256`;

/** The outcomes of checks on PostgreSQL. */
export function createCheckStore(database: Database): CheckStore {
  return {
    async record(tx, model, { table, partition, sha256, contractDigest, verdict, revision, outcomes, sourceTypes }) {
      await within(tx).run(RECORD, [
        ...[model, table, partition, sha256, contractDigest, verdict, revision, toJson(outcomes)],
        sourceTypes ? toJson(sourceTypes) : null,
      ]);
    },

    async verdict(model, { table, partition, sha256, contractDigest }) {
      const [row] = await database.query(
        Verdict,
        `select verdict from partition_checks
         where model = $1 and table_name = $2 and partition = $3 and sha256 = $4 and contract_digest = $5`,
        [model, table, partition, sha256, contractDigest],
      );
      return row?.verdict ?? null;
    },

    list: (model, { table, from, to } = {}) =>
      database.query(Check, LIST, [model, table ?? null, from ?? null, to ?? null]),

    async sourceTypes(model, table, before) {
      const [row] = await database.query(
        Types,
        `select partition, source_types as types from partition_checks
         where model = $1 and table_name = $2 and partition < $3 and verdict = 'accepted' and source_types is not null
         order by partition desc, at desc limit 1`,
        [model, table, before],
      );
      return row ?? null;
    },
  };
}
