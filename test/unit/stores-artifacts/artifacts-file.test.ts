import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { all, HELLO, testArtifactStore } from './artifact-store-suite';

describe('the artifact store in a directory', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'artifacts-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const pathOf = (sha256: string) => join(root, sha256.slice(0, 2), sha256);
  testArtifactStore(() => {
    const own = mkdtempSync(join(tmpdir(), 'artifacts-'));
    const path = (sha256: string) => join(own, sha256.slice(0, 2), sha256);
    return {
      open: () => createFileArtifactStore(own),
      damage: (sha256, bytes) => writeFile(path(sha256), bytes),
      age: (sha256) => utimes(path(sha256), new Date(0), new Date(0)),
      close: () => rmSync(own, { recursive: true, force: true }),
    };
  });

  it('is the same whatever the form of its address, and gives its own files', async () => {
    const ref = await createFileArtifactStore(pathToFileURL(root).href).put(Buffer.from('hello'), 'text/plain');
    expect(await createFileArtifactStore(root).localPath(ref)).toBe(pathOf(HELLO));
  });

  it('leaves no scratch file', async () => {
    const store = createFileArtifactStore(root);
    await Promise.all(Array.from({ length: 5 }, () => store.put(Buffer.from('hello'), 'text/plain')));
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
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
