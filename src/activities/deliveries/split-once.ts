// Splits a delivery into raw day files once per content: what was split before is found by digest, also by another process.
import { rm } from 'node:fs/promises';
import type { RawFile } from '../../data/read/raw-file';
import { splitRawFile } from '../../data/read/split';
import { MEDIA_TYPES, type ArtifactRef } from '../../domain/data/artifacts';
import type { Day } from '../../domain/days';
import type { FileSourcePlan } from '../../domain/plan/plan';
import type { DataDependencies } from '../dependencies';
import { digestOf } from '../digest';

/** A delivery of one or many files, by its content. */
export interface SplitJob {
  /** Digest of the content of all files. */
  readonly sha256: string;
  readonly source: Omit<FileSourcePlan, 'path'>;
  /** The partition that is asked for; without `partitionBy` all rows are of this day. */
  readonly partition: Day;
  readonly onRows: ((rows: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Gives day files. */
export interface Splitter {
  /** What an earlier split gave; undefined: there was none, and the files are needed. */
  known(job: SplitJob): Promise<ArtifactRef | null | undefined>;
  /** Splits the files and keeps what it gives, after `confirm` had nothing against it. Null: no rows for the day. */
  split(job: SplitJob, files: readonly RawFile[], confirm?: () => Promise<void>): Promise<ArtifactRef | null>;
}

/** Changes when the readers give other rows for the same bytes, so that no split of an older release is taken. */
const READERS = 2;

export function createSplitter({ engine, artifacts, stores }: DataDependencies): Splitter {
  const splitting = new Map<string, Promise<void>>();

  async function known({ sha256, partition, ...job }: SplitJob): Promise<ArtifactRef | null | undefined> {
    const found = await stores.partitions.loadSplit(sha256, splitDigestOf({ partition, ...job }), partition);
    return found.known ? found.data : undefined;
  }

  async function splitNow(job: SplitJob, files: readonly RawFile[], confirm?: () => Promise<void>): Promise<void> {
    const { source, partition, onRows, signal } = job;
    const outDir = await artifacts.tempDir();
    try {
      const written = await splitRawFile(engine, {
        files,
        source,
        outDir,
        ...(source.partitionBy === undefined ? { day: partition } : {}),
        ...(onRows ? { onProgress: onRows } : {}),
        ...(signal ? { signal } : {}),
      });
      await confirm?.();
      const days: Record<Day, ArtifactRef> = {};
      for (const { day, path, rows } of written) days[day] = await artifacts.putFile(path, MEDIA_TYPES.parquet, rows);
      await stores.partitions.saveSplit(job.sha256, splitDigestOf(job), days);
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  return {
    known,
    async split(job, files, confirm) {
      // Tables that share a file and the way it is split share the work.
      const name = `${job.sha256}/${splitDigestOf(job)}`;
      const running = splitting.get(name);
      if (running) {
        await running.catch(() => undefined);
        const shared = await known(job);
        if (shared !== undefined) return shared;
      }
      const own = splitNow(job, files, confirm).finally(() => splitting.delete(name));
      splitting.set(name, own);
      await own;
      return (await known(job)) ?? null;
    },
  };
}

function splitDigestOf({ source, partition }: Pick<SplitJob, 'source' | 'partition'>): string {
  const { format, compression, encoding, delimiter, nullText, partitionBy } = source;
  return digestOf({
    ...{ readers: READERS, format, compression, encoding, nullText },
    ...{ delimiter: delimiter ?? null, partitionBy: partitionBy ?? null },
    day: partitionBy === undefined ? partition : null,
  });
}
