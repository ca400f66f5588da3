// What the data plane has come to, read from the tables and not through the code that wrote them, and how two such states differ.
import { createHash } from 'node:crypto';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import { withClient } from './place';

/** Everything that has to come out the same; each list is sorted text, so that a difference can be told. */
export interface DataState {
  /** The newest revision of each partition: data, numbers, statistics, sketches. Not when it became available: a later revision came later. */
  readonly partitions: readonly string[];
  /** Feature partitions by key, with the digest of their bytes. */
  readonly features: readonly string[];
  readonly online: readonly string[];
  readonly watermarks: readonly string[];
  /** Digests of all files that the partitions and features above name. */
  readonly files: readonly string[];
  /** Effects that were written twice: revisions with the rows of the one before, and rejections of one delivery; empty is good. */
  readonly doubles: readonly string[];
}

const NEWEST = `
  select distinct on (table_name, partition) table_name || '/' || partition as name, rows, quarantined_rows,
    data ->> 'sha256' as data, quarantine ->> 'sha256' as quarantine, statistics, sketches, quarantined
  from partition_revisions order by table_name, partition, revision desc`;
const FEATURES = `select key, view_name || '/' || day as name, rows, data ->> 'sha256' as data from feature_partitions`;
const ONLINE = `select view_name || ' ' || entity_key || ' ' || event_time || ' ' || day || ' ' || feature_key || ' ' || features as line
  from online_features`;
const WATERMARKS = `select table_name || ' through ' || through as line from watermarks`;
const DOUBLES = `
  select 'rejected ' || count(*) || ' times: ' || table_name || '/' || partition || ' ' || sha256 as line
    from partition_rejections group by table_name, partition, sha256 having count(*) > 1
  union all
  select 'revision ' || b.revision || ' of ' || b.table_name || '/' || b.partition || ' has the rows of the one before' from partition_revisions a
    join partition_revisions b on (b.model, b.table_name, b.partition, b.revision, b.data_sha256)
      = (a.model, a.table_name, a.partition, a.revision + 1, a.data_sha256)`;

interface RevisionRow {
  readonly name: string;
  readonly rows: number;
  readonly quarantined_rows: number;
  readonly data: string;
  readonly quarantine: string | null;
  readonly statistics: unknown;
  readonly sketches: unknown;
  readonly quarantined: readonly { readonly rule: string; readonly rows: number }[];
}
interface FeatureRow {
  readonly key: string;
  readonly name: string;
  readonly rows: number;
  readonly data: string;
}

/** Reads a state. */
export async function readState(databaseUrl: string): Promise<DataState> {
  return withClient(databaseUrl, async (client) => {
    const lines = async (text: string): Promise<string[]> =>
      (await client.query<{ line: string }>(text)).rows.map(({ line }) => line).sort();
    const revisions = (await client.query<RevisionRow>(NEWEST)).rows;
    const features = (await client.query<FeatureRow>(FEATURES)).rows;
    const files = [...revisions.flatMap(({ data, quarantine }) => [data, quarantine]), ...features.map(({ data }) => data)];
    return {
      partitions: revisions.flatMap(linesOf).sort(),
      features: features.map(({ name, key, rows, data }) => `${name} key ${key} rows ${rows} bytes ${data}`).sort(),
      online: await lines(ONLINE),
      watermarks: await lines(WATERMARKS),
      files: [...new Set(files.filter((digest) => digest !== null))].sort(),
      doubles: await lines(DOUBLES),
    };
  });
}

function linesOf(row: RevisionRow): string[] {
  // Samples name the file that the rows came from, which is not the same for an announced and a polled file.
  const quarantined = row.quarantined.map(({ rule, rows }) => `${rule} ${rows}`).join(', ');
  return [
    `${row.name} data ${row.data} rows ${row.rows}`,
    `${row.name} quarantine ${row.quarantine} rows ${row.quarantined_rows} (${quarantined})`,
    `${row.name} statistics ${short(row.statistics)}`,
    `${row.name} sketches ${short(row.sketches)}`,
  ];
}

function short(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/** How a state differs from the wanted one, a sentence each; empty: not at all. Features of earlier inputs may be there besides. */
export function differencesOf(wanted: DataState, found: DataState): string[] {
  const lists = ['partitions', 'features', 'online', 'watermarks'] as const;
  return lists.flatMap((name) => {
    const missing = wanted[name].filter((line) => !found[name].includes(line));
    const besides = name === 'features' ? [] : found[name].filter((line) => !wanted[name].includes(line));
    return [
      ...missing.map((line) => `${name}: missing: ${line}`),
      ...besides.map((line) => `${name}: found instead or besides: ${line}`),
    ];
  });
}

/** Files that the state names and that the store cannot give with their own bytes, a sentence each. */
export async function unreadableFiles(state: DataState, artifacts: ArtifactStore): Promise<string[]> {
  const tried = state.files.map(async (sha256) => {
    try {
      await artifacts.get({ sha256 });
      return [];
    } catch (error) {
      return [`file ${sha256}: ${(error as Error).message}`];
    }
  });
  return (await Promise.all(tried)).flat();
}
