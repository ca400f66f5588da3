// The entry of the thread that runs an author's training hook: reads the matrix, calls the hook, leaves model, sample and report in its directory.
// Invariant: whatever the hook does ends as a result or as one failure that names its file and line.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { loadDefaultExport } from '../../definition/load-module';
import { UnderstudyError } from '../../domain/failures';
import { nativeColumns, recordedTarget } from '../../domain/evaluation/task';
import { ModelSignature } from '../../domain/training/training';
import type { TrainHook } from '../../domain/plan/train-hook';
import { environmentOf, librariesOf } from '../libraries';
import { readDays, readMatrix, writeParity } from '../matrix-file';
import { parityRows } from '../parity-sample';
import {
  failedMessage,
  RESULT_FILES,
  type ThreadInput,
  type ThreadMessage,
  type ThreadResult,
} from '../thread-messages';
import { hookFailure, checkedModel, predictionsOf } from './author-code';
import { hideWeights, lateRows, rowWeights } from './row-weights';

const MEBIBYTE = 1024 * 1024;
const post = (message: ThreadMessage) => parentPort?.postMessage(message);

async function trainByHook(input: ThreadInput): Promise<ThreadResult> {
  const started = performance.now();
  const { request } = input;
  const file = input.hookPath ?? '';
  const tell = (iteration: number, of: number, message: string) =>
    post({ kind: 'progress', progress: { iteration, of, message } });
  tell(0, 0, 'reading the training matrix');
  const hook = loadHook(file);
  const signature = ModelSignature.parse(JSON.parse(await readFile(input.signaturePath, 'utf8')));
  const target = recordedTarget(request);
  const matrix = await readMatrix(input.matrixPath, signature, request.threads, target);
  const days = await readDays(input.matrixPath, request.threads);
  const parent = input.warmStartPath === undefined ? null : await readFile(input.warmStartPath);
  // Before the hook, which may write into the arrays that it is given.
  const sample = parityRows(matrix.features, matrix.rows, signature, request.seed);
  const sampleRows = sample.length / signature.columns.length;
  const late = lateRows(days, request.earlyStoppingDays);
  const weights = rowWeights(request.weights, { matrix, columns: signature.columns, late, target });
  hideWeights(request.weights, matrix.features, signature.columns);
  const flag = new Int32Array(input.cancelled ?? new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const model = checkedModel(
    file,
    await guarded(file, () =>
      hook({
        ...{ rows: matrix.rows, features: matrix.features, labels: matrix.labels, columns: signature.columns },
        ...{ weights, days, late, earlyStoppingRounds: request.earlyStoppingRounds, threads: request.threads },
        ...{ params: request.params, seed: request.seed, parent, task: target.task, classes: target.classes ?? [] },
        progress: (iteration, of, message) => tell(Number(iteration), Number(of), String(message)),
        cancelled: () => Atomics.load(flag, 0) !== 0,
      }),
    ),
  );
  tell(0, 0, 'predicting the sample');
  const predicted = await guarded(file, () => model.predict(sample.slice(), sampleRows));
  const values = predictionsOf(file, predicted, sampleRows, target);
  const iterations = model.iterations ?? 1;
  const libraries = { ...model.libraries, ...librariesOf(['@duckdb/node-api']) };
  const report = {
    trainer: 'hook',
    ...{ hook: request.hook, functionDigest: request.functionDigest, parameters: request.params, rows: matrix.rows },
    ...{ iterations, curve: model.curve ?? [], importance: model.importance ?? {}, libraries },
  };
  const path = (name: keyof typeof RESULT_FILES) => join(input.directory, RESULT_FILES[name]);
  await writeFile(path('onnx'), model.onnx);
  await writeFile(path('native'), model.native ?? '');
  await writeParity(path('parity'), signature, sample, { columns: nativeColumns(target), values });
  await writeFile(path('report'), JSON.stringify(report));
  await writeFile(path('environment'), JSON.stringify(environmentOf(libraries, request.threads)));
  return {
    rows: matrix.rows,
    iterations,
    seconds: Math.round(performance.now() - started) / 1000,
    peakMemoryMiB: Math.round((10 * process.memoryUsage.rss()) / MEBIBYTE) / 10,
    libraries,
    parityRows: sampleRows,
  };
}

function loadHook(file: string): TrainHook {
  let hook: unknown;
  try {
    hook = loadDefaultExport(file);
  } catch (error) {
    throw hookFailure(file, error, 'cannot be loaded');
  }
  if (typeof hook === 'function') return hook as TrainHook;
  const message = `${file}: found ${hook === undefined ? 'no default export' : typeof hook}, allowed is: export default function of a training.`;
  throw new UnderstudyError('MODEL_CODE_FAILED', message, { file });
}

async function guarded<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw hookFailure(file, error, 'has failed');
  }
}

if (parentPort) {
  const input = workerData as ThreadInput;
  // Errors that nobody waits for are the author's too: a timer, a promise that was forgotten.
  process.on('uncaughtException', (error) => {
    post(failedMessage(hookFailure(input.hookPath ?? '', error, 'has failed')));
    process.exit(1);
  });
  void trainByHook(input).then(
    (result) => {
      post({ kind: 'done', result });
      // What the hook has left running must not keep the thread.
      process.exit(0);
    },
    (error: unknown) => {
      post(failedMessage(error));
      process.exit(0);
    },
  );
}
