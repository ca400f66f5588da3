// A job server's answers, good and bad, and the bytes of results: a real web server in this process.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobResult, JobStart } from '../../../src/domain/training/training-jobs';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { collectResult } from '../../../src/training/jobs/collect-result';
import { createJobServer } from '../../../src/training/jobs/job-server';
import { startWebServer, type WebServer } from '../../setup/web-server';

const root = mkdtempSync(join(tmpdir(), 'jobs-'));
const artifacts = createFileArtifactStore(root);
const { signal } = new AbortController();
let web: WebServer;
let other: WebServer;
beforeAll(async () => {
  [web, other] = [await startWebServer(), await startWebServer()];
});
afterAll(async () => {
  await web.close();
  await other.close();
  rmSync(root, { recursive: true, force: true });
});

const serverAt = (path: string) => createJobServer(`${web.url}${path}/`, { authorization: 'secret' });
function answers(path: string, status: number, body: string): void {
  web.on(path, (_, response) => response.writeHead(status).end(body));
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as { code: string; message: string },
  );

describe('a job server', () => {
  it('is sent the start with the secret, and asked by the key', async () => {
    answers('/a', 202, '{"state":"queued"}');
    answers('/a/k1', 200, '{"state":"running","progress":{"message":"half"}}');
    const server = serverAt('/a');
    expect(await server.start({ key: 'k1' } as JobStart<unknown>, signal)).toEqual({ state: 'queued' });
    expect(await server.look('k1', signal)).toEqual({
      state: 'running',
      progress: { iteration: 0, of: 0, message: 'half' },
    });
    expect(await server.look('k2', signal)).toBe('lost');
    await server.cancel('k2', signal);
    expect(web.requests.slice(-4).map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('secret'));
  });

  it.each([
    [503, 'busy', 'TRAINER_UNAVAILABLE', 'does not answer: GET answered 503: busy.'],
    [429, '', 'TRAINER_UNAVAILABLE', 'does not answer: GET answered 429.'],
    [401, 'who?', 'TRAINING_FAILED', 'found GET answered 401: who?; allowed is 2xx'],
    [302, '', 'TRAINING_FAILED', 'found GET answered 302'],
    [200, '<html>', 'TRAINING_FAILED', 'found no JSON but "<html>"'],
    [200, '{"state":"odd"}', 'TRAINING_FAILED', 'found state: Invalid option'],
    [200, 'x'.repeat(2 ** 20 + 1), 'TRAINING_FAILED', 'an answer of more than 1048576 bytes'],
  ])('that answers %s %.20s means %s', async (status, body, code, sentence) => {
    answers('/b/k', status, body);
    expect(await failureOf(serverAt('/b').look('k', signal))).toMatchObject({
      code,
      message: expect.stringContaining(sentence) as string,
    });
  });

  it('that is away, or breaks off, may be asked again; a caller who leaves gets the reason', async () => {
    const away = createJobServer('http://127.0.0.1:9/jobs', {});
    expect(await failureOf(away.look('k', signal))).toMatchObject({ code: 'TRAINER_UNAVAILABLE' });
    web.on('/c/k', (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{');
      setTimeout(() => response.destroy(), 5);
    });
    expect(await failureOf(serverAt('/c').look('k', signal))).toMatchObject({ code: 'TRAINER_UNAVAILABLE' });
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(serverAt('/c').look('k', gone)).rejects.toThrow('gone');
  });
});

describe('the result of a job', () => {
  const bytes = Buffer.alloc(300_000, 'model');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const numbers = { rows: 5, iterations: 1, seconds: 2, peakMemoryMiB: 3, libraries: { theirs: '1' } };
  const at = (url: string, change: object = {}): JobResult => {
    const part = { sha256, bytes: bytes.length, url };
    return { ...numbers, onnx: { ...part, ...change }, native: part, parity: part, report: part };
  };
  const collect = (result: JobResult) => collectResult(result, { artifacts, server: serverAt('/d'), key: 'k', signal });

  it('is fetched, wherever it lies; the secret goes to the job server only', async () => {
    web.on('/d/k/files/1', (_, response) => response.writeHead(200).end(bytes));
    other.on('/2', (_, response) => response.writeHead(200).end(bytes));
    for (const url of ['files/1', `${other.url}/2`]) {
      const found = await collect(at(url));
      expect(found).toMatchObject({ ...numbers, onnx: { sha256, bytes: bytes.length, mediaType: 'application/onnx' } });
      expect((await artifacts.get(found.onnx)).equals(bytes)).toBe(true);
    }
    expect(web.requests.at(-1)?.headers.authorization).toBe('secret');
    expect(other.requests.at(-1)?.headers.authorization).toBeUndefined();
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  it('may lie in the store already', async () => {
    const ref = await artifacts.put(Buffer.from('there'), 'text/plain');
    const part = { sha256: ref.sha256, bytes: 5 };
    const result = { ...numbers, onnx: part, native: part, parity: part, report: part };
    expect((await collect(result)).parity).toMatchObject(part);
    expect(await failureOf(collect({ ...result, native: { ...part, bytes: 6 } }))).toMatchObject({
      code: 'TRAINING_FAILED',
      message: "The job's result, native: found 5 bytes; allowed is the announced 6.",
    });
    expect(await failureOf(collect({ ...result, native: { ...part, sha256: '0'.repeat(64) } }))).toMatchObject({
      code: 'TRAINING_FAILED',
      message: expect.stringContaining('native: found no artifact 000') as string,
    });
  });

  it.each([
    [{ sha256: '0'.repeat(64) }, 'TRAINING_FAILED', 'onnx: found the digest'],
    [{ bytes: 10 }, 'TRAINING_FAILED', 'onnx: found more bytes at files/1; allowed is the announced 10'],
    [{ bytes: 300_001 }, 'TRAINING_FAILED', 'onnx: found 300000 bytes at files/1; allowed is the announced 300001'],
    [{ url: 'nowhere' }, 'TRAINING_FAILED', 'found GET answered 404'],
    [{ url: 'file:///etc/passwd' }, 'TRAINING_FAILED', 'allowed is an http or https one'],
    [{ url: 'http://127.0.0.1:9/x' }, 'TRAINER_UNAVAILABLE', 'does not answer'],
    [{ url: 'files/broken' }, 'TRAINER_UNAVAILABLE', 'onnx of the job cannot be read from files/broken'],
  ])('that is not what was announced (%j) is refused and leaves nothing', async (change, code, sentence) => {
    web.on('/d/k/files/1', (_, response) => response.writeHead(200).end(bytes));
    web.on('/d/k/files/broken', (_, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('half');
      setTimeout(() => response.destroy(), 5);
    });
    expect(await failureOf(collect(at('files/1', change)))).toMatchObject({
      code,
      message: expect.stringContaining(sentence) as string,
    });
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });
});
