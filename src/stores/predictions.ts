// The prediction log. Invariant: one row per model, partition and entity key, the first that was written; it never changes.
import { z } from 'zod';
import type { LoggedPrediction, PredictionLog } from '../ports/stores';
import { within, type Database } from './database';

/** Rows per statement: a few hundred kilobytes of parameters. */
const CHUNK_ROWS = 5_000;

const Row = z.object({
  model: z.string(),
  version: z.number(),
  partition: z.string(),
  entityKey: z.string(),
  asOf: z.string(),
  probability: z.number().nullable(),
  probabilities: z.array(z.number()).nullable(),
  value: z.number().nullable(),
});
const DayRow = z.object({
  partition: z.string(),
  probability: z.array(z.number()).nullable(),
  probabilities: z.array(z.array(z.number())).nullable(),
  value: z.array(z.number()).nullable(),
});
const Count = z.object({ count: z.number() });

const INSERT = `
  insert into predictions (model, version, partition, entity_key, as_of, probability, probabilities, value)
  select model, version, partition, entity_key, as_of, probability, probabilities::real[], value
  from unnest($1::text[], $2::integer[], $3::date[], $4::text[], $5::timestamptz[], $6::double precision[], $7::text[], $8::double precision[])
    as given(model, version, partition, entity_key, as_of, probability, probabilities, value)
  on conflict (model, partition, entity_key) do nothing`;

/** The prediction log on PostgreSQL. A batch is written wholly or not at all. */
export function createPredictionLog(database: Database): PredictionLog {
  return {
    append: (rows) =>
      database.transaction(async (tx) => {
        let added = 0;
        for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
          added += await within(tx).run(INSERT, columns(rows.slice(start, start + CHUNK_ROWS)));
        }
        return added;
      }),

    async count(model, partition) {
      const [row] = await database.query(
        Count,
        'select count(*) from predictions where model = $1 and partition = $2',
        [model, partition],
      );
      return row?.count ?? 0;
    },

    async list(model, from, to) {
      const rows = await database.query(
        Row,
        `select model, version, partition, entity_key as "entityKey", as_of as "asOf", probability, probabilities, value from predictions
         where model = $1 and partition between $2 and $3 order by partition, entity_key collate "C"`,
        [model, from, to],
      );
      return rows.map(({ probability, probabilities, value, ...row }) => ({
        ...row,
        ...(probability === null ? {} : { probability }),
        // PostgreSQL writes a real in as few digits as tell it from its neighbours.
        ...(probabilities === null ? {} : { probabilities: probabilities.map(Math.fround) }),
        ...(value === null ? {} : { value }),
      }));
    },

    async outputs(model, from, to) {
      const aggregated = (column: string): string =>
        `json_agg(${column}) filter (where ${column} is not null) as ${column}`;
      const rows = await database.query(
        DayRow,
        `select partition, ${['probability', 'probabilities', 'value'].map(aggregated).join(', ')} from predictions
         where model = $1 and partition between $2 and $3 group by partition order by partition`,
        [model, from, to],
      );
      return rows.map(({ partition, probability, probabilities, value }) => ({
        partition,
        outputs: [
          ...(probability ?? []).map((each) => ({ probability: each })),
          ...(probabilities ?? []).map((each) => ({ probabilities: each.map(Math.fround) })),
          ...(value ?? []).map((each) => ({ value: each })),
        ],
      }));
    },
  };
}

function columns(rows: readonly LoggedPrediction[]): unknown[][] {
  return [
    rows.map(({ model }) => model),
    rows.map(({ version }) => version),
    rows.map(({ partition }) => partition),
    rows.map(({ entityKey }) => entityKey),
    rows.map(({ asOf }) => asOf),
    rows.map(({ probability }) => probability ?? null),
    // As text: an array of arrays would lose its inner bounds in unnest.
    rows.map(({ probabilities }) => (probabilities ? `{${probabilities.join(',')}}` : null)),
    rows.map(({ value }) => value ?? null),
  ];
}
