// What the data plane has come to, read from the tables and not through the code that wrote them, and how two such states differ.
import { createHash } from 'node:crypto';
import { createStoredFeatureFiles } from '../../../../src/activities/features/stored-features';
import type { Engine } from '../../../../src/data/engine';
import type { ArtifactRef } from '../../../../src/domain/data/artifacts';
import type { SnapshotRef } from '../../../../src/domain/data/partitions';
import type { ArtifactStore } from '../../../../src/ports/artifacts';
import { withClient, type Ports } from './place';

/** Everything that has to come out the same; each list is sorted text, so that a difference can be told. */
export interface DataState {
  /** The newest revision of each partition: data, numbers, statistics, sketches. Not when it became available: a later revision came later. */
  readonly partitions: readonly string[];
  /** Feature partitions by key, with the digest of their bytes. */
  readonly features: readonly string[];
  readonly online: readonly string[];
  readonly watermarks: readonly string[];
  /** By cycle day's snapshot id, with the digests of its matrices; the last one only, because earlier ones saw other rows. */
  readonly snapshot: readonly string[];
  /** Files of many feature partitions, by the keys that lie in them. */
  readonly compacted: readonly string[];
  /** Digests of all files that have to be there: of partitions, features (or the file that they were put into) and the snapshot. */
  readonly files: readonly string[];
  /** Effects that were written twice: revisions with the rows of the one before, and rejections of one delivery; empty is good. */
  readonly doubles: readonly string[];
}

const NEWEST = `
  select distinct on (table_name, partition) table_name || '/' || partition as name, rows, quarantined_rows,
    data ->> 'sha256' as data, quarantine ->> 'sha256' as quarantine, statistics, sketches, quarantined
  from partition_revisions order by table_name, partition, revision desc`;
const FEATURES = `
  select p.key, view_name || '/' || day as name, rows, p.data ->> 'sha256' as data, f.data ->> 'sha256' as compacted
  from feature_partitions p left join feature_files f on f.key = p.key`;
const SNAPSHOT = `select reference from snapshots order by sequence desc limit 1`;
const ONLINE = `select view_name || ' ' || entity_key || ' ' || event_time || ' ' || day || ' ' || feature_key || ' ' || features as line
  from online_features`;
const WATERMARKS = `select table_name || ' through ' || through as line from watermarks`;
const DOUBLES = `
  select 'revision ' || b.revision || ' of ' || b.table_name || '/' || b.partition || ' has the rows of the one before' as line
    from partition_revisions a join partition_revisions b on (b.model, b.table_name, b.partition, b.revision, b.data_sha256)
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
  readonly compacted: string | null;
}

/** Reads a state. */
export async function readState(databaseUrl: string): Promise<DataState> {
  return withClient(databaseUrl, async (client) => {
    const lines = async (text: string): Promise<string[]> =>
      (await client.query<{ line: string }>(text)).rows.map(({ line }) => line).sort();
    const revisions = (await client.query<RevisionRow>(NEWEST)).rows;
    const features = (await client.query<FeatureRow>(FEATURES)).rows;
    const snapshots = (await client.query<{ reference: SnapshotRef }>(SNAPSHOT)).rows.map(({ reference }) => reference);
    const files = [
      ...revisions.flatMap(({ data, quarantine }) => [data, quarantine]),
      ...features.map(({ data, compacted }) => compacted ?? data),
      ...snapshots.flatMap(({ manifest, ...parts }) => [manifest, ...matricesOf(parts)].map(({ sha256 }) => sha256)),
    ];
    return {
      partitions: revisions.flatMap(linesOf).sort(),
      features: features.map(({ name, key, rows, data }) => `${name} key ${key} rows ${rows} bytes ${data}`).sort(),
      online: await lines(ONLINE),
      watermarks: await lines(WATERMARKS),
      snapshot: snapshots.map(
        (each) =>
          `${each.id} ${matricesOf(each)
            .map(({ sha256 }) => sha256)
            .join(' ')}`,
      ),
      compacted: features
        .flatMap(({ key, compacted }) => (compacted === null ? [] : [`${key} in ${compacted}`]))
        .sort(),
      files: [...new Set(files.filter((digest) => digest !== null))].sort(),
      doubles: await lines(DOUBLES),
    };
  });
}

/** Not the manifest, which numbers the revisions of the labels: there are more of them than from scratch. */
function matricesOf({ train, holdout, truth, signature }: Omit<SnapshotRef, 'manifest'>): ArtifactRef[] {
  return [train, holdout, truth, signature];
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

/**
 * How a state differs from the wanted one, a sentence each; empty: not at all. Features of earlier inputs may be there besides. Which of them
 * lie in one file is a matter of when that was done, and not compared.
 */
export function differencesOf(wanted: DataState, found: DataState): string[] {
  const lists = ['partitions', 'features', 'online', 'watermarks', 'snapshot'] as const;
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

/** Partitions that do not come out of the file that they were put into byte by byte, a sentence each. */
export async function lostInCompaction(
  dependencies: Ports & { readonly engine: Engine },
  { compacted }: DataState,
): Promise<string[]> {
  const keys = compacted.map((line) => line.slice(0, line.indexOf(' ')));
  const files = createStoredFeatureFiles(dependencies);
  const problems: string[] = [];
  for (const partition of await dependencies.stores.features.find(keys)) {
    await files.paths([partition]).catch((error: unknown) => problems.push((error as Error).message));
  }
  return problems;
}
