// Finds delivered rows: resolves a source's path for a day, splits a raw file once per revision of the file, and names each day's rows by digest.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveRawPath } from '../data/read/raw-path';
import { splitRawFile } from '../data/read/split';
import { MEDIA_TYPES, type ArtifactRef } from '../domain/artifacts';
import type { Day } from '../domain/days';
import { UnderstudyError } from '../domain/failures';
import type { FileSourcePlan, ModelPlan } from '../domain/plan';
import type { DataDependencies } from './dependencies';
import { digestOf } from './digest';

export interface FoundRows {
  /** The day's raw rows; null: the file has none for the day. */
  readonly raw: ArtifactRef | null;
  /** How messages call the file. */
  readonly fileName: string;
}

export interface DeliveryFinder {
  /**
   * The raw rows of a partition, from `uri` or else from the table's path template.
   * Fails with SOURCE_NOT_FOUND (no file) or SOURCE_UNREADABLE (damaged, or not the announced digest).
   */
  find(plan: ModelPlan, table: string, partition: Day, uri?: string, sha256?: string): Promise<FoundRows>;
}

export function createDeliveryFinder({ engine, artifacts, stores, modelsFolder }: DataDependencies): DeliveryFinder {
  const digests = new Map<string, string>();
  const splitting = new Map<string, Promise<void>>();

  /** The file's digest; read again only when its size or time changed. */
  async function fileDigest(path: string): Promise<string> {
    const { size, mtimeMs } = await stat(path).catch(() => {
      throw new UnderstudyError('SOURCE_NOT_FOUND', `${path}: there is no such file`, { file: path });
    });
    const seen = `${path}|${size}|${mtimeMs}`;
    const known = digests.get(seen);
    if (known) return known;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    const digest = hash.digest('hex');
    digests.set(seen, digest);
    return digest;
  }

  async function split(
    path: string,
    fileName: string,
    source: FileSourcePlan,
    fileSha: string,
    splitDigest: string,
  ): Promise<void> {
    const outDir = await artifacts.tempDir();
    try {
      const days: Record<Day, ArtifactRef> = {};
      for (const { day, path: dayPath, rows } of await splitRawFile(engine, { path, source, outDir, fileName })) {
        days[day] = await artifacts.putFile(dayPath, MEDIA_TYPES.parquet, rows);
      }
      await stores.partitions.saveSplit(fileSha, splitDigest, days);
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  }

  return {
    async find(plan, table, partition, uri, sha256) {
      const { source } = plan.tables[table]!;
      if (!('path' in source))
        throw new UnderstudyError('SOURCE_NOT_FOUND', `${table}: no reader for ${source.format}`);
      const fileName = uri ?? resolveRawPath(source.path, partition);
      const path = pathOf(join(modelsFolder, plan.name), fileName);
      const fileSha = await fileDigest(path);
      if (sha256 && sha256 !== fileSha) {
        throw new UnderstudyError(
          'SOURCE_UNREADABLE',
          `${fileName}: announced with sha256 ${sha256}, found ${fileSha}`,
          { file: fileName },
        );
      }
      const splitDigest = digestOf({ partitionBy: source.partitionBy, nullText: source.nullText });
      const known = await stores.partitions.loadSplit(fileSha, splitDigest, partition);
      if (known.known) return { raw: known.data, fileName };
      const job = `${fileSha}/${splitDigest}`;
      let running = splitting.get(job);
      if (!running) {
        running = split(path, fileName, source, fileSha, splitDigest).finally(() => splitting.delete(job));
        splitting.set(job, running);
      }
      await running;
      return { raw: (await stores.partitions.loadSplit(fileSha, splitDigest, partition)).data, fileName };
    },
  };
}

function pathOf(folder: string, uri: string): string {
  if (uri.startsWith('file://')) return fileURLToPath(uri);
  return isAbsolute(uri) ? uri : join(folder, uri);
}
