// The artifact store in a directory: `<root>/<first two digits>/<sha256>`, shared by all processes of a machine in any language.
// Invariant: a file under its digest is complete and on disk; it is written in `<root>/tmp`, flushed, and only then renamed.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Sha256, artifactUri, type ArtifactRef } from '../../domain/data/artifacts';
import { UnderstudyError } from '../../domain/failures';
import type { ArtifactStore, StoredArtifact } from '../../ports/artifacts';

/** Scratch files of processes that died are removed after this time. */
const LEFTOVER_AGE_MS = 24 * 3_600_000;
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Opens (and creates) a store in a directory.
 * @param rootUrlOrPath `file:///…` or a path.
 * @throws UnderstudyError `CONFIG_INVALID` for any other kind of address.
 */
export function createFileArtifactStore(rootUrlOrPath: string): ArtifactStore {
  const root = rootOf(rootUrlOrPath);
  const tmp = join(root, 'tmp');
  let prepared: Promise<void> | undefined;

  const prepare = () =>
    (prepared ??= prepareScratch(tmp).catch((error: unknown) => ((prepared = undefined), rethrow(error, root, 0))));
  const pathOf = (sha256: string) => join(root, Sha256.parse(sha256).slice(0, 2), sha256);
  const missing = (sha256: string, cause: unknown) =>
    new UnderstudyError('ARTIFACT_MISSING', `The artifact ${sha256} is not in ${root}.`, { sha256, root }, { cause });
  const corrupt = (sha256: string, found: string) =>
    new UnderstudyError(
      'ARTIFACT_CORRUPT',
      `The file ${pathOf(sha256)} has the digest ${found}; its name says ${sha256}.`,
      { sha256, found },
    );

  /** Brings a complete scratch file to its final name, or drops it when the artifact exists already. */
  async function commit(scratch: string, sha256: string, bytes: number): Promise<void> {
    const path = pathOf(sha256);
    const existing = await sizeOf(path);
    if (existing === bytes) {
      const now = new Date();
      await utimes(path, now, now);
      await rm(scratch, { force: true });
      return;
    }
    await flush(scratch);
    await mkdir(dirname(path), { recursive: true });
    await rename(scratch, path);
    await flush(dirname(path));
  }

  /** Writes through a scratch file that never survives a failure. */
  async function store(
    bytes: number,
    write: (scratch: string) => Promise<{ scratch: string; sha256: string }>,
  ): Promise<string> {
    await prepare();
    const fresh = join(tmp, `${randomUUID()}.part`);
    try {
      const { scratch, sha256 } = await write(fresh);
      await commit(scratch, sha256, bytes);
      return sha256;
    } catch (error) {
      await rm(fresh, { force: true }).catch(() => undefined);
      return await rethrow(error, root, bytes);
    }
  }

  return {
    async put(bytes, mediaType, rows) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await store(bytes.byteLength, async (scratch) => {
        await writeFile(scratch, bytes);
        return { scratch, sha256 };
      });
      return refOf(sha256, bytes.byteLength, mediaType, rows);
    },
    async putFile(path, mediaType, rows) {
      const { size } = await stat(path);
      const owned = resolve(path).startsWith(tmp + sep);
      const sha256 = await store(size, async (scratch) => {
        if (!owned) await pipeline(createReadStream(path), createWriteStream(scratch));
        const file = owned ? path : scratch;
        return { scratch: file, sha256: await digestOf(file) };
      });
      return refOf(sha256, size, mediaType, rows);
    },
    async get({ sha256 }) {
      const bytes = await readFile(pathOf(sha256)).catch((error: unknown) => {
        throw codeOf(error) === 'ENOENT' ? missing(sha256, error) : error;
      });
      const found = createHash('sha256').update(bytes).digest('hex');
      if (found !== sha256) throw corrupt(sha256, found);
      return bytes;
    },
    async localPath({ sha256 }) {
      const found = await digestOf(pathOf(sha256)).catch((error: unknown) => {
        throw codeOf(error) === 'ENOENT' ? missing(sha256, error) : error;
      });
      if (found !== sha256) throw corrupt(sha256, found);
      return pathOf(sha256);
    },
    has: async (sha256) => (await sizeOf(pathOf(sha256))) !== undefined,
    list: () => listArtifacts(root),
    delete: (sha256) => rm(pathOf(sha256), { force: true }),
    async tempDir() {
      await prepare();
      return mkdtemp(join(tmp, 'dir-')).catch((error: unknown) => rethrow(error, root, 0));
    },
  };
}

function rootOf(address: string): string {
  if (address.startsWith('file:')) return resolve(fileURLToPath(address));
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(address)?.[1];
  if (scheme === undefined) return resolve(address);
  throw new UnderstudyError(
    'CONFIG_INVALID',
    `ARTIFACT_STORE is "${address}": ${scheme}:// is not supported here; allowed are file:///directory and a path.`,
    { variable: 'ARTIFACT_STORE', found: address },
  );
}

async function prepareScratch(tmp: string): Promise<void> {
  await mkdir(tmp, { recursive: true });
  for (const name of await readdir(tmp)) {
    const entry = join(tmp, name);
    const found = await stat(entry).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > LEFTOVER_AGE_MS) await rm(entry, { recursive: true, force: true });
  }
}

async function* listArtifacts(root: string): AsyncGenerator<StoredArtifact> {
  for (const folder of await readdir(root).catch(() => [])) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const name of await readdir(join(root, folder))) {
      const found = Sha256.safeParse(name).success && (await stat(join(root, folder, name)).catch(() => undefined));
      if (found) yield { sha256: name, bytes: found.size, modifiedAt: found.mtime };
    }
  }
}

function refOf(sha256: string, bytes: number, mediaType: string, rows: number | undefined): ArtifactRef {
  return { uri: artifactUri(sha256), sha256, bytes, mediaType, ...(rows === undefined ? {} : { rows }) };
}

/** Up to this size reading a file in one go costs less than a stream of it. */
const READ_AT_ONCE_BYTES = 1 << 20;

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  if ((await stat(path)).size <= READ_AT_ONCE_BYTES) return hash.update(await readFile(path)).digest('hex');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.size,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    },
  );
}

/** Makes a file, or a directory's entries, survive a power cut. */
async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The system's code of an error; by shape, because an error of another realm (a vm, a test runner) is no `instanceof Error`. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

async function rethrow(error: unknown, root: string, bytes: number): Promise<never> {
  if (!FULL.has(codeOf(error))) throw error;
  const free = await statfs(root).then(
    (found) => found.bavail * found.bsize,
    () => undefined,
  );
  const left = free === undefined ? '' : `; ${free} bytes are free`;
  throw new UnderstudyError(
    'STORE_FULL',
    `The artifact store ${root} is full: ${bytes} bytes could not be written (${codeOf(error)}${left}).`,
    { root, bytes, free },
    { cause: error },
  );
}
