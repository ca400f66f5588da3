// Deliveries that are files, wherever they lie: fetched when a cheap look says that they have changed, split once per revision.
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveRawPath } from '../../data/read/raw-path';
import { createSourceFiles } from '../../data/sources/files';
import { sourceFailure, type FetchedFile, type SourceFile, type SourceRevision } from '../../data/sources/source-file';
import { dataOwner } from '../../domain/data/data-owner';
import type { Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { FileSourcePlan, ModelPlan } from '../../domain/plan/plan';
import type { FindOptions, FoundRows } from './deliveries';
import type { DataDependencies } from '../dependencies';
import type { SplitJob, Splitter } from './split-once';

/** What a delivery was announced with. */
interface Announced {
  readonly uri: string | undefined;
  readonly sha256: string | undefined;
}

export interface FileDeliveries {
  find(
    plan: ModelPlan,
    source: FileSourcePlan,
    partition: Day,
    announced: Announced,
    options: FindOptions,
  ): Promise<FoundRows>;
}

/** Revisions that are remembered; each is some hundred bytes. */
const REMEMBERED = 20_000;

export function createFileDeliveries(
  { artifacts, modelsFolder, sourceS3 }: DataDependencies,
  splitter: Splitter,
): FileDeliveries {
  const sources = createSourceFiles(sourceS3);
  const revisions = new Map<string, SourceRevision>();
  const turns = new Map<string, Promise<unknown>>();

  /** Two days of one file, or two tables that share it, are found one after the other: the second finds what the first has done. */
  async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = turns.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    const tail = mine.catch(() => undefined);
    turns.set(name, tail);
    try {
      return await mine;
    } finally {
      if (turns.get(name) === tail) turns.delete(name);
    }
  }

  async function fetchOne(
    file: SourceFile,
    key: string,
    dir: string | null,
    again: boolean,
    { onProgress, signal }: FindOptions,
  ): Promise<FetchedFile> {
    const known = again ? undefined : revisions.get(key);
    const fetched = await file.fetch({
      dir,
      ...(known ? { known } : {}),
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onBytes: (bytes) => onProgress({ source: file.name, bytes }) } : {}),
    });
    if (revisions.size >= REMEMBERED) revisions.clear();
    revisions.set(key, fetched.revision);
    return fetched;
  }

  async function rowsOf(
    files: readonly SourceFile[],
    keyOf: (file: SourceFile) => string,
    job: Omit<SplitJob, 'sha256'>,
    sha256: string | undefined,
    options: FindOptions,
    name: string,
  ): Promise<FoundRows['raw']> {
    const dir = files.every(({ inPlace }) => inPlace) ? null : await artifacts.tempDir();
    try {
      const fetched: FetchedFile[] = [];
      for (const file of files) fetched.push(await fetchOne(file, keyOf(file), dir, false, options));
      const found = deliveryDigest(files, fetched);
      if (sha256 !== undefined && sha256 !== found) {
        const message = `${name}: announced with sha256 ${sha256}, found ${found}`;
        throw new UnderstudyError('SOURCE_UNREADABLE', message, { file: name });
      }
      const known = await splitter.known({ ...job, sha256: found });
      if (known !== undefined) return known;
      // Known by a look, but not split this way (another day, another table, another database): now the bytes are needed.
      for (const [at, file] of files.entries())
        if (fetched[at]!.path === null) fetched[at] = await fetchOne(file, keyOf(file), dir, true, options);
      return await splitter.split(
        { ...job, sha256: deliveryDigest(files, fetched) },
        files.map((file, at) => ({ path: fetched[at]!.path!, name: file.name })),
        () => requireUnchanged(files, fetched, dir),
      );
    } finally {
      if (dir !== null) await rm(dir, { recursive: true, force: true });
    }
  }

  return {
    async find(plan, source, partition, { uri, sha256 }, options) {
      const address = uri ?? resolveRawPath(source.path, partition);
      const folder = join(modelsFolder, dataOwner(plan));
      const files = await sources.find(address, folder, options.signal);
      const name = files.length === 1 ? files[0]!.name : address;
      const key = `${folder}|${address}`;
      const job: Omit<SplitJob, 'sha256'> = {
        source,
        partition,
        onRows: options.onProgress && ((rows) => options.onProgress?.({ source: name, rows })),
        signal: options.signal,
      };
      const keyOf = (file: SourceFile): string => `${key}|${file.name}`;
      const raw = await inTurn(key, () => rowsOf(files, keyOf, job, sha256, options, name));
      return { raw, fileName: name };
    },
  };
}

/**
 * Files that are read where they lie may be written at the same time: what was split would not be what was hashed.
 * @throws UnderstudyError `SOURCE_UNAVAILABLE`: the next attempt reads them again.
 */
async function requireUnchanged(
  files: readonly SourceFile[],
  fetched: readonly FetchedFile[],
  dir: string | null,
): Promise<void> {
  for (const [at, file] of files.entries()) {
    const { revision: known, path } = fetched[at]!;
    if (dir !== null && path?.startsWith(dir)) continue;
    const { revision } = await file.fetch({ dir, known });
    if (revision.sha256 === known.sha256) continue;
    const found = `sha256 ${known.sha256}, then ${revision.sha256}`;
    const problem = { what: 'the file changed while it was read', found, allowed: 'a file that is complete' };
    throw sourceFailure('SOURCE_UNAVAILABLE', file.name, problem);
  }
}

/**
 * Digest of a delivery: of one file that of its bytes; of several that of the lines `<sha256>  <file name>` in the order of the files, which is
 * what `sha256sum * | sha256sum` gives in a folder that holds just them.
 */
function deliveryDigest(files: readonly SourceFile[], fetched: readonly FetchedFile[]): string {
  if (fetched.length === 1) return fetched[0]!.revision.sha256;
  const lines = fetched.map(({ revision }, at) => `${revision.sha256}  ${files[at]!.baseName}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
