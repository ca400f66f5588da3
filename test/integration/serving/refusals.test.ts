/** @jest-environment ./test/setup/host-arrays-environment.js */
import { gzipSync } from 'node:zlib';
import { rowsOf, send } from './requests';
import { startServer, type RunningServer } from './running-server';
import { MODEL, createSmallModel, type SmallModel } from './small-model';

const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);

describe('requests that are refused', () => {
  let small: SmallModel;
  let server: RunningServer;
  const infer = (body: Buffer | string, headers: Record<string, string | number> = {}) =>
    send('POST', `${server.url}/v2/models/${MODEL}/infer`, body, headers);

  beforeAll(async () => {
    small = await createSmallModel();
    await small.addVersions(1);
    await small.promote(1);
    server = await startServer(small, { bodyLimitBytes: 20_000 });
  });
  afterAll(async () => {
    await server.stop();
    await small.close();
  });

  const temp = { name: 'temp', shape: [1], datatype: 'FP32', data: [1] };
  const carrier = { name: 'carrier', shape: [1], datatype: 'BYTES', data: ['UA'] };
  const key = { name: 'entity_key', shape: [1], datatype: 'BYTES', data: ['k'] };
  const partition = { partition: '2013-07-01' };
  const refused: [string, object, string][] = [
    [
      'a column that is absent',
      { inputs: [temp] },
      'Input carrier is absent; send all of temp, carrier, with null for a missing value.',
    ],
    [
      'an input that nobody knows',
      { inputs: [temp, carrier, { ...temp, name: 'tmp' }] },
      'Input tmp: found an input that the model does not have; allowed: temp, carrier, entity_key, as_of.',
    ],
    [
      'an input that comes twice',
      { inputs: [temp, temp, carrier] },
      'Input temp: found it twice; allowed: each input once.',
    ],
    [
      'a number as text',
      { inputs: [{ ...temp, data: ['1'] }, carrier] },
      'Row 0, column temp: found "1"; allowed: a number or null.',
    ],
    [
      'a datatype that the column does not take',
      { inputs: [temp, { ...carrier, datatype: 'INT32', data: [1] }] },
      'Input carrier: found datatype INT32; allowed: BYTES.',
    ],
    [
      'a datatype that nobody knows',
      { inputs: [{ ...temp, datatype: 'FP16' }, carrier] },
      'Input temp: found datatype FP16; allowed: FP32, FP64, INT32, INT64, BYTES.',
    ],
    [
      'fewer values than the shape says',
      { inputs: [{ ...temp, shape: [2] }, carrier] },
      'Input temp: found 1 values; allowed: 2, as shape [2] says.',
    ],
    [
      'columns of different lengths',
      { inputs: [temp, { ...carrier, shape: [2], data: ['UA', 'UA'] }] },
      'Input carrier: found shape [2]; allowed: [1] or [1,1].',
    ],
    [
      'a matrix of another width',
      { inputs: [{ name: 'features', shape: [1, 3], datatype: 'FP32', data: [1, 2, 3] }] },
      'Input features: found shape [1,3]; allowed: [rows,2].',
    ],
    [
      'a key without its partition',
      { inputs: [temp, carrier, key] },
      'Parameter partition: found none; allowed: a day YYYY-MM-DD beside the input entity_key.',
    ],
    [
      'a partition that is no day',
      { inputs: [temp, carrier, key], parameters: { partition: '2013-02-30' } },
      'Parameter partition: found "2013-02-30"; allowed: a day YYYY-MM-DD beside the input entity_key.',
    ],
    [
      'a partition without keys',
      { inputs: [temp, carrier], parameters: partition },
      'Input entity_key: found none beside the parameter partition; allowed: a key for each row.',
    ],
    [
      'an empty key',
      { inputs: [temp, carrier, { ...key, data: [''] }], parameters: partition },
      'Input entity_key: found "" in row 0; allowed: a text that is not empty.',
    ],
    [
      'an instant without a zone',
      { inputs: [temp, carrier, key], parameters: { ...partition, as_of: '2013-07-01T10:00:00' } },
      'Parameter as_of: found "2013-07-01T10:00:00"; allowed: an instant such as 2013-07-01T10:00:00Z.',
    ],
    [
      'an output that does not exist',
      { inputs: [temp, carrier], outputs: [{ name: 'score' }] },
      'Output score does not exist; allowed: probability, label.',
    ],
  ];
  it.each(refused)('refuses %s in a sentence', async (_what, request, message) => {
    const answer = await infer(JSON.stringify(request));
    expect(answer.json).toEqual({ error: message });
    expect(answer).toMatchObject({ status: 400, headers: { 'understudy-failure': 'SIGNATURE_MISMATCH' } });
  });

  it.each([
    [
      'no JSON',
      'inputs?',
      {},
      'The request cannot be read: the body is no JSON; allowed: a JSON object with "inputs".',
    ],
    ['an empty body', '', {}, 'The request cannot be read: the body is no JSON; allowed: a JSON object with "inputs".'],
    [
      'JSON that is no request',
      '{"inputs":[{"name":"a","shape":["x"],"datatype":"FP32"}]}',
      {},
      "The request's inputs[0].shape[0] is not as the protocol says: Invalid input: expected number, received string.",
    ],
    [
      'a wrong length of the JSON',
      '{}',
      { 'Inference-Header-Content-Length': '9' },
      'The request cannot be read: the header Inference-Header-Content-Length is "9"; allowed: the length of the JSON in bytes, at most the body\'s 2.',
    ],
    [
      'bytes that belong to no input',
      '{"inputs":[]}xx',
      { 'Inference-Header-Content-Length': '13' },
      "The request cannot be read: 2 bytes follow the JSON; allowed: 0, the sum of the inputs' binary_data_size.",
    ],
    [
      'an unknown compression',
      '{}',
      { 'Content-Encoding': 'br' },
      'The request cannot be read: the header Content-Encoding is "br"; allowed: identity, gzip, deflate.',
    ],
    [
      'a damaged compression',
      '{}',
      { 'Content-Encoding': 'gzip' },
      'The request cannot be read: the body is damaged; allowed: a body in gzip.',
    ],
  ])('refuses %s in a sentence', async (_what, body, headers, message) => {
    const answer = await infer(body, headers);
    expect(answer.json).toEqual({ error: message });
    expect(answer).toMatchObject({ status: 400, headers: { 'understudy-failure': 'REQUEST_INVALID' } });
  });

  it('refuses raw tensors that are shorter or longer than they say', async () => {
    const raw = async (size: number, bytes: Buffer) => {
      const json = JSON.stringify({
        inputs: [{ ...temp, data: undefined, parameters: { binary_data_size: size } }, carrier],
      });
      const headers = { 'Inference-Header-Content-Length': Buffer.byteLength(json) };
      return (await infer(Buffer.concat([Buffer.from(json), bytes]), headers)).json.error;
    };
    expect(await raw(8, floats(1))).toBe(
      'Input temp: found 4 bytes after the JSON; allowed: 8, as its binary_data_size says.',
    );
    expect(await raw(8, floats(1, 2))).toBe('Input temp: found 8 bytes; allowed: 4, 4 for each value of shape [1].');
    expect(await raw(4, floats(1))).toBeUndefined();
  });

  it('refuses a body beyond its limit, also one that only becomes so when it is unpacked', async () => {
    const large = rowsOf(Array.from({ length: 5_000 }, () => ({ temp: 1, carrier: 'UA' })));
    const error = 'The body is too large; allowed are 20000 bytes. Send the rows in several requests.';
    expect(await infer(large)).toMatchObject({ status: 413, json: { error } });
    expect(await infer(gzipSync(large), { 'Content-Encoding': 'gzip' })).toMatchObject({
      status: 413,
      json: { error },
    });
  });
});
