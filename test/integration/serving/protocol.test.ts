/** @jest-environment ./test/setup/host-arrays-environment.js */
import { gzipSync } from 'node:zlib';
import { rowsOf, send } from './requests';
import { startServer, type RunningServer } from './running-server';
import { MODEL, createSmallModel, expected, type SmallModel } from './small-model';

/** BYTES elements as raw bytes. */
function texts(...values: string[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    }),
  );
}

const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);

describe('the Open Inference Protocol on the wire', () => {
  let small: SmallModel;
  let server: RunningServer;
  let model: string;
  const infer = (body: Buffer | string, headers: Record<string, string | number> = {}) =>
    send('POST', `${model}/infer`, body, headers);

  beforeAll(async () => {
    small = await createSmallModel();
    await small.addVersions(30);
    await small.promote(20);
    await small.promote(30);
    server = await startServer(small);
    model = `${server.url}/v2/models/${MODEL}`;
  });
  afterAll(async () => {
    await server.stop();
    await small.close();
  });

  it('answers health, server and model metadata as clients expect them', async () => {
    const get = async (path: string) => (await send('GET', server.url + path)).json;
    expect(await get('/v2')).toEqual({
      name: 'understudy',
      version: '0.0.0',
      extensions: ['binary_tensor_data', 'model_configuration'],
    });
    expect(await get('/v2/health/live')).toEqual({ live: true });
    expect(await get('/v2/health/ready')).toMatchObject({ ready: true });
    expect(await get(`/v2/models/${MODEL}/ready`)).toEqual({ name: MODEL, ready: true, version: '30' });
    const metadata = {
      name: MODEL,
      versions: ['30', '20'],
      platform: 'onnxruntime_onnx',
      inputs: [
        { name: 'temp', datatype: 'FP32', shape: [-1] },
        { name: 'carrier', datatype: 'BYTES', shape: [-1] },
      ],
      outputs: [
        { name: 'probability', datatype: 'FP32', shape: [-1] },
        { name: 'label', datatype: 'INT64', shape: [-1] },
      ],
      parameters: { version: '30', contender: 'gbm', serving: '30', champion: '30', previous: '20', epoch: 2 },
    };
    expect(await get(`/v2/models/${MODEL}`)).toEqual(metadata);
    expect(await get(`/v2/models/${MODEL}/versions/20`)).toMatchObject({
      parameters: { version: '20', serving: '30' },
    });
    expect(await get(`/v2/models/${MODEL}/config`)).toMatchObject({
      max_batch_size: 0,
      input: [{ data_type: 'TYPE_FP32' }, {}],
    });
  });

  it('takes JSON without a content type, and with the wrong one, and gives the id back', async () => {
    const body = rowsOf(
      [
        { temp: 1, carrier: 'UA' },
        { temp: null, carrier: null },
      ],
      { id: 'mine' },
    );
    for (const headers of [{}, { 'Content-Type': 'application/octet-stream' }]) {
      const { status, json } = await infer(body, headers);
      expect(status).toBe(200);
      expect(json).toMatchObject({ model_name: MODEL, model_version: '30', id: 'mine' });
      const [probability, label] = json.outputs!;
      expect(probability).toMatchObject({ name: 'probability', datatype: 'FP32', shape: [2] });
      expect(probability!.data![0]).toBeCloseTo(expected(30, 1, 'UA'), 6);
      expect(probability!.data![1]).toBeCloseTo(expected(30), 6);
      expect(label).toEqual({ name: 'label', datatype: 'INT64', shape: [2], data: [1, 0] });
    }
  });

  it('takes and gives raw tensors behind the JSON, also in a compressed body', async () => {
    const temp = floats(1, NaN);
    const carrier = texts('UA', 'é');
    const json = JSON.stringify({
      inputs: [
        { name: 'carrier', shape: [2, 1], datatype: 'BYTES', parameters: { binary_data_size: carrier.length } },
        { name: 'temp', shape: [2, 1], datatype: 'FP32', parameters: { binary_data_size: temp.length } },
      ],
      parameters: { binary_data_output: true },
    });
    const body = Buffer.concat([Buffer.from(json), carrier, temp]);
    const length = { 'Inference-Header-Content-Length': Buffer.byteLength(json) };
    for (const answer of [
      await infer(body, length),
      await infer(gzipSync(body), { ...length, 'Content-Encoding': 'gzip' }),
    ]) {
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/octet-stream' } });
      expect(answer.json.outputs).toEqual([
        { name: 'probability', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } },
        { name: 'label', datatype: 'INT64', shape: [2], parameters: { binary_data_size: 16 } },
      ]);
      const raw = answer.bytes.subarray(Number(answer.headers['inference-header-content-length']));
      expect(raw).toHaveLength(24);
      expect(raw.readFloatLE(0)).toBeCloseTo(expected(30, 1, 'UA'), 6);
      expect(raw.readFloatLE(4)).toBeCloseTo(expected(30), 6);
      expect([raw.readBigInt64LE(8), raw.readBigInt64LE(16)]).toEqual([1n, 0n]);
    }
  });

  it('gives the outputs that were asked for, each in the form that was asked for', async () => {
    const outputs = [{ name: 'label', parameters: { binary_data: true } }, { name: 'probability' }];
    const { json, bytes, headers } = await infer(rowsOf([{ temp: null, carrier: 'AA' }], { outputs }));
    expect(json.outputs?.map(({ name }) => name)).toEqual(['label', 'probability']);
    expect(json.outputs?.[1]?.data).toHaveLength(1);
    expect(bytes.length - Number(headers['inference-header-content-length'])).toBe(8);
  });

  it('takes encoded rows as the single tensor features, and no rows at all', async () => {
    const features = { name: 'features', shape: [2, 2], datatype: 'FP32', data: [1, 1, null, null] };
    const { json } = await infer(JSON.stringify({ inputs: [features] }));
    expect(json.outputs?.[0]?.data?.[0]).toBeCloseTo(expected(30, 1, 'UA'), 6);
    expect((await infer(rowsOf([]))).json.outputs?.[0]).toEqual({
      name: 'probability',
      datatype: 'FP32',
      shape: [0],
      data: [],
    });
  });

  it('says where to start when a path does not exist', async () => {
    const answer = await send('GET', `${server.url}/v1/models?x=1`);
    expect(answer).toMatchObject({
      status: 404,
      json: { error: 'There is no GET /v1/models; GET /v2 is where to start.' },
    });
  });
});
