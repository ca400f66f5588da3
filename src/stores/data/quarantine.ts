// Quarantined rows by partition and rule, and verdicts on them. Invariant: one verdict per model, table, partition and rule, which never changes.
import { z } from 'zod';
import { ArtifactRef } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import type { QuarantineEntry, QuarantineStore, QuarantineVerdict } from '../../ports/quarantine';
import { within, type Database } from '../database';

const Row = z
  .object({
    table: z.string(),
    partition: z.string(),
    revision: z.number().nullable(),
    rule: z.string(),
    rows: z.number(),
    samples: z.array(z.string()),
    data: ArtifactRef.nullable(),
    verdict: z.enum(['released', 'discarded']).nullable(),
    decided_rows: z.number().nullable(),
    actor: z.string().nullable(),
    reason: z.string().nullable(),
    as_of: z.string().nullable(),
    at: z.string().nullable(),
    model: z.string(),
  })
  .transform((row): QuarantineEntry => ({
    table: row.table,
    partition: row.partition,
    rule: row.rule,
    revision: row.revision ?? 0,
    rows: row.rows,
    samples: row.samples,
    data: row.data,
    state: row.verdict ?? 'open',
    verdict: verdictOf(row),
  }));
const Rule = z.object({ rule: z.string() });

const LIST = `
  with newest as (
    select distinct on (table_name, partition) table_name, partition, revision, quarantine, quarantined
    from partition_revisions
    where model = $1 and ($2::text is null or table_name = $2)
      and ($3::date is null or partition >= $3) and ($4::date is null or partition <= $4)
    order by table_name, partition, revision desc
  ),
  kept as (
    select table_name, partition, revision, quarantine as data, found ->> 'rule' as rule,
           (found ->> 'rows')::integer as rows, found -> 'samples' as samples
    from newest, json_array_elements(quarantined) as found
  ),
  decided as (
    select * from quarantine_verdicts
    where model = $1 and ($2::text is null or table_name = $2)
      and ($3::date is null or partition >= $3) and ($4::date is null or partition <= $4)
  )
  select $1::text as model, table_name as "table", partition, coalesce(kept.revision, newest.revision) as revision, rule,
         coalesce(kept.rows, 0) as rows, coalesce(kept.samples, '[]') as samples, kept.data, decided.verdict,
         decided.rows as decided_rows, decided.actor, decided.reason, decided.as_of, decided.at
  from kept full join decided using (table_name, partition, rule) left join newest using (table_name, partition)
  order by table_name collate "C", partition, rule collate "C"`;

const RECORD = `
  insert into quarantine_verdicts (model, table_name, partition, rule, verdict, rows, actor, reason, as_of)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (model, table_name, partition, rule) do nothing`;

/** The quarantine on PostgreSQL. */
export function createQuarantineStore(database: Database): QuarantineStore {
  return {
    list: (model, { table, from, to } = {}) =>
      database.query(Row, LIST, [model, table ?? null, from ?? null, to ?? null]),

    async released(model, table, partition) {
      const rows = await database.query(
        Rule,
        `select rule from quarantine_verdicts where model = $1 and table_name = $2 and partition = $3 and verdict = 'released'
         order by rule collate "C"`,
        [model, table, partition],
      );
      return rows.map(({ rule }) => rule);
    },

    async record(tx, { model, table, partition, rule, verdict, rows, by, reason, asOf }) {
      const values = [model, table, partition, rule, verdict, rows, by, reason, asOf];
      if ((await within(tx).run(RECORD, values)) === 1) return;
      throw new UnderstudyError(
        'DUPLICATE_EFFECT',
        `Rule ${rule} of ${table} of ${partition} of ${model} has a verdict already.`,
        { model, table, partition, rule },
      );
    },
  };
}

function verdictOf(row: {
  readonly model: string;
  readonly table: string;
  readonly partition: string;
  readonly rule: string;
  readonly verdict: QuarantineVerdict['verdict'] | null;
  readonly decided_rows: number | null;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly as_of: string | null;
  readonly at: string | null;
}): QuarantineEntry['verdict'] {
  const { model, table, partition, rule, verdict } = row;
  if (verdict === null) return null;
  return {
    ...{ model, table, partition, rule, verdict },
    rows: row.decided_rows ?? 0,
    by: row.actor ?? '',
    reason: row.reason ?? '',
    asOf: row.as_of ?? '',
    at: row.at ?? '',
  };
}
