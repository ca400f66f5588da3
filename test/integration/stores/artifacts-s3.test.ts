// The artifact store in a bucket of a real S3-compatible server, under the same suite as the directory, and what is its own: the cache, the failures.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Config } from '../../../src/config';
import type { ArtifactRef } from '../../../src/domain/data/artifacts';
import { createReadCache } from '../../../src/stores/artifacts/read-cache';
import { createS3Objects } from '../../../src/stores/artifacts/s3-objects';
import { createS3ArtifactStore } from '../../../src/stores/artifacts/s3-store';
import { createArtifactStore } from '../../../src/stores/artifacts/open-store';
import { obtainS3Server, startS3Server, type S3Server } from '../../setup/s3-server';
import { all, HELLO, testArtifactStore } from '../../unit/stores-artifacts/artifact-store-suite';

const MB = 1 << 20;
const binary = obtainS3Server();
const suite = binary === null ? describe.skip : describe;

suite('the artifact store in a bucket', () => {
  const home = mkdtempSync(join(tmpdir(), 'understudy-s3-artifacts-'));
  const before = { ...process.env };
  let server: S3Server;
  let settings: Config['sourceS3'];
  let made = 0;
  beforeAll(async () => {
    server = await startS3Server(binary!, ['models']);
    Object.assign(process.env, server.variables);
    settings = loadConfig().sourceS3;
  });
  afterAll(async () => {
    await server.stop();
    for (const name of Object.keys(server.variables)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(home, { recursive: true, force: true });
  });

  /** A machine of its own: nothing is in its cache. */
  function machine(prefix: string, cache: { maxBytes?: number; inUseMs?: number } = {}) {
    const folder = join(home, `machine-${++made}`);
    const objects = createS3Objects({ bucket: 'models', prefix, ...settings });
    const store = createS3ArtifactStore(objects, createReadCache(folder, cache.maxBytes ?? 100 * MB, cache.inUseMs));
    return { folder, store };
  }
  const objectOf = (prefix: string, sha256: string) =>
    join(server.folder, 'models', prefix, sha256.slice(0, 2), sha256);

  testArtifactStore(() => {
    const prefix = `suite/${++made}`;
    return {
      open: () => machine(prefix).store,
      damage: (sha256, bytes) => writeFile(objectOf(prefix, sha256), bytes),
      age: (sha256) => utimes(objectOf(prefix, sha256), new Date(0), new Date(0)),
      close: () => undefined,
    };
  });

  it('is opened by its address, and leaves alone what others keep in the bucket', async () => {
    const open = (artifactStore: string) =>
      createArtifactStore({ artifactStore, home: join(home, 'opened'), artifactCacheMb: 64, sourceS3: settings });
    await open('s3://models').put(Buffer.from('at the top'), 'text/plain');
    const store = open('s3://models/some/folder/');
    await store.put(Buffer.from('hello'), 'text/plain');
    writeFileSync(join(server.folder, 'models', 'some', 'folder', '2c', 'README'), 'not ours');
    expect(readdirSync(join(server.folder, 'models', 'some', 'folder', '2c')).sort()).toEqual([HELLO, 'README']);
    expect((await all(store.list())).map(({ sha256 }) => sha256)).toEqual([HELLO]);
  });

  it('reads an artifact from the machine once it is there, and again from the bucket when its copy is damaged', async () => {
    const ref = await machine('cached').store.put(Buffer.from('hello'), 'text/plain');
    const { store } = machine('cached');
    const [path, again] = await Promise.all([store.localPath(ref), store.localPath(ref)]);
    expect(again).toBe(path);
    await writeFile(path, 'hel');
    expect((await store.get(ref)).toString()).toBe('hello');
    await rm(objectOf('cached', ref.sha256));
    expect((await store.get(ref)).toString()).toBe('hello');
    // The bucket decides what exists.
    expect(await store.has(ref.sha256)).toBe(false);
  });

  it('holds no more on the machine than its bound, and what was used last stays', async () => {
    const { store, folder } = machine('bounded', { maxBytes: 5 * MB, inUseMs: 0 });
    const refs: ArtifactRef[] = [];
    for (let at = 0; at < 8; at++) {
      refs.push(await store.put(Buffer.alloc(MB, at), 'text/plain'));
      await store.localPath(refs[0]!);
    }
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 60);
    expect(names.length).toBeLessThanOrEqual(5);
    expect(names.some((name) => name.endsWith(refs[0]!.sha256))).toBe(true);
    expect(await all(store.list())).toHaveLength(8);
    for (const ref of refs) expect((await store.get(ref)).byteLength).toBe(MB);
  });

  it('drops nothing that was just asked for, even beyond the bound', async () => {
    const { store } = machine('in-use', { maxBytes: MB });
    const refs = await Promise.all([1, 2, 3].map((byte) => store.put(Buffer.alloc(MB, byte), 'text/plain')));
    const paths = await Promise.all(refs.map((ref) => store.localPath(ref)));
    await store.put(Buffer.alloc(MB, 4), 'text/plain');
    expect(await Promise.all(refs.map((ref) => store.localPath(ref)))).toEqual(paths);
  });

  it('lists more artifacts than one answer holds', async () => {
    const { store } = machine('many');
    const folder = join(server.folder, 'models', 'many', 'ab');
    mkdirSync(folder, { recursive: true });
    for (let at = 0; at < 1_005; at++) writeFileSync(join(folder, `ab${String(at).padStart(62, '0')}`), '');
    expect(await all(store.list())).toHaveLength(1_005);
  });

  it('has each object checked by the store: bytes with another digest are refused and nothing is kept', async () => {
    const objects = createS3Objects({ bucket: 'models', prefix: 'checked', ...settings });
    const path = join(home, 'other-bytes');
    writeFileSync(path, 'jello');
    await expect(objects.write('x', { path, bytes: 5, sha256: HELLO })).rejects.toThrow(/s3:\/\/models\/checked/);
    expect(await objects.head('x')).toBeNull();
  });

  it('names a bucket that does not exist, a wrong key, and a store that does not answer', async () => {
    const failing = (bucket: string, more: Config['sourceS3'] = settings) => {
      const objects = createS3Objects({ bucket, prefix: 'a', ...more });
      return createS3ArtifactStore(objects, createReadCache(join(home, `failing-${++made}`), MB));
    };
    const put = (store: ReturnType<typeof failing>) => store.put(Buffer.from('hello'), 'text/plain');
    await expect(put(failing('nowhere'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message:
        'ARTIFACT_STORE is "s3://nowhere/a": there is no such bucket (found: NoSuchBucket, status 404; allowed: a bucket that exists).',
    });
    await expect(put(failing('models', { endpoint: 'http://127.0.0.1:1', region: 'x' }))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('s3://models/a failed to answer') as string,
    });
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    try {
      await expect(put(failing('models'))).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('access denied') as string,
      });
    } finally {
      process.env['AWS_SECRET_ACCESS_KEY'] = server.variables['AWS_SECRET_ACCESS_KEY'];
    }
  });
});
