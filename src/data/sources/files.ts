// The files of a source by address, of whatever kind it is.
import { isGlob } from './glob';
import { localFiles } from './local-files';
import { sourceLocation } from './location';
import type { Patience } from './download';
import { createS3Access, type S3Settings } from './s3-files';
import { sourceFailure, type SourceFile } from './source-file';
import { webFile } from './web-files';

/** Finds files by address. */
export interface SourceFiles {
  /**
   * The files of an address, in the order of their names; `*` matches within one part of a path or key. A relative path starts in `folder`.
   * @throws UnderstudyError `SOURCE_NOT_FOUND` when nothing matches, `SOURCE_UNREADABLE` for an address of no known kind, and what listing a
   * store may fail with.
   */
  find(address: string, folder: string, signal?: AbortSignal): Promise<SourceFile[]>;
}

/** Opens access to all kinds of files; nothing is connected yet. */
export function createSourceFiles(s3: S3Settings = {}, patience: Patience = {}): SourceFiles {
  const objects = createS3Access(s3, patience);
  return {
    async find(address, folder, signal) {
      const location = sourceLocation(address, folder);
      switch (location.kind) {
        case 'local':
          return localFiles(location.name, location.path);
        case 's3':
          return objects.files(location.bucket, location.key, signal);
        case 'web':
          if (isGlob(location.url.pathname)) {
            const problem = {
              what: 'a web server has no list of files',
              found: '*',
              allowed: 'the address of one file',
            };
            throw sourceFailure('SOURCE_UNREADABLE', location.name, problem);
          }
          return [webFile(location.name, location.url, patience)];
      }
    },
  };
}
