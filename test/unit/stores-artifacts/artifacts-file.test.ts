import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createFileArtifactStore } from '../../../src/stores/artifacts-file';
import type { StoredArtifact } from '../../../src/ports/artifacts';

const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

describe('the artifact store in a directory', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'artifacts-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const all = async (list: AsyncIterable<StoredArtifact>) => {
    const found: StoredArtifact[] = [];
    for await (const artifact of list) found.push(artifact);
    return found;
  };

  it('gives back the bytes that were put, under their digest, whatever the form of its address', async () => {
    const ref = await createFileArtifactStore(pathToFileURL(root).href).put(Buffer.from('hello'), 'text/plain', 1);
    expect(ref).toEqual({
      uri: `artifact://sha256/${HELLO}`,
      sha256: HELLO,
      bytes: 5,
      mediaType: 'text/plain',
      rows: 1,
    });
    const store = createFileArtifactStore(root);
    expect((await store.get(ref)).toString()).toBe('hello');
    expect(await store.localPath(ref)).toBe(join(root, '2c', HELLO));
    expect(await store.has(HELLO)).toBe(true);
  });

  it('keeps one artifact when the same bytes are put many times at once, and leaves no scratch file', async () => {
    const store = createFileArtifactStore(root);
    await Promise.all(Array.from({ length: 20 }, () => store.put(Buffer.from('hello'), 'text/plain')));
    expect(await all(store.list())).toMatchObject([{ sha256: HELLO, bytes: 5 }]);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  it('renews the time of an artifact that is put again, so that a clean-up does not take it', async () => {
    const store = createFileArtifactStore(root);
    const ref = await store.put(Buffer.from('hello'), 'text/plain');
    await utimes(await store.localPath(ref), new Date(0), new Date(0));
    await store.put(Buffer.from('hello'), 'text/plain');
    expect((await all(store.list()))[0]?.modifiedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('moves a file out of its own scratch directory and copies any other', async () => {
    const store = createFileArtifactStore(root);
    const scratch = join(await store.tempDir(), 'a');
    const foreign = join(root, 'b.txt');
    writeFileSync(scratch, 'hello');
    writeFileSync(foreign, 'foreign');
    expect((await store.putFile(scratch, 'text/plain')).sha256).toBe(HELLO);
    const copied = await store.putFile(foreign, 'text/plain', 3);
    expect([existsSync(scratch), existsSync(foreign), copied.rows]).toEqual([false, true, 3]);
    expect((await store.get(copied)).toString()).toBe('foreign');
  });

  it('says which artifact is missing, and does not call deleting it twice an error', async () => {
    const store = createFileArtifactStore(root);
    await store.delete(HELLO);
    for (const read of [store.get({ sha256: HELLO }), store.localPath({ sha256: HELLO })]) {
      await expect(read).rejects.toMatchObject({
        code: 'ARTIFACT_MISSING',
        message: expect.stringContaining(HELLO) as string,
      });
    }
  });

  it('refuses bytes that do not have the digest of their name, and heals when they are put again', async () => {
    const store = createFileArtifactStore(root);
    const ref = await store.put(Buffer.from('hello'), 'text/plain');
    await writeFile(join(root, '2c', HELLO), 'hel');
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    await expect(store.localPath(ref)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    await store.put(Buffer.from('hello'), 'text/plain');
    expect((await store.get(ref)).toString()).toBe('hello');
  });

  it('removes scratch files of processes that died a day ago, and only those', async () => {
    const dead = await createFileArtifactStore(root).tempDir();
    const alive = await createFileArtifactStore(root).tempDir();
    await utimes(dead, new Date(0), new Date(0));
    await createFileArtifactStore(root).put(Buffer.from('hello'), 'text/plain');
    expect([existsSync(dead), existsSync(alive)]).toEqual([false, true]);
  });

  it('refuses an address that it cannot serve', () => {
    expect(() => createFileArtifactStore('s3://bucket/prefix')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
  });

  // A really full file system needs the right to mount one.
  const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && canMount();
  (mayMount ? it : it.skip)(
    'says how much and where when the disk is full, keeps nothing half-written, and works again after',
    async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root]);
      try {
        const store = createFileArtifactStore(root);
        const first = await store.put(Buffer.alloc(600_000, 1), 'text/plain');
        const source = join(mkdtempSync(join(tmpdir(), 'source-')), 'file');
        await writeFile(source, Buffer.alloc(700_000, 2));
        for (const write of [store.put(Buffer.alloc(700_000, 2), 'text/plain'), store.putFile(source, 'text/plain')]) {
          await expect(write).rejects.toMatchObject({
            code: 'STORE_FULL',
            message: expect.stringMatching(`${root} is full: 700000 bytes`) as string,
          });
        }
        expect(readdirSync(join(root, 'tmp'))).toEqual([]);
        expect(await all(store.list())).toHaveLength(1);
        await store.delete(first.sha256);
        expect((await store.putFile(source, 'text/plain')).bytes).toBe(700_000);
      } finally {
        execFileSync('umount', [root]);
      }
    },
  );
});

function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'probe-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}
