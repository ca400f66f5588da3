// What every artifact store promises: the suite that each implementation's test runs.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactStore, StoredArtifact } from '../../../src/ports/artifacts';

export const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

/** An empty store of one test. */
export interface StoreBench {
  /** A process with the store; each has its own if processes of other machines do. */
  open(): ArtifactStore;
  /** Puts other bytes in the place of an artifact, as a failing disk would. */
  damage(sha256: string, bytes: string): Promise<void>;
  /** Makes an artifact look as if it had been written in 1970. */
  age(sha256: string): Promise<void>;
  close(): void;
}

export const all = async (list: AsyncIterable<StoredArtifact>): Promise<StoredArtifact[]> => {
  const found: StoredArtifact[] = [];
  for await (const artifact of list) found.push(artifact);
  return found;
};

/** Runs the suite. */
export function testArtifactStore(make: () => StoreBench): void {
  let bench: StoreBench;
  let foreign: string;
  beforeEach(() => {
    bench = make();
    foreign = mkdtempSync(join(tmpdir(), 'foreign-'));
  });
  afterEach(() => {
    bench.close();
    rmSync(foreign, { recursive: true });
  });

  it('gives back the bytes that were put, under their digest, also to another process', async () => {
    const ref = await bench.open().put(Buffer.from('hello'), 'text/plain', 1);
    const expected = { uri: `artifact://sha256/${HELLO}`, sha256: HELLO, bytes: 5, mediaType: 'text/plain', rows: 1 };
    expect(ref).toEqual(expected);
    const other = bench.open();
    expect((await other.get(ref)).toString()).toBe('hello');
    expect(await readFile(await other.localPath(ref), 'utf8')).toBe('hello');
    expect([await other.has(HELLO), await other.has(HELLO.replace('2c', '2d'))]).toEqual([true, false]);
  });

  it('keeps one artifact when the same bytes are put many times at once', async () => {
    const store = bench.open();
    await Promise.all(Array.from({ length: 20 }, () => store.put(Buffer.from('hello'), 'text/plain')));
    expect(await all(store.list())).toMatchObject([{ sha256: HELLO, bytes: 5 }]);
  });

  it('keeps empty bytes', async () => {
    const ref = await bench.open().put(new Uint8Array(), 'text/plain');
    expect((await bench.open().get(ref)).byteLength).toBe(0);
  });

  it('renews the time of an artifact that is put again, so that a clean-up does not take it', async () => {
    const store = bench.open();
    await store.put(Buffer.from('hello'), 'text/plain');
    await bench.age(HELLO);
    expect((await all(store.list()))[0]?.modifiedAt.getTime()).toBe(0);
    await store.put(Buffer.from('hello'), 'text/plain');
    expect((await all(store.list()))[0]?.modifiedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('moves a file out of its own scratch directory and copies any other', async () => {
    const store = bench.open();
    const dir = await store.tempDir();
    expect(readdirSync(dir)).toEqual([]);
    const scratch = join(dir, 'a');
    writeFileSync(scratch, 'hello');
    writeFileSync(join(foreign, 'b.txt'), 'foreign');
    expect((await store.putFile(scratch, 'text/plain')).sha256).toBe(HELLO);
    const copied = await store.putFile(join(foreign, 'b.txt'), 'text/plain', 3);
    expect([existsSync(scratch), existsSync(join(foreign, 'b.txt')), copied.rows]).toEqual([false, true, 3]);
    expect((await bench.open().get(copied)).toString()).toBe('foreign');
  });

  it('lists what is there, and no more what was deleted', async () => {
    const store = bench.open();
    const refs = await Promise.all(['a', 'b', 'c'].map((text) => store.put(Buffer.from(text), 'text/plain')));
    await store.delete(refs[0]!.sha256);
    expect((await all(store.list())).map(({ sha256 }) => sha256).sort()).toEqual(
      refs
        .slice(1)
        .map(({ sha256 }) => sha256)
        .sort(),
    );
    await expect(store.get(refs[0]!)).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
  });

  it('says which artifact is missing, and does not call deleting it twice an error', async () => {
    const store = bench.open();
    await store.delete(HELLO);
    for (const read of [store.get({ sha256: HELLO }), store.localPath({ sha256: HELLO })]) {
      await expect(read).rejects.toMatchObject({
        code: 'ARTIFACT_MISSING',
        message: expect.stringContaining(HELLO) as string,
      });
    }
  });

  it('refuses bytes that do not have the digest of their name, and heals when they are put again', async () => {
    const ref = await bench.open().put(Buffer.from('hello'), 'text/plain');
    await bench.damage(HELLO, 'hel');
    await expect(bench.open().get(ref)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    await expect(bench.open().localPath(ref)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    await bench.open().put(Buffer.from('hello'), 'text/plain');
    expect((await bench.open().get(ref)).toString()).toBe('hello');
  });
}
