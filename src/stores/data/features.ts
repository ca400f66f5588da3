// Feature partitions by the hash of what made them, the files that hold many of them, and snapshots by their id.
// Invariant: what a key or an id stands for never changes; saving it again is no error and changes nothing.
import { z } from 'zod';
import type { ArtifactRef } from '../../domain/data/artifacts';
import type { SnapshotRef } from '../../domain/data/partitions';
import type { FeatureStore, StoredFeatures } from '../../ports/features';
import { jsonOf, toJson, type Database } from '../database';

/** Without a schema for the references: a year of four views is read at once, and only this file writes them. */
const FeatureRow = z
  .object({
    key: z.string(),
    view: z.string(),
    day: z.string(),
    data: jsonOf<ArtifactRef>(),
    rows: z.number(),
    view_digest: z.string().nullable(),
    compacted: jsonOf<ArtifactRef | null>(),
  })
  .transform(({ view_digest, compacted, ...row }): StoredFeatures => ({
    ...row,
    ...(view_digest === null ? {} : { viewDigest: view_digest }),
    ...(compacted === null ? {} : { compacted }),
  }));
const SnapshotRow = z.object({ reference: jsonOf<SnapshotRef>() });
const FixedSnapshot = z.object({ snapshot: jsonOf<SnapshotRef>(), fixedAt: z.string() });

const FIND = `
  select p.key, p.view_name as view, p.day, p.data, p.rows, p.view_digest, f.data as compacted
  from feature_partitions p left join feature_files f on f.key = p.key
  where p.key = any($1) order by p.view_name collate "C", p.day, p.key`;

const MISSING = `
  select wanted.key from unnest($1::text[]) with ordinality as wanted(key, place)
  where not exists (select from feature_partitions p where p.key = wanted.key) order by wanted.place`;

const COMPACTABLE = `
  select p.key, p.view_name as view, p.day, p.data, p.rows, p.view_digest, null::json as compacted
  from feature_partitions p
  where p.view_name = any($1) and p.day < $2 and p.view_digest is not null
    and not exists (select from feature_files f where f.key = p.key)
  order by p.view_name collate "C", p.view_digest, p.day, p.key`;

const SAVE = `
  insert into feature_partitions (key, view_name, day, data, rows, view_digest)
  select * from unnest($1::text[], $2::text[], $3::date[], $4::json[], $5::integer[], $6::text[])
  on conflict (key) do nothing`;

/** The feature metadata on PostgreSQL. */
export function createFeatureStore(database: Database): FeatureStore {
  return {
    find: (keys) => database.query(FeatureRow, FIND, [[...keys]]),

    async missing(keys) {
      const rows = await database.query(z.object({ key: z.string() }), MISSING, [[...keys]]);
      return rows.map(({ key }) => key);
    },

    async save(partitions) {
      if (partitions.length === 0) return;
      await database.run(SAVE, [
        partitions.map(({ key }) => key),
        partitions.map(({ view }) => view),
        partitions.map(({ day }) => day),
        partitions.map(({ data }) => toJson(data)),
        partitions.map(({ rows }) => rows),
        partitions.map(({ viewDigest }) => viewDigest ?? null),
      ]);
    },

    async compactable(views, before) {
      const found = await database.query(FeatureRow, COMPACTABLE, [[...views], before]);
      return found.map((partition) => ({ ...partition, viewDigest: partition.viewDigest! }));
    },

    async saveCompacted(keys, data) {
      await database.run(
        'insert into feature_files (key, data) select key, $2::json from unnest($1::text[]) as key on conflict (key) do nothing',
        [[...keys], toJson(data)],
      );
    },

    async saveSnapshot(model, snapshot, labels = []) {
      await database.run(
        `insert into snapshots (id, model, reference, labels) values ($1, $2, $3, $4)
         on conflict (id) do update set sequence = default`,
        [snapshot.id, model, toJson(snapshot), toJson(labels.map(({ sha256 }) => ({ sha256 })))],
      );
    },

    async loadSnapshot(id) {
      const [row] = await database.query(SnapshotRow, 'select reference from snapshots where id = $1', [id]);
      return row?.reference ?? null;
    },

    snapshots: (model) =>
      database.query(
        FixedSnapshot,
        'select reference as snapshot, created_at as "fixedAt" from snapshots where model = $1 order by sequence desc',
        [model],
      ),
  };
}
