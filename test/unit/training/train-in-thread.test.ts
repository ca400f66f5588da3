import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEDIA_TYPES } from '../../../src/domain/data/artifacts';
import { TrainResult, type TrainProgress, type TrainRequest } from '../../../src/domain/training/training';
import { checkParity } from '../../../src/scoring/parity';
import { openModel } from '../../../src/scoring/session';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { trainInThread } from '../../../src/training/train-in-thread';
import { storeMatrix } from './matrix';
import { COLUMNS } from './rows';

const ROWS = 3000;

describe('a training in a thread', () => {
  const root = mkdtempSync(join(tmpdir(), 'training-'));
  const artifacts = createFileArtifactStore(root);
  let request: TrainRequest;

  beforeAll(async () => {
    const signature = await artifacts.put(Buffer.from(JSON.stringify({ columns: COLUMNS })), MEDIA_TYPES.json);
    request = {
      model: 'm',
      contender: 'baseline',
      trainer: 'logistic',
      params: {},
      seed: 1,
      threads: 1,
      matrix: await matrixOf(ROWS),
      signature,
      earlyStoppingDays: 0,
      earlyStoppingRounds: 10,
    };
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const matrixOf = async (rows: number, label?: string) => (await storeMatrix(artifacts, rows, label)).matrix;

  it('gives all that the contract asks for, with a model that agrees with its native form', async () => {
    const told: TrainProgress[] = [];
    const result = await trainInThread(request, { artifacts, onProgress: (progress) => told.push(progress) });
    expect(TrainResult.parse(result)).toEqual(result);
    expect(result.rows).toBe(ROWS);
    expect(told.length).toBe(result.iterations + 1);
    const signature = { columns: COLUMNS };
    const model = await openModel(await artifacts.get(result.onnx), signature);
    const parity = await checkParity(model, await artifacts.localPath(result.parity), signature);
    expect(parity).toMatchObject({ rows: 1000 + 1 + 4 + 2, passed: true });
    await model.release();
    const report = JSON.parse((await artifacts.get(result.report)).toString()) as Record<string, unknown>;
    expect(report).toMatchObject({ converged: true, parameters: { l2: 1 }, importance: { constant: 0 } });
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  it.each([
    {
      trainer: 'logistic' as const,
      target: { task: 'multiclass' as const, classes: ['low', 'middle', 'high'] },
      label: 'CASE WHEN x < -0.3 THEN 0 WHEN x + 0.2 * letter < 0.6 THEN 1 ELSE 2 END',
    },
    { trainer: 'linear' as const, target: { task: 'regression' as const }, label: '40 + 3 * coalesce(x, 0) + __label' },
  ])('does so for the task of $target.task too', async ({ trainer, target, label }) => {
    const signature = { columns: COLUMNS, ...target };
    const asked = { ...request, trainer, ...target, matrix: await matrixOf(ROWS, label) };
    const result = await trainInThread(asked, { artifacts });
    const model = await openModel(await artifacts.get(result.onnx), signature);
    const parity = await checkParity(model, await artifacts.localPath(result.parity), signature);
    expect(parity).toMatchObject({ rows: 1000 + 1 + 4 + 2, passed: true });
    await model.release();
    const report = JSON.parse((await artifacts.get(result.report)).toString()) as { curve: { train: number }[] };
    expect(report).toMatchObject({ trainer, converged: true });
    expect(report.curve.at(-1)!.train).toBeLessThan(report.curve[0]!.train);
  });

  it('refuses labels that a task cannot be learned from', async () => {
    const classes = ['low', 'middle', 'high'];
    const multiclass = { ...request, task: 'multiclass' as const, classes };
    await expect(trainInThread(multiclass, { artifacts })).rejects.toThrow(
      /none of them of "high"; all classes are needed/,
    );
    const regression = {
      ...request,
      task: 'regression' as const,
      trainer: 'linear' as const,
      matrix: await matrixOf(40, '7'),
    };
    await expect(trainInThread(regression, { artifacts })).rejects.toThrow(/40 rows, all with the same label/);
  });

  it('gives the same artifacts again, and takes fewer iterations from its own model', async () => {
    const [first, second] = [await trainInThread(request, { artifacts }), await trainInThread(request, { artifacts })];
    expect([second.onnx, second.native, second.parity]).toEqual([first.onnx, first.native, first.parity]);
    const warm = await trainInThread({ ...request, warmStart: first.onnx }, { artifacts });
    expect(warm.iterations).toBeLessThan(first.iterations);
    expect(
      (await trainInThread({ ...request, warmStart: { ...first.onnx, sha256: '0'.repeat(64) } }, { artifacts })).onnx,
    ).toEqual(first.onnx);
  });

  it.each([
    [
      { params: { L2: 3 } },
      'params.L2: found a field of this name, allowed is a parameter of the trainer "logistic": l2, maxIterations, tolerance.',
    ],
    [{ params: { l2: 0 } }, 'params.l2: found 0, allowed is a number above 0.'],
    [
      { trainer: 'lightgbm' as const },
      'The TypeScript trainer has no "lightgbm" for the task binary; allowed is logistic.',
    ],
  ])('names the mistake of %j', async (change, message) => {
    await expect(trainInThread({ ...request, ...change }, { artifacts })).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      message,
    });
  });

  it.each([
    ['0', 'both classes are needed'],
    ['2', 'has a __label of 2; allowed are 0 and 1'],
  ])('refuses labels that are all %s', async (label, message) => {
    const matrix = await matrixOf(100, label);
    await expect(trainInThread({ ...request, matrix }, { artifacts })).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      message: expect.stringContaining(message) as string,
    });
  });

  it('stops within two seconds when it is aborted, rejects with the reason and leaves no scratch file', async () => {
    const abort = new AbortController();
    const matrix = await matrixOf(200_000);
    let abortedAt = 0;
    const training = trainInThread(
      { ...request, matrix, params: { maxIterations: 1000, tolerance: 1e-300 } },
      {
        artifacts,
        signal: abort.signal,
        onProgress: ({ iteration }) => {
          if (iteration !== 1) return;
          abortedAt = Date.now();
          abort.abort(new Error('cancelled by the test'));
        },
      },
    );
    await expect(training).rejects.toThrow('cancelled by the test');
    expect(Date.now() - abortedAt).toBeLessThan(2000);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    await expect(trainInThread(request, { artifacts, signal: abort.signal })).rejects.toThrow('cancelled by the test');
  });
});
