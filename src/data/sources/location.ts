// Reads the address of a source: a path of this machine, an object in S3, or a file on a web server. Pure.
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceFailure } from './source-file';

/** Where a source lies. `name` is the address as messages show it: without user, password and query. */
export type SourceLocation = { readonly name: string } & (
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string }
  | { readonly kind: 'web'; readonly url: URL }
);

const ALLOWED =
  "a path, file:///path, s3://bucket/key, or an https:// address (http:// on this machine's loopback only)";
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Reads an address; a relative path starts in `folder`.
 * @throws UnderstudyError `SOURCE_UNREADABLE` for an address of no known kind.
 */
export function sourceLocation(address: string, folder: string): SourceLocation {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  const wrong = (found: string) =>
    sourceFailure('SOURCE_UNREADABLE', address, { what: 'this address cannot be read', found, allowed: ALLOWED });
  switch (scheme) {
    case undefined:
      return { kind: 'local', name: address, path: isAbsolute(address) ? address : join(folder, address) };
    case 'file':
      try {
        return { kind: 'local', name: address, path: fileURLToPath(address) };
      } catch {
        throw wrong('a file:// address of another machine');
      }
    case 's3': {
      const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/i.exec(address) ?? [];
      if (bucket === '' || key === '') throw wrong(bucket === '' ? 'no bucket' : 'no key');
      return { kind: 's3', name: address, bucket, key };
    }
    case 'http':
    case 'https': {
      if (!URL.canParse(address)) throw wrong('no valid address');
      const url = new URL(address);
      if (!isReadable(url)) throw wrong(`http:// to ${url.hostname}`);
      return { kind: 'web', name: `${url.origin}${url.pathname}`, url };
    }
    default:
      throw wrong(`${scheme}://`);
  }
}

/** Whether an address of a web server may be read: encrypted, or of this very machine. */
export function isReadable(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}
