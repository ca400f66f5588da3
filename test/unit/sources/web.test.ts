// Files of a web server: a real one in this process.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createSourceFiles } from '../../../src/data/sources/files';
import type { FetchedFile, FetchRequest } from '../../../src/data/sources/source-file';
import { startWebServer, type WebServer } from '../../setup/web-server';
import { failureOf } from './failing';

const dir = mkdtempSync(join(tmpdir(), 'understudy-web-'));
const sources = createSourceFiles({}, { attempts: 3, firstWaitMs: 5, silenceMs: 300 });
let web: WebServer;
beforeAll(async () => {
  web = await startWebServer();
});
afterAll(async () => {
  await web.close();
  rmSync(dir, { recursive: true, force: true });
});

const fetch = async (path: string, options: Partial<FetchRequest> = {}): Promise<FetchedFile> =>
  (await sources.find(web.url + path, dir))[0]!.fetch({ dir, ...options });
const asked = (path: string): number => web.requests.filter((request) => request.path === path).length;
const text = ({ path }: FetchedFile): string => readFileSync(path!, 'utf8');

it('is downloaded with its digest and its size reported', async () => {
  web.on('/a.csv', (_, response) => response.writeHead(200).end('day,a\n'));
  const seen: number[] = [];
  const file = await fetch('/a.csv?token=x', { onBytes: (bytes) => seen.push(bytes) });
  expect([text(file), file.revision.bytes, seen.at(-1)]).toEqual(['day,a\n', 6, 6]);
});

it.each([
  ['ETag', { etag: '"1"' }, 'if-none-match', '"1"'],
  [
    'Last-Modified',
    { 'last-modified': 'Fri, 01 Mar 2013 00:00:00 GMT' },
    'if-modified-since',
    'Fri, 01 Mar 2013 00:00:00 GMT',
  ],
])('is not read again while its %s is the same', async (name, headers, condition, value) => {
  const path = `/${name}.csv`;
  web.on(path, (request, response) => {
    if (request.headers[condition] === value) response.writeHead(304).end();
    else response.writeHead(200, headers).end('x');
  });
  const first = await fetch(path);
  expect(await fetch(path, { known: first.revision })).toEqual({ revision: first.revision, path: null });
  expect(asked(path)).toBe(2);
});

it('is read through redirects on this machine', async () => {
  web.on('/moved.csv', (_, response) => response.writeHead(302, { location: '/there.csv' }).end());
  web.on('/there.csv', (_, response) => response.writeHead(200).end('there'));
  expect(text(await fetch('/moved.csv'))).toBe('there');
});

it('is not read through a redirect to an unencrypted address elsewhere', async () => {
  web.on('/away.csv', (_, response) => response.writeHead(302, { location: 'http://host.example/secret?x' }).end());
  expect(await failureOf(fetch('/away.csv'))).toBe(
    `SOURCE_UNREADABLE: ${web.url}/away.csv: the server sends elsewhere (found: http://host.example/secret; allowed: an https:// address)`,
  );
});

it('is unpacked when the server packs it without being asked, and left packed when the file itself is', async () => {
  const packed = gzipSync('day,a\n');
  for (const path of ['/plain.csv', '/packed.csv.gz'])
    web.on(path, (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed));
  expect(text(await fetch('/plain.csv'))).toBe('day,a\n');
  expect(readFileSync((await fetch('/packed.csv.gz')).path!)).toEqual(packed);
});

it('is tried again when the connection ends too early', async () => {
  let attempts = 0;
  web.on('/flaky.csv', (_, response) => {
    response.writeHead(200, { 'content-length': '10' });
    if (++attempts < 3) response.write('12345', () => response.destroy());
    else response.end('1234567890');
  });
  expect(text(await fetch('/flaky.csv'))).toBe('1234567890');
  expect(attempts).toBe(3);
});

it('that ends too early each time, or falls silent, is unavailable, and never half read', async () => {
  web.on('/cut.csv', (_, response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('12345', () => response.destroy());
  });
  expect(await failureOf(fetch('/cut.csv'))).toMatch(
    /^SOURCE_UNAVAILABLE: .*\/cut\.csv: the file could not be read to its end \(found: .*, after \d bytes; allowed: a file that can be read to its end\)$/,
  );
  web.on('/silent.csv', (_, response) => void response.writeHead(200).write('1'));
  expect(await failureOf(fetch('/silent.csv'))).toContain('(found: nothing for 300 ms, after 1 bytes; allowed: ');
});

it.each([
  [404, 'SOURCE_NOT_FOUND', 'there is no such file', 1],
  [410, 'SOURCE_NOT_FOUND', 'there is no such file', 1],
  [401, 'SOURCE_UNREADABLE', 'access denied', 1],
  [403, 'SOURCE_UNREADABLE', 'access denied', 1],
  [418, 'SOURCE_UNREADABLE', 'the server refuses', 1],
  [429, 'SOURCE_UNAVAILABLE', 'the server failed to answer', 3],
  [503, 'SOURCE_UNAVAILABLE', 'the server failed to answer', 3],
])('answered with %i is %s', async (status, code, what, attempts) => {
  const path = `/status-${status}.csv`;
  web.on(path, (_, response) => response.writeHead(status).end());
  expect(await failureOf(fetch(path))).toBe(
    `${code}: ${web.url}${path}: ${what} (found: status ${status}; allowed: status 200 with the file)`,
  );
  expect(asked(path)).toBe(attempts);
});

it('of a server that does not run is unavailable', async () => {
  const gone = await startWebServer();
  await gone.close();
  const [file] = await sources.find(`${gone.url}/a.csv`, dir);
  expect(await failureOf(file!.fetch({ dir }))).toBe(
    `SOURCE_UNAVAILABLE: ${gone.url}/a.csv: the server cannot be reached (found: connection refused; allowed: a server that answers)`,
  );
});

it('is given up when nobody waits any more', async () => {
  const cancel = new AbortController();
  web.on('/endless.csv', (_, response) => {
    response.writeHead(200).write('1');
    cancel.abort(new Error('enough'));
  });
  expect(await failureOf(fetch('/endless.csv', { signal: cancel.signal }))).toBe('no code: enough');
});

it('has no globs', async () => {
  expect(await failureOf(sources.find(`${web.url}/*.csv`, dir))).toBe(
    `SOURCE_UNREADABLE: ${web.url}/*.csv: a web server has no list of files (found: *; allowed: the address of one file)`,
  );
});
