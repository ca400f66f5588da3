// Feature partitions by the hash of what made them, and snapshots by their id.
// Invariant: what a key or an id stands for never changes; saving it again is no error and changes nothing.
import { z } from 'zod';
import { ArtifactRef } from '../domain/artifacts';
import type { SnapshotRef } from '../domain/partitions';
import type { FeatureStore } from '../ports/stores';
import { jsonOf, toJson, type Database } from './database';

const FeatureRow = z.object({
  key: z.string(),
  view: z.string(),
  day: z.string(),
  data: ArtifactRef,
  rows: z.number(),
});
const SnapshotRow = z.object({ reference: jsonOf<SnapshotRef>() });

/** The feature metadata on PostgreSQL. */
export function createFeatureStore(database: Database): FeatureStore {
  return {
    find: (keys) =>
      database.query(
        FeatureRow,
        'select key, view_name as view, day, data, rows from feature_partitions where key = any($1) order by view_name collate "C", day, key',
        [[...keys]],
      ),

    async save(partitions) {
      if (partitions.length === 0) return;
      await database.run(
        `insert into feature_partitions (key, view_name, day, data, rows)
         select * from unnest($1::text[], $2::text[], $3::date[], $4::json[], $5::integer[])
         on conflict (key) do nothing`,
        [
          partitions.map(({ key }) => key),
          partitions.map(({ view }) => view),
          partitions.map(({ day }) => day),
          partitions.map(({ data }) => toJson(data)),
          partitions.map(({ rows }) => rows),
        ],
      );
    },

    async saveSnapshot(model, snapshot) {
      await database.run(
        'insert into snapshots (id, model, reference) values ($1, $2, $3) on conflict (id) do nothing',
        [snapshot.id, model, toJson(snapshot)],
      );
    },

    async loadSnapshot(id) {
      const [row] = await database.query(SnapshotRow, 'select reference from snapshots where id = $1', [id]);
      return row?.reference ?? null;
    },
  };
}
