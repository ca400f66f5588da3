// What retention must keep: the versions that are alive, and every artifact that anything alive refers to.
// Invariant: whatever a JSON payload names as `sha256` is kept with the payload, so a new reference is never forgotten here.
import { z } from 'zod';
import type { Day } from '../domain/days';
import type { Database } from './database';

const Digest = z.object({ sha256: z.string() });
const Version = z.object({ version: z.number() });

/** Versions that no rule may take: serving, ready to take over, new enough by number or by logical time, or waiting for an answer. */
const ALIVE = `
  alive as (
    select v.* from model_versions v
    where v.model = $1 and v.state <> 'deleted' and (
      v.state in ('champion', 'previous')
      or v.logical_time >= $3
      or v.version in (
        select n.version from model_versions n
        where n.model = $1 and n.state not in ('deleted', 'experiment') order by n.version desc limit $2
      )
      -- Counted apart: whoever tries much must not push out what served.
      or v.version in (
        select n.version from model_versions n where n.model = $1 and n.state = 'experiment' order by n.version desc limit $2
      )
      or v.version in (
        select d.proposed_version from decisions d where d.model = $1 and d.verdict = 'promote'
          and not exists (select from approvals a where a.model = d.model and a.digest = d.digest)
          and d.id = (select max(id) from decisions where model = $1)
      )
    )
  )`;

/** Snapshots that were just fixed have no version yet: the newest few belong to open cycles. */
const OPEN_SNAPSHOTS = 3;

/** The model's partitions, and those that it shares: they are kept under the name of their owner, which need not be deployed itself. */
const DIGESTS = `
  with ${ALIVE},
  owners as (
    select $1::text as model
    union select d.plan ->> 'dataOf' from models m join definitions d on d.digest = m.digest
    where m.model = $1 and d.plan ->> 'dataOf' is not null
  ),
  newest_partitions as (
    select distinct on (model, table_name, partition) data, quarantine from partition_revisions
    where model in (select model from owners) order by model, table_name, partition, revision desc
  ),
  alive_snapshots as (
    select reference, labels from snapshots where id in (select snapshot from alive)
    union all (select reference, labels from snapshots where model = $1 order by sequence desc limit ${OPEN_SNAPSHOTS})
  ),
  payloads as (
    select onnx::jsonb as payload from alive
    union all select signature::jsonb from alive
    union all select training::jsonb from alive
    -- What a version was trained from, so that it can be trained again.
    union all select lineage::jsonb -> 'request' from alive
    -- The model that a version's training went on from: to train it again.
    union all select lineage::jsonb -> 'startFrom' from alive
    union all select reference::jsonb from alive_snapshots
    union all select labels::jsonb from alive_snapshots
    union all select data::jsonb from newest_partitions
    union all select quarantine::jsonb from newest_partitions
    -- Predictions behind the numbers of decisions are kept for ever.
    union all select evaluation::jsonb from evaluations where model = $1
    union all select decision::jsonb from decisions where model = $1
    -- So are the explanations of versions: a card can be read when its model is gone.
    union all select artifact::jsonb from explanations where model = $1
    union all select report::jsonb from monitor_reports where model = $1
    union all select result::jsonb from effects where model = $1 and created_at > now() - interval '2 days'
    -- What a running trial is told of earlier ones.
    union all select history::jsonb from trials where model = $1 and state = 'running'
    -- Not a model's own: keys are hashes of content, and several models may share them.
    union all select days::jsonb from splits
    -- What was pushed has no other source.
    union all select data::jsonb from push_archives where model = $1
    -- A file that was put together stands for those of its partitions; a reader may still hold one of them for a while.
    union all select data::jsonb from feature_files
    union all select data::jsonb from feature_partitions p where not exists (
      select from feature_files f where f.key = p.key and f.compacted_at < now() - interval '1 day'
    )
  )
  select distinct found #>> '{}' as sha256
  from payloads, jsonb_path_query(payload, 'strict $.**.sha256') as found
  where jsonb_typeof(found) = 'string'`;

/** Which versions and artifacts a model's retention has to keep. */
export interface Reachability {
  reachableArtifacts(model: string, keepVersions: number, keepSinceDay: Day): Promise<Set<string>>;
  expiredVersions(model: string, keepVersions: number, keepSinceDay: Day): Promise<number[]>;
}

/** The two questions of retention, answered by one rule. */
export function createReachability(database: Database): Reachability {
  return {
    async reachableArtifacts(model, keepVersions, keepSinceDay) {
      const rows = await database.query(Digest, DIGESTS, [model, keepVersions, keepSinceDay]);
      return new Set(rows.map(({ sha256 }) => sha256));
    },

    async expiredVersions(model, keepVersions, keepSinceDay) {
      const rows = await database.query(
        Version,
        `with ${ALIVE} select version from model_versions
         where model = $1 and state <> 'deleted' and version not in (select version from alive) order by version`,
        [model, keepVersions, keepSinceDay],
      );
      return rows.map(({ version }) => version);
    },
  };
}
