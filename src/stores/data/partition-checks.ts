// Outcomes of the checks of each delivery. Invariant: one row per judged delivery, written with the partition's acceptance or rejection;
// ordinals of a partition count 1, 2, … without gaps.
import { z } from 'zod';
import type { CheckOutcome } from '../../domain/data/partitions';
import type { CheckStore } from '../../ports/checks';
import { jsonOf, lockName, toJson, within, type Database } from '../database';

const Check = z.object({
  table: z.string(),
  partition: z.string(),
  ordinal: z.number(),
  sha256: z.string(),
  contractDigest: z.string(),
  verdict: z.enum(['accepted', 'rejected']),
  revision: z.number().nullable(),
  comparedWith: z.string().nullable(),
  outcomes: jsonOf<readonly CheckOutcome[]>(),
  sourceTypes: jsonOf<Readonly<Record<string, string>> | null>(),
  at: z.string(),
});
const Judged = Check.pick({
  ordinal: true,
  sha256: true,
  contractDigest: true,
  verdict: true,
  revision: true,
  comparedWith: true,
});
const Types = z.object({ partition: z.string(), types: jsonOf<Readonly<Record<string, string>>>() });

const RECORD = `
  insert into partition_checks
    (model, table_name, partition, ordinal, sha256, contract_digest, verdict, revision, compared_with, outcomes, source_types)
  select $1, $2, $3, coalesce(max(ordinal), 0) + 1, $4, $5, $6, $7, $8, $9, $10
  from partition_checks where model = $1 and table_name = $2 and partition = $3`;

const JUDGEMENTS = `
  select ordinal, sha256, contract_digest as "contractDigest", verdict, revision, compared_with as "comparedWith"
  from partition_checks where model = $1 and table_name = $2 and partition = $3
  order by ordinal`;

const LIST = `
  select table_name as "table", partition, ordinal, sha256, contract_digest as "contractDigest", verdict, revision,
         compared_with as "comparedWith", outcomes, source_types as "sourceTypes", at
  from partition_checks
  where model = $1 and ($2::text is null or table_name = $2)
    and ($3::date is null or partition >= $3) and ($4::date is null or partition <= $4)
  order by table_name collate "C", partition, ordinal`;

/** The outcomes of checks on PostgreSQL. */
export function createCheckStore(database: Database): CheckStore {
  return {
    async record(tx, model, check) {
      const { table, partition, sha256, contractDigest, verdict, revision, comparedWith } = check;
      await within(tx).run(RECORD, [
        ...[model, table, partition, sha256, contractDigest, verdict, revision, comparedWith, toJson(check.outcomes)],
        check.sourceTypes ? toJson(check.sourceTypes) : null,
      ]);
    },

    async judgements(model, table, partition, tx) {
      if (tx) await lockName(tx, `partition/${model}/${table}/${partition}`);
      return (tx ? within(tx) : database).query(Judged, JUDGEMENTS, [model, table, partition]);
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
