// The online features. Invariant: one row per model, view and entity key, the one with the latest event time; a day that is computed again
// replaces its own rows, an older day never replaces a newer one.
import { z } from 'zod';
import type { FeatureValues, OnlineStore } from '../ports/online';
import { jsonOf, lockName, within, type Database } from './database';

const Row = z.object({
  view: z.string(),
  entityKey: z.string(),
  eventTime: z.string(),
  day: z.string(),
  featureKey: z.string(),
  features: jsonOf<FeatureValues>(),
});
const COLUMNS =
  'view_name as view, entity_key as "entityKey", event_time as "eventTime", day, feature_key as "featureKey", features';
const Published = z.object({ view: z.string(), day: z.string(), featureKey: z.string() });
const Newest = z.object({ day: z.string().nullable() });

const UPSERT = `
  insert into online_features as stored (model, view_name, entity_key, event_time, day, feature_key, features)
  select $1, $2, entity_key, event_time, $3::date, $4, features
  from unnest($5::text[], $6::timestamptz[], $7::json[]) as given (entity_key, event_time, features)
  on conflict (model, view_name, entity_key) do update
  set event_time = excluded.event_time, day = excluded.day, feature_key = excluded.feature_key, features = excluded.features
  where stored.day = excluded.day or (stored.event_time, stored.day) < (excluded.event_time, excluded.day)`;

const SAMPLE = `
  with sampled as (
    select distinct entity_key, md5(entity_key) as hash from online_features where model = $1 and day = $2
    order by hash, entity_key limit $3
  )
  select ${COLUMNS} from online_features where model = $1 and day = $2 and entity_key in (select entity_key from sampled)
  order by entity_key collate "C", view_name collate "C"`;

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
        Published,
        `select view_name as view, day, feature_key as "featureKey" from online_features where model = $1
         group by view_name, day, feature_key order by day, view_name collate "C"`,
        [model],
      ),

    lock: (tx, model) => lockName(tx, `online/${model}`),

    put: (tx, model, { view, day, featureKey }, { entityKeys, eventTimes, features }) =>
      within(tx).run(UPSERT, [model, view, day, featureKey, [...entityKeys], [...eventTimes], [...features]]),

    async supersede(tx, model, day, partitions) {
      await within(tx).run(
        `delete from online_features
         where model = $1 and day = $2 and view_name = any($3::text[]) and feature_key <> all($4::text[])`,
        [model, day, partitions.map(({ view }) => view), partitions.map(({ featureKey }) => featureKey)],
      );
    },

    async dropBefore(tx, model, day) {
      await within(tx).run('delete from online_features where model = $1 and day < $2', [model, day]);
    },

    async dropViews(tx, model, views) {
      await within(tx).run('delete from online_features where model = $1 and view_name = any($2::text[])', [
        model,
        [...views],
      ]);
    },

    async clear(model) {
      await database.run('delete from online_features where model = $1', [model]);
    },

    lookup: (model, entityKeys) =>
      database.query(
        Row,
        `select ${COLUMNS} from online_features where model = $1 and entity_key = any($2::text[])
         order by view_name collate "C", entity_key collate "C"`,
        [model, [...entityKeys]],
      ),

    sample: (model, day, entities) => database.query(Row, SAMPLE, [model, day, entities]),
  };
}
