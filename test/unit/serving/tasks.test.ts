// Answers of the protocol for models that predict one of several classes or a number: outputs, their shapes, raw bytes, the log, metadata.
import type { ModelSignature } from '../../../src/domain/training/training';
import type { LoggedPrediction } from '../../../src/ports/stores';
import { rowEncoder } from '../../../src/scoring/encode';
import { infer, type InferAnswer } from '../../../src/serving/infer';
import { modelConfig, modelMetadata } from '../../../src/serving/metadata';
import { readRequest } from '../../../src/serving/request';
import type { ServedModel } from '../../../src/serving/served-model';
import type { SlotState } from '../../../src/serving/slot';

const CLASSES = ['on time', 'late', 'très late'];
const columns = [{ kind: 'number', name: 'x' }] as const;
const ofClasses: ModelSignature = { columns: [...columns], task: 'multiclass', classes: CLASSES };
const ofValues: ModelSignature = { columns: [...columns], task: 'regression' };
const SHARES = [0.5, 0.25, 0.25, 0.125, 0.375, 0.5];

/** A version that answers each row with the same numbers, whatever it is given. */
function served(signature: ModelSignature, predictions: readonly number[]): ServedModel {
  return {
    ...{ version: 3, contender: 'main', signature, encode: rowEncoder(signature) },
    score: async () => Float32Array.from(predictions),
    explainer: () => Promise.reject(new Error('not asked for')),
    release: async () => undefined,
  };
}

let log: LoggedPrediction[];
beforeEach(() => {
  log = [];
});

async function ask(on: ServedModel, change: object = {}, x: (number | null)[] = [1, null]): Promise<InferAnswer> {
  const body = {
    parameters: { partition: '2013-07-01' },
    inputs: [
      { name: 'x', shape: [2], datatype: 'FP32', data: x },
      { name: 'entity_key', shape: [2], datatype: 'BYTES', data: ['a', 'b'] },
    ],
    ...change,
  };
  const deps = { now: () => new Date(0), take: (rows: readonly LoggedPrediction[]) => (log.push(...rows), true) };
  const request = readRequest(Buffer.from(JSON.stringify(body)), undefined, on.signature.task);
  return infer('m', on, request, deps);
}
const outputsOf = ({ body, jsonBytes }: InferAnswer): unknown =>
  (JSON.parse(body.toString('utf8', 0, jsonBytes ?? body.length)) as { outputs: unknown }).outputs;

it('gives the probability of each class and the name of the first of the most probable ones', async () => {
  expect(outputsOf(await ask(served(ofClasses, SHARES)))).toEqual([
    { name: 'probabilities', datatype: 'FP32', shape: [2, 3], data: SHARES },
    { name: 'label', datatype: 'BYTES', shape: [2], data: ['on time', 'très late'] },
  ]);
  expect(
    log.map(({ entityKey, probabilities, probability, value }) => [entityKey, probabilities, probability, value]),
  ).toEqual([
    ['a', SHARES.slice(0, 3), undefined, undefined],
    ['b', SHARES.slice(3), undefined, undefined],
  ]);
});

it('gives one value for each row of a regression', async () => {
  expect(outputsOf(await ask(served(ofValues, [-7.5, 300])))).toEqual([
    { name: 'value', datatype: 'FP32', shape: [2], data: [-7.5, 300] },
  ]);
  expect(log.map(({ value }) => value)).toEqual([-7.5, 300]);
});

it('gives raw tensors behind the JSON, texts each behind its length', async () => {
  const { body, jsonBytes } = await ask(served(ofClasses, SHARES), {
    parameters: { binary_data_output: true },
    inputs: [{ name: 'x', shape: [2], datatype: 'FP32', data: [1, 2] }],
    outputs: [{ name: 'label' }, { name: 'probabilities' }],
  });
  const raw = body.subarray(jsonBytes!);
  expect(raw.readUInt32LE(0)).toBe(7);
  expect(raw.toString('utf8', 4, 11)).toBe('on time');
  expect(raw.readUInt32LE(11)).toBe(10);
  expect(raw.toString('utf8', 15, 25)).toBe('très late');
  expect([...new Float32Array(new Uint8Array(raw.subarray(25)).buffer)]).toEqual(SHARES);
});

it('refuses outputs of other tasks, and what is no prediction', async () => {
  const naming = (name: string) => ({ outputs: [{ name }] });
  await expect(ask(served(ofClasses, SHARES), naming('probability'))).rejects.toThrow(
    'Output probability does not exist; allowed: probabilities, label.',
  );
  await expect(ask(served(ofValues, [1, 2]), naming('label'))).rejects.toThrow('allowed: value.');
  await expect(ask(served(ofValues, [1, NaN]))).rejects.toThrow('gave NaN for row 1, which is no number');
  await expect(ask(served(ofClasses, [...SHARES.slice(0, 5), 1.5]))).rejects.toThrow(
    'gave 1.5 for row 1, which is no probability',
  );
  const infinite = ask(served(ofValues, [1, Infinity]), {}, [1, 1e39]);
  await expect(infinite).rejects.toThrow('Row 1, column x: found an infinite value');
});

it('tells task, classes and outputs in the metadata', () => {
  const state: SlotState = {
    ...{
      model: 'm',
      champion: 3,
      previous: null,
      epoch: 1,
      serving: 3,
      loaded: [3],
      requestsInFlight: 0,
      failures: [],
    },
  };
  expect(modelMetadata(state, served(ofClasses, SHARES))).toMatchObject({
    outputs: [
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 3] },
      { name: 'label', datatype: 'BYTES', shape: [-1] },
    ],
    parameters: { version: '3', task: 'multiclass', classes: CLASSES },
  });
  expect(modelMetadata(state, served(ofValues, [1]))).toMatchObject({
    outputs: [{ name: 'value', datatype: 'FP32', shape: [-1] }],
    parameters: { task: 'regression' },
  });
  expect(modelConfig(state, served(ofClasses, SHARES))).toMatchObject({
    output: [
      { name: 'probabilities', data_type: 'TYPE_FP32', dims: [-1, 3] },
      { data_type: 'TYPE_STRING', dims: [-1] },
    ],
  });
});
