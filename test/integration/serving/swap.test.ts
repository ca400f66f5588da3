/** @jest-environment ./test/setup/host-arrays-environment.js */
import { renameSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { rowsOf, send } from './requests';
import { startServer, until, type RunningServer } from './running-server';
import { MODEL, createSmallModel, expected, type SmallModel } from './small-model';

const ROW = rowsOf([{ temp: null, carrier: null }]);
const infer = (server: RunningServer, path = '') => `${server.url}/v2/models/${MODEL}${path}/infer`;

describe('serving follows the champion', () => {
  let small: SmallModel;
  let server: RunningServer;

  beforeAll(async () => {
    small = await createSmallModel();
    server = await startServer(small);
  });
  afterAll(async () => {
    await server.stop();
    await small.close();
  });

  it('says in a sentence that there is no champion yet, and that a model is not deployed', async () => {
    const ready = await send('GET', `${server.url}/v2/models/${MODEL}/ready`);
    expect(ready.status).toBe(503);
    expect(ready.json).toEqual({
      name: MODEL,
      ready: false,
      error: 'small has no champion yet: no version was promoted.',
    });
    const refused = await send('POST', infer(server), ROW);
    expect(refused).toMatchObject({ status: 503, headers: { 'understudy-failure': 'NO_CHAMPION' } });
    const unknown = await send('GET', `${server.url}/v2/models/other`);
    expect(unknown).toMatchObject({ status: 404, json: { error: 'other is not deployed; deployed: small.' } });
    expect(await send('GET', `${server.url}/v2/health/ready`)).toMatchObject({ status: 200, json: { ready: true } });
  });

  it('serves a champion within a second of the move, and previous by its number', async () => {
    await small.addVersions(2);
    await small.promote(1);
    const movedAt = performance.now();
    await until(async () => (await send('POST', infer(server), ROW)).status === 200, 1_000);
    expect(performance.now() - movedAt).toBeLessThan(1_000);
    await small.promote(2);
    await until(async () => (await send('POST', infer(server), ROW)).json['model_version'] === '2', 1_000);
    const previous = await send('POST', infer(server, '/versions/1'), ROW);
    expect(previous.json['model_version']).toBe('1');
    expect(previous.json.outputs?.[0]?.data?.[0]).toBeCloseTo(expected(1), 6);
    expect(await send('POST', infer(server, '/versions/9'), ROW)).toMatchObject({
      status: 404,
      json: { error: 'Version 9 of small is not loaded; loaded: 1, 2 (champion).' },
    });
  });

  it('names the serving version first in its metadata, also after going back to an older one', async () => {
    const versions = async () => (await send('GET', `${server.url}/v2/models/${MODEL}`)).json['versions'];
    expect(await versions()).toEqual(['2', '1']);
    await small.promote(1);
    await until(() => server.champions.slot(MODEL)?.state().serving === 1, 1_000);
    expect(await versions()).toEqual(['1', '2']);
  });

  it('swaps 40 times under load without a failed request, each answer being of the version that it names', async () => {
    await small.addVersions(38);
    const agent = new Agent({ keepAlive: true });
    const seen = new Map<number, number>();
    let swapping = true;
    let requests = 0;
    const client = async () => {
      while (swapping) {
        const answer = await send('POST', infer(server), ROW, {}, agent);
        if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.json.error}`);
        const version = Number(answer.json['model_version']);
        if (Math.abs(answer.json.outputs![0]!.data![0]! - expected(version)) > 1e-6)
          throw new Error(`wrong answer of ${version}`);
        seen.set(version, (seen.get(version) ?? 0) + 1);
        requests++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const clients = Promise.all([client(), client(), client()]);
    for (let version = 3; version <= 40; version++) {
      await small.promote(version);
      await Promise.race([until(() => seen.has(version)), clients]);
    }
    for (const version of [39, 40]) {
      await small.promote(version);
      await Promise.race([until(() => server.champions.slot(MODEL)?.state().serving === version), clients]);
    }
    swapping = false;
    await clients;
    agent.destroy();
    expect(seen.size).toBeGreaterThanOrEqual(38);
    expect(requests).toBeGreaterThan(300);
    expect(server.champions.slot(MODEL)?.state()).toMatchObject({
      serving: 40,
      previous: 39,
      loaded: [39, 40],
      requestsInFlight: 0,
    });
  });

  it('keeps the old champion while the new one cannot be loaded, says why, and loads it when its file is back', async () => {
    await small.addVersions(1);
    const { onnx } = await small.stores.registry.load(MODEL, 41);
    const path = join(small.artifactRoot, onnx.sha256.slice(0, 2), onnx.sha256);
    renameSync(path, `${path}.away`);
    await small.promote(41);
    await until(() => (server.champions.slot(MODEL)?.state().failures.length ?? 0) > 0);
    expect((await send('POST', infer(server), ROW)).json['model_version']).toBe('40');
    const { json } = await send('GET', `${server.url}/v2/health/ready`);
    expect(json).toMatchObject({
      ready: true,
      models: [{ model: MODEL, champion: 41, serving: 40, failures: [{ version: 41, code: 'ARTIFACT_MISSING' }] }],
    });
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'version cannot be loaded',
        code: 'ARTIFACT_MISSING',
        serving: 40,
      }),
    );
    renameSync(`${path}.away`, path);
    await until(async () => (await send('POST', infer(server), ROW)).json['model_version'] === '41');
    expect(server.champions.slot(MODEL)?.state()).toMatchObject({ failures: [], loaded: [40, 41] });
  });
});
