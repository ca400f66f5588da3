// An author's trainer in TypeScript, in its thread: the documented example, mistakes of every kind, memory, cancellation.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TrainResult, type TrainProgress, type TrainRequest } from '../../../src/domain/training/training';
import { checkParity } from '../../../src/scoring/parity';
import { openModel } from '../../../src/scoring/session';
import { createFileArtifactStore } from '../../../src/stores/artifacts/artifacts-file';
import { trainInThread } from '../../../src/training/train-in-thread';
import { storeMatrix } from './matrix';
import { COLUMNS } from './rows';

const EXAMPLE = resolve(__dirname, '../../../docs/examples/own-trainer/stump.ts');

describe('a training hook', () => {
  const root = mkdtempSync(join(tmpdir(), 'hooks-'));
  const artifacts = createFileArtifactStore(join(root, 'artifacts'));
  let request: TrainRequest;

  beforeAll(async () => {
    request = {
      ...{ model: 'm', contender: 'own', trainer: 'hook', hook: 'own.ts', params: {}, seed: 1, threads: 1 },
      ...(await storeMatrix(artifacts, 3000)),
      ...{ earlyStoppingDays: 0, earlyStoppingRounds: 10 },
    };
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  let files = 0;
  /** A module with this text. */
  function moduleOf(text: string): string {
    const file = join(root, `hook-${++files}.ts`);
    writeFileSync(file, text);
    return file;
  }
  const failureOf = async (text: string, change: Partial<TrainRequest> = {}) =>
    trainInThread({ ...request, ...change }, { artifacts, hookPath: moduleOf(text) }).then(
      () => undefined,
      (error: unknown) => error as { code: string; message: string },
    );

  it('as the documentation shows it gives a model whose graph agrees with it on awkward rows, and the same again', async () => {
    const told: TrainProgress[] = [];
    const onProgress = (progress: TrainProgress): void => void told.push(progress);
    const result = await trainInThread(request, { artifacts, hookPath: EXAMPLE, onProgress });
    expect(TrainResult.parse(result)).toEqual(result);
    expect(result).toMatchObject({ rows: 3000, iterations: 1 });
    expect(told.map(({ message }) => message).join()).toContain('best log loss 0.');
    const signature = { columns: COLUMNS };
    const model = await openModel(await artifacts.get(result.onnx), signature);
    const parity = await checkParity(model, await artifacts.localPath(result.parity), signature);
    expect(parity).toMatchObject({ rows: 1000 + 1 + 4 + 2, passed: true });
    await model.release();
    expect(JSON.parse((await artifacts.get(result.native)).toString())).toMatchObject({ column: 0 });
    expect(JSON.parse((await artifacts.get(result.report)).toString())).toMatchObject({
      trainer: 'hook',
      importance: { x: 1 },
    });
    const again = await trainInThread(request, { artifacts, hookPath: EXAMPLE });
    expect([again.onnx, again.native, again.parity]).toEqual([result.onnx, result.native, result.parity]);
    expect(readdirSync(join(root, 'artifacts', 'tmp'))).toEqual([]);
  });

  it('is given what the definition says, and the newest version of its contender', async () => {
    const text = `export default ({ params, seed, parent, rows, columns }) => {
      throw new Error(JSON.stringify({ params, seed, parent: parent && Buffer.from(parent).toString(), rows, width: columns.length })) }`;
    const parent = await artifacts.put(Buffer.from('{"column":0}'), 'application/octet-stream');
    const failure = await failureOf(text, { params: { cuts: 3 }, seed: 7, warmStart: parent });
    expect(failure?.message).toContain(
      '{"params":{"cuts":3},"seed":7,"parent":"{\\"column\\":0}","rows":3000,"width":4}',
    );
  });

  it('is given the weight of each row and the days that are kept aside, and a column of weights is no feature', async () => {
    const text = `export default ({ features, weights, labels, days, late, columns, threads }) => {
      const sum = (values) => values.reduce((a, b) => a + b, 0);
      const of = (label) => sum(weights.filter((_, row) => labels[row] === label && !late[row])) ;
      throw new Error(JSON.stringify({ threads, days: new Set(days).size, late: new Set(days.filter((_, row) => late[row])).size,
        balanced: Math.abs(of(0) - of(1)) < 1e-6, hidden: features.every((value, at) => at % columns.length !== 3 || value === 0) })) }`;
    const weights = { classes: 'balanced', column: 'constant' } as const;
    const failure = await failureOf(text, { weights, earlyStoppingDays: 4 });
    expect(failure?.message).toContain('{"threads":1,"days":30,"late":4,"balanced":true,"hidden":true}');
    const plain =
      'export default ({ weights, late }) => { throw new Error(JSON.stringify([weights, late.includes(1)])) }';
    expect((await failureOf(plain))?.message).toContain('[null,false]');
    expect(await failureOf(plain, { earlyStoppingDays: 30 })).toMatchObject({
      code: 'TRAINING_FAILED',
      message: 'earlyStopping.days is 30, but the training rows are of 30 days; allowed is fewer.',
    });
    const bad = await failureOf(plain, { weights: { column: 'pressure' } });
    expect(bad).toMatchObject({
      code: 'TRAINING_FAILED',
      message: expect.stringMatching(
        /^\d+ of 3000 rows have no weight, or one below 0, in the column "pressure"; allowed/,
      ) as string,
    });
  });

  it('that asks whether it is wanted may put its things away before it is ended', async () => {
    const done = join(root, 'put-away');
    const asking = `import { writeFileSync } from 'node:fs';
      export default ({ progress, cancelled }) => {
        progress(1, 2, 'waiting');
        while (!cancelled());
        writeFileSync(${JSON.stringify(done)}, 'yes');
        throw new Error('does not count');
      };`;
    const abort = new AbortController();
    const training = trainInThread(request, {
      ...{ artifacts, hookPath: moduleOf(asking), signal: abort.signal },
      onProgress: ({ message }) => message === 'waiting' && abort.abort(new Error('cancelled by the test')),
    });
    await expect(training).rejects.toThrow('cancelled by the test');
    expect(readdirSync(root)).toContain('put-away');
  });

  it.each([
    [
      'throws',
      'export default () => {\n  throw new Error("no luck");\n};',
      /hook-\d+\.ts:2: the training hook has failed: no luck$/,
    ],
    ['rejects', 'export default async () => { throw "just a text" };', /the training hook has failed: just a text$/],
    [
      'throws when it is loaded',
      'throw new TypeError("bad import"); export {};',
      /the training hook cannot be loaded: bad import$/,
    ],
    [
      'throws where nobody waits',
      'export default () => new Promise(() => setTimeout(() => { throw new Error("late") }, 1));',
      /has failed: late$/,
    ],
    [
      'has no default export',
      'export const train = 1;',
      /found no default export, allowed is: export default function/,
    ],
    ['gives nothing', 'export default () => undefined;', /result, onnx: found nothing, allowed is a Uint8Array/],
    ['gives no function', 'export default () => ({ onnx: new Uint8Array(3) });', /result, predict: found nothing/],
    [
      'predicts too few rows',
      'export default () => ({ onnx: new Uint8Array(3), predict: () => [0.5] });',
      /predict\(…\)\.length: found 1, allowed is 1007, one for each row/,
    ],
    [
      'predicts no probabilities',
      'export default () => ({ onnx: new Uint8Array(3), predict: (_, rows) => Array(rows).fill(2) });',
      /predict\(…\)\[0\]: found 2, allowed is a probability from 0 to 1/,
    ],
  ])('that %s is the author’s mistake, told with the file', async (_, text, message) => {
    expect(await failureOf(text)).toMatchObject({
      code: 'MODEL_CODE_FAILED',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['slowly', 'all.push({ more: all.length })'],
    ['too fast for its thread to be stopped', 'all.push(Array.from({ length: 1e6 }, (_, at) => ({ at })))'],
  ])('that fills its memory %s ends alone, as a crash', async (_, step) => {
    const hoarding = `export default () => { const all = []; for (;;) ${step}; };`;
    expect(await failureOf(hoarding, { resources: { memoryMiB: 64 } })).toMatchObject({
      code: 'TRAINER_CRASHED',
      message: expect.stringMatching(/memory limit|its process was ended by SIG/) as string,
    });
  });

  it('that ends its process is a crash', async () => {
    expect(await failureOf('export default () => process.kill(process.pid, "SIGKILL");')).toMatchObject({
      code: 'TRAINER_CRASHED',
    });
  });

  it('that never pauses and never asks is ended within two seconds when the training is no longer wanted', async () => {
    const endless = 'export default ({ progress }) => { progress(1, 2, "for ever"); for (;;); };';
    const abort = new AbortController();
    let abortedAt = 0;
    const training = trainInThread(request, {
      ...{ artifacts, hookPath: moduleOf(endless), signal: abort.signal },
      onProgress: ({ message }) => {
        if (message !== 'for ever') return;
        abortedAt = Date.now();
        abort.abort(new Error('cancelled by the test'));
      },
    });
    await expect(training).rejects.toThrow('cancelled by the test');
    expect(Date.now() - abortedAt).toBeLessThan(2000);
    expect(readdirSync(join(root, 'artifacts', 'tmp'))).toEqual([]);
  });
});
