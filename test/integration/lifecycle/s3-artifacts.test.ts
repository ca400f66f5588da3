// The whole life of a small model with its artifacts in a bucket: trained, promoted, served and scored, and nothing is kept in a folder but a cache.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config';
import type { ArtifactStore } from '../../../src/ports/artifacts';
import { createArtifactStore } from '../../../src/stores/artifacts/open-store';
import { startProduct, type Product } from '../../setup/product';
import { obtainS3Server, startS3Server, type S3Server } from '../../setup/s3-server';
import { deployTiny } from '../../setup/tiny-lifecycle';

const binary = obtainS3Server();
const suite = binary === null ? describe.skip : describe;

suite('artifacts in a bucket', () => {
  const home = mkdtempSync(join(tmpdir(), 'understudy-s3-life-'));
  const before = { ...process.env };
  let server: S3Server;
  let product: Product;
  const open = (machine: string): ArtifactStore => {
    const { artifactCacheMb, sourceS3 } = loadConfig();
    return createArtifactStore({
      ...{ artifactStore: 's3://models/tiny', home: join(home, machine), artifactCacheMb, sourceS3 },
    });
  };
  beforeAll(async () => {
    server = await startS3Server(binary!, ['models']);
    Object.assign(process.env, server.variables);
    product = await startProduct({ artifacts: open('worker'), sweepGraceMs: 0 });
  });
  afterAll(async () => {
    await product.close();
    await server.stop();
    for (const name of Object.keys(server.variables)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(home, { recursive: true, force: true });
  });

  it('carry a model from its data to a champion that serves, scores and survives retention', async () => {
    const model = await deployTiny(product, 'bucketed', { approval: { when: 'never' } });
    const { champion } = await model.retrain('2013-03-11');
    expect(await model.served()).toBe(champion?.version);
    await product.artifacts.put(Buffer.from('nobody refers to this'), 'text/plain');
    await model.tick('retention', '2013-03-12', '2013-03-12T09:00:00Z');
    await model.atRest();

    const { onnx } = await product.stores.registry.load('bucketed', champion!.version);
    const elsewhere = open('another machine');
    expect((await elsewhere.get(onnx)).byteLength).toBe(onnx.bytes);
    const kept = new Set<string>();
    for await (const { sha256 } of elsewhere.list()) kept.add(sha256);
    const alive = await product.stores.reachableArtifacts('bucketed', 10, '2013-01-01');
    expect([...alive].filter((sha256) => !kept.has(sha256))).toEqual([]);
    expect([...kept].filter((sha256) => !alive.has(sha256))).toEqual([]);
  });
});
