// Files of this machine, by path or glob. They are read where they lie; a look at size and time says whether they have to be read again.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileSystemFailure } from '../read/raw-file';
import { globExpression, isGlob } from './glob';
import { sourceFailure, systemCode, type FetchedFile, type FetchRequest, type SourceFile } from './source-file';

/**
 * The files of a path, in alphabetical order; without a `*` the one file itself, whether it exists or not.
 * @throws UnderstudyError `SOURCE_NOT_FOUND` when nothing matches, `SOURCE_UNREADABLE` for a folder that may not be read.
 */
export async function localFiles(name: string, path: string): Promise<SourceFile[]> {
  if (!isGlob(path)) return [localFile(name, path)];
  const paths = await matching(path.split('/'), name);
  if (paths.length === 0) {
    const allowed = 'at least one file of this pattern';
    throw sourceFailure('SOURCE_NOT_FOUND', name, { what: 'nothing matches', found: 'no such file', allowed });
  }
  // Where the author wrote a relative path, messages show one too.
  const shown = (match: string): string => (path.endsWith(name) ? match.slice(path.length - name.length) : match);
  return paths.sort().map((match) => localFile(shown(match), match));
}

/** Goes down part by part, so that only folders that can match are listed. */
async function matching(parts: readonly string[], name: string): Promise<string[]> {
  let found = [''];
  for (const [at, part] of parts.entries()) {
    const last = at === parts.length - 1;
    if (!isGlob(part)) {
      found = found.map((folder) => (at === 0 ? part : `${folder}/${part}`));
      continue;
    }
    const expression = globExpression(part);
    const next: string[] = [];
    for (const folder of found) {
      for (const entry of await entriesOf(folder === '' ? '/' : folder, name)) {
        // A link may be either; reading it says what it is.
        const fits = last ? !entry.isDirectory() : entry.isDirectory() || entry.isSymbolicLink();
        if (fits && expression.test(entry.name)) next.push(join(folder === '' ? '/' : folder, entry.name));
      }
    }
    found = next;
  }
  const exist = await Promise.all(
    found.map((path) =>
      stat(path).then(
        (s) => !s.isDirectory(),
        () => false,
      ),
    ),
  );
  return found.filter((_, at) => exist[at]);
}

async function entriesOf(folder: string, name: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return [];
    throw unreadable(name, error);
  }
}

function localFile(name: string, path: string): SourceFile {
  return { name, baseName: basename(path), inPlace: true, fetch: (request) => fetchLocal(name, path, request) };
}

async function fetchLocal(name: string, path: string, { known, signal, onBytes }: FetchRequest): Promise<FetchedFile> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  if (found.isDirectory()) throw unreadable(name, { code: 'EISDIR' });
  const validator = `${found.size}|${found.mtimeMs}|${found.ino}`;
  if (known?.validator === validator) return { revision: known, path };
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      onBytes?.(bytes);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(name, error);
  }
  return { revision: { validator, sha256: hash.digest('hex'), bytes }, path };
}

function unreadable(name: string, error: unknown): Error {
  const told = fileSystemFailure(error, name);
  if (told) return told;
  const found = systemCode(error) || String(error);
  const problem = { what: 'the file cannot be read', found, allowed: 'a file that the worker may read' };
  return sourceFailure('SOURCE_UNREADABLE', name, problem, error);
}
