// The Python trainer's own access to a bucket: what one language writes the other reads, and failures have the same codes.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ArtifactRef } from '../../../src/domain/data/artifacts';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import { createArtifactStore } from '../../../src/stores/artifacts/open-store';
import { obtainS3Server, startS3Server, type S3Server } from '../../setup/s3-server';

const python = process.env['UNDERSTUDY_TEST_PYTHON'] ?? 'python3';
const binary = obtainS3Server();
const suite = binary === null ? describe.skip : describe;
const ADDRESS = 's3://models/from python/a+b';
/** Runs requests one after the other; each answer is a reference, a text, or a failure as `CODE: sentence`. */
const PROGRAM = `
import json, sys
from understudy_trainer.artifacts_s3 import S3Artifacts
from understudy_trainer.failures import TrainerFailure
answers = []
for request in json.loads(sys.argv[2]):
    try:
        store = S3Artifacts(sys.argv[1])
        if "put" in request:
            answers.append(store.put(request["put"].encode(), "text/plain", 1))
        else:
            answers.append(store.read({"sha256": request["read"]}).decode())
    except TrainerFailure as failure:
        answers.append(f"{failure.code}: {failure}")
print(json.dumps(answers))
`;

suite('the Python trainer with artifacts in a bucket', () => {
  const home = mkdtempSync(join(tmpdir(), 'understudy-python-s3-'));
  const before = { ...process.env };
  let server: S3Server;
  let store: ArtifactStore;
  beforeAll(async () => {
    server = await startS3Server(binary!, ['models']);
    Object.assign(process.env, server.variables);
    const sourceS3 = { endpoint: server.endpoint, region: 'us-east-1' };
    store = createArtifactStore({ artifactStore: ADDRESS, home, artifactCacheMb: 64, sourceS3 });
  });
  afterAll(async () => {
    await server.stop();
    for (const name of Object.keys(server.variables)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(home, { recursive: true, force: true });
  });

  async function ask(
    requests: readonly ({ readonly put: string } | { readonly read: string })[],
    more: { readonly address?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<unknown[]> {
    const child = spawn(python, ['-c', PROGRAM, more.address ?? ADDRESS, JSON.stringify(requests)], {
      cwd: resolve(__dirname, '../../../trainers/python'),
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...more.env },
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString('utf8')));
    await new Promise((settle) => child.once('close', settle));
    if (said.stdout === '') throw new Error(said.stderr);
    return JSON.parse(said.stdout) as unknown[];
  }
  const objectOf = (sha256: string) => join(server.folder, 'models/from python/a+b', sha256.slice(0, 2), sha256);

  it('reads what TypeScript wrote, and TypeScript reads what it wrote', async () => {
    const ours = await store.put(Buffer.from('of TypeScript'), 'text/plain');
    const [text, ref, again] = await ask([{ read: ours.sha256 }, { put: 'of Python' }, { put: 'of Python' }]);
    expect(text).toBe('of TypeScript');
    expect(again).toEqual(ref);
    expect(ref).toEqual(await store.put(Buffer.from('of Python'), 'text/plain', 1));
    expect((await store.get(ref as ArtifactRef)).toString()).toBe('of Python');
  });

  it('tells what is missing, damaged, denied, not there or away, each in its code', async () => {
    const { sha256 } = await store.put(Buffer.from('to be damaged'), 'text/plain');
    await writeFile(objectOf(sha256), 'damaged');
    const absent = sha256.replace(/^.{4}/, '0000');
    expect(await ask([{ read: absent }, { read: sha256 }])).toEqual([
      `ARTIFACT_MISSING: The artifact ${absent} is not in ${ADDRESS}.`,
      expect.stringMatching(/^ARTIFACT_CORRUPT: The object of \w+ in s3:\/\/models\/from python\/a\+b has the digest/),
    ]);
    expect(await ask([{ put: 'x' }], { env: { AWS_SECRET_ACCESS_KEY: 'wrong' } })).toEqual([
      expect.stringMatching(/^CONFIG_INVALID: .*the store refuses/),
    ]);
    expect(await ask([{ put: 'x' }], { address: 's3://nowhere' })).toEqual([
      expect.stringMatching(/^CONFIG_INVALID: ARTIFACT_STORE is "s3:\/\/nowhere"/),
    ]);
    expect(await ask([{ read: sha256 }], { env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' } })).toEqual([
      expect.stringMatching(/^STORE_UNAVAILABLE: /),
    ]);
  });
});
