// Addresses, globs and files of this machine.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createSourceFiles } from '../../../src/data/sources/files';
import { globExpression } from '../../../src/data/sources/glob';
import { sourceLocation } from '../../../src/data/sources/location';
import { failureOf } from './failing';

const folder = mkdtempSync(join(tmpdir(), 'understudy-sources-'));
const sources = createSourceFiles();
const names = async (address: string): Promise<string[]> =>
  (await sources.find(address, folder)).map((file) => file.name);

beforeAll(() => {
  for (const day of ['01', '02']) {
    mkdirSync(join(folder, 'data', day), { recursive: true });
    for (const part of ['b', 'a']) writeFileSync(join(folder, 'data', day, `${part}.csv`), `${day}${part}`);
  }
  mkdirSync(join(folder, 'data', '01', 'folder.csv'));
  symlinkSync(join(folder, 'data', '01', 'a.csv'), join(folder, 'data', '01', 'link.csv'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'data', '01', 'broken.csv'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an address', () => {
  it.each([
    ['data/a.csv', { kind: 'local', name: 'data/a.csv', path: '/models/late/data/a.csv' }],
    ['/data/a.csv', { kind: 'local', name: '/data/a.csv', path: '/data/a.csv' }],
    ['file:///data/a%20b.csv', { kind: 'local', name: 'file:///data/a%20b.csv', path: '/data/a b.csv' }],
    ['s3://bucket/a/b*.csv', { kind: 's3', name: 's3://bucket/a/b*.csv', bucket: 'bucket', key: 'a/b*.csv' }],
  ])('is read: %s', (address, location) => {
    expect(sourceLocation(address, '/models/late')).toEqual(location);
  });

  it('of a web server is shown without user, password and query', () => {
    const { name } = sourceLocation('https://ann:secret@host.example/a.csv?token=secret', '/');
    expect(name).toBe('https://host.example/a.csv');
  });

  it.each([
    ['ftp://host/a.csv', 'ftp://'],
    ['s3://bucket', 'no key'],
    ['s3:///key', 'no bucket'],
    ['http://host.example/a.csv', 'http:// to host.example'],
    ['file://host/a.csv', 'a file:// address of another machine'],
  ])('of no known kind is refused: %s', async (address, found) => {
    expect(await failureOf(() => Promise.resolve(sourceLocation(address, '/')))).toBe(
      `SOURCE_UNREADABLE: ${address}: this address cannot be read (found: ${found}; allowed: a path, file:///path, s3://bucket/key, or an https:// address (http:// on this machine's loopback only))`,
    );
  });
});

describe('a glob', () => {
  it('matches any text within one part, and signs of regular expressions as themselves', () => {
    const expression = globExpression('a.b/*-(1)+*.csv');
    expect(expression.test('a.b/x-(1)+y.csv')).toBe(true);
    expect(expression.test('a.b/-(1)+.csv')).toBe(true);
    expect(expression.test('axb/x-(1)+y.csv')).toBe(false);
    expect(expression.test('a.b/x/y-(1)+y.csv')).toBe(false);
  });

  it('without a star matches itself only', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('*')),
        fc.string(),
        (pattern, other) => {
          expect(globExpression(pattern).test(pattern)).toBe(true);
          expect(globExpression(pattern).test(other)).toBe(pattern === other);
        },
      ),
    );
  });

  it('gives files in the order of their names, links to files too, folders not', async () => {
    expect(await names('data/01/*.csv')).toEqual(['data/01/a.csv', 'data/01/b.csv', 'data/01/link.csv']);
    expect(await names('data/*/a.csv')).toEqual(['data/01/a.csv', 'data/02/a.csv']);
    expect(await names(`${folder}/data/0*/b*`)).toEqual([`${folder}/data/01/b.csv`, `${folder}/data/02/b.csv`]);
  });

  it('that nothing matches is told as such', async () => {
    expect(await failureOf(names('data/03/*.csv'))).toBe(
      'SOURCE_NOT_FOUND: data/03/*.csv: nothing matches (found: no such file; allowed: at least one file of this pattern)',
    );
  });
});

describe('a file of this machine', () => {
  const fetch = async (name: string, options: Parameters<Awaited<ReturnType<typeof sources.find>>[0]['fetch']>[0]) =>
    (await sources.find(name, folder))[0]!.fetch(options);

  it('is read where it lies, with the digest of its bytes', async () => {
    const { revision, path } = await fetch('data/01/a.csv', { dir: folder });
    expect(path).toBe(join(folder, 'data/01/a.csv'));
    expect(revision).toMatchObject({ bytes: 3, sha256: createHash('sha256').update('01a').digest('hex') });
  });

  it('is not read again while size and time are the same, and is when it has changed', async () => {
    writeFileSync(join(folder, 'changing.csv'), 'one');
    const { revision } = await fetch('changing.csv', { dir: folder });
    const seen: number[] = [];
    const again = await fetch('changing.csv', { dir: folder, known: revision, onBytes: (bytes) => seen.push(bytes) });
    expect([again.revision, seen]).toEqual([revision, []]);
    writeFileSync(join(folder, 'changing.csv'), 'another');
    const changed = await fetch('changing.csv', { dir: folder, known: revision, onBytes: (bytes) => seen.push(bytes) });
    expect(changed.revision.sha256).not.toBe(revision.sha256);
    expect(seen).toEqual([7]);
  });

  it('that is missing, is a folder or may not be read is told as such', async () => {
    expect(await failureOf(fetch('data/09.csv', { dir: folder }))).toBe(
      'SOURCE_NOT_FOUND: data/09.csv: there is no such file',
    );
    expect(await failureOf(fetch('data', { dir: folder }))).toBe(
      'SOURCE_UNREADABLE: data: not a file (found: a directory; allowed: one file)',
    );
    if (process.getuid?.() === 0) return;
    writeFileSync(join(folder, 'secret.csv'), 'x');
    chmodSync(join(folder, 'secret.csv'), 0);
    expect(await failureOf(fetch('secret.csv', { dir: folder }))).toMatch(/^SOURCE_UNREADABLE: secret\.csv: /);
  });

  it('stops being read when nobody waits any more', async () => {
    const cancel = new AbortController();
    cancel.abort(new Error('enough'));
    expect(await failureOf(fetch('data/01/a.csv', { dir: folder, signal: cancel.signal }))).toBe('no code: enough');
  });
});
