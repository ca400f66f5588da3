// The latest features of each entity, and which feature partitions they come from; days are published in any order.
// Invariant: per model, version of a view, and entity key there is one row, of the latest published day that has the entity.
import { z } from 'zod';
import type { FeatureValues, OnlinePartition, OnlineStore } from '../../ports/online';
import { jsonOf, lockName, within, type Database } from '../database';

const Row = z.object({
  view: z.string(),
  viewDigest: z.string(),
  entityKey: z.string(),
  eventTime: z.string(),
  day: z.string(),
  featureKey: z.string(),
  features: jsonOf<FeatureValues>(),
});
const COLUMNS =
  'view_name as view, view_digest as "viewDigest", entity_key as "entityKey", event_time as "eventTime", day, feature_key as "featureKey", features';
const Partition = z.object({ viewDigest: z.string(), day: z.string(), featureKey: z.string() });
const Newest = z.object({ day: z.string().nullable() });
const Dropped = z.object({ viewDigest: z.string(), entityKey: z.string(), day: z.string() });

const UPSERT = `
  insert into online_features as stored (model, view_name, view_digest, entity_key, event_time, day, feature_key, features)
  select $1, $2, $3, entity_key, event_time, $4::date, $5, features
  from unnest($6::text[], $7::timestamptz[], $8::json[]) as given (entity_key, event_time, features)
  on conflict (model, entity_key, view_digest) do update
  set view_name = excluded.view_name, event_time = excluded.event_time, day = excluded.day, feature_key = excluded.feature_key,
    features = excluded.features
  where stored.day <= excluded.day`;

const RECORD = `
  insert into online_partitions (model, view_digest, day, feature_key)
  select $1, view_digest, day, feature_key from unnest($2::text[], $3::date[], $4::text[]) as put (view_digest, day, feature_key)
  on conflict (model, view_digest, day) do update set feature_key = excluded.feature_key`;

const FORGET = `
  delete from online_partitions o using unnest($2::text[], $3::date[], $4::text[]) as gone (view_digest, day, feature_key)
  where o.model = $1 and o.view_digest = gone.view_digest and o.day = gone.day and o.feature_key = gone.feature_key`;

/** Rows of the days in question whose partition is not online any more. */
const DROP = `
  delete from online_features f where f.model = $1 and f.day = any($2::date[])
    and not exists (
      select from online_partitions o
      where o.model = f.model and o.view_digest = f.view_digest and o.day = f.day and o.feature_key = f.feature_key
    )
  returning f.view_digest as "viewDigest", f.entity_key as "entityKey", f.day`;

const SAMPLE = `
  with sampled as (
    select distinct entity_key, md5(entity_key) as hash from online_features where model = $1 and day = $2
    order by hash, entity_key limit $3
  )
  select ${COLUMNS} from online_features where model = $1 and day = $2 and entity_key in (select entity_key from sampled)
  order by entity_key collate "C", view_name collate "C", view_digest`;

/** The online features on PostgreSQL. */
export function createOnlineStore(database: Database): OnlineStore {
  return {
    async newestPartition(model, table) {
      const [row] = await database.query(
        Newest,
        'select max(partition) as day from partition_revisions where model = $1 and table_name = $2',
        [model, table],
      );
      return row?.day ?? null;
    },

    published: (model) =>
      database.query(
        Partition,
        `select view_digest as "viewDigest", day, feature_key as "featureKey" from online_partitions where model = $1
         order by day, view_digest`,
        [model],
      ),

    lock: (tx, model) => lockName(tx, `online/${model}`),

    put: (tx, model, { view, viewDigest, day, featureKey }, { entityKeys, eventTimes, features }) =>
      within(tx).run(UPSERT, [
        ...[model, view, viewDigest, day, featureKey],
        ...[[...entityKeys], [...eventTimes], [...features]],
      ]),

    async replace(tx, model, { put, gone, oldest }) {
      const sql = within(tx);
      // Nothing is older than these, so nobody has to be told whose they were.
      await sql.run('delete from online_features where model = $1 and day < $2', [model, oldest]);
      await sql.run('delete from online_partitions where model = $1 and day < $2', [model, oldest]);
      if (gone.length > 0) await sql.run(FORGET, [model, ...columnsOf(gone)]);
      if (put.length > 0) await sql.run(RECORD, [model, ...columnsOf(put)]);
      const days = [...new Set([...put, ...gone].map(({ day }) => day))].filter((day) => day >= oldest);
      return days.length === 0 ? [] : sql.query(Dropped, DROP, [model, days]);
    },

    async clear(model) {
      await database.transaction(async (tx) => {
        await lockName(tx, `online/${model}`);
        await within(tx).run('delete from online_features where model = $1', [model]);
        await within(tx).run('delete from online_partitions where model = $1', [model]);
      });
    },

    lookup: (model, entityKeys, viewDigests) =>
      database.query(
        Row,
        `select ${COLUMNS} from online_features
         where model = $1 and entity_key = any($2::text[]) and ($3::text[] is null or view_digest = any($3::text[]))
         order by view_name collate "C", entity_key collate "C", view_digest`,
        [model, [...entityKeys], viewDigests === undefined ? null : [...viewDigests]],
      ),

    sample: (model, day, entities) => database.query(Row, SAMPLE, [model, day, entities]),
  };
}

function columnsOf(partitions: readonly OnlinePartition[]): string[][] {
  return [
    partitions.map(({ viewDigest }) => viewDigest),
    partitions.map(({ day }) => day),
    partitions.map(({ featureKey }) => featureKey),
  ];
}
