// The entry of the training thread: reads the matrix, fits, and leaves model, sample and report in its directory.
// Invariant: all heavy work happens here, so the process that started it goes on with heartbeats and cancellation.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { UnderstudyError } from '../domain/failures';
import { nativeColumns, recordedTarget, type Target } from '../domain/evaluation/task';
import { ModelSignature } from '../domain/training/training';
import { buildDesign } from './design';
import { environmentOf, librariesOf } from './libraries';
import { fitLinear, mostIterations } from './linear/fits';
import { readMatrix, writeParity, type TrainingMatrix } from './matrix-file';
import { parityRows } from './parity-sample';
import {
  failedMessage,
  RESULT_FILES,
  type ThreadInput,
  type ThreadMessage,
  type ThreadResult,
} from './thread-messages';

const MEBIBYTE = 1024 * 1024;
const post = (message: ThreadMessage) => parentPort?.postMessage(message);

async function trainLinear(input: ThreadInput): Promise<ThreadResult> {
  const started = performance.now();
  let peakBytes = 0;
  const measure = () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss()));
  const { request } = input;
  const target = recordedTarget(request);
  const most = mostIterations(target, request.params);
  const tell = (iteration: number, message: string) => {
    measure();
    post({ kind: 'progress', progress: { iteration, of: most, message } });
  };
  tell(0, 'reading the training matrix');
  const signature = ModelSignature.parse(JSON.parse(await readFile(input.signaturePath, 'utf8')));
  const matrix = await readMatrix(input.matrixPath, signature, request.threads, target);
  requireEnough(matrix, target);
  const design = buildDesign(matrix.features, matrix.rows, signature);
  if (design.width + design.sparseColumns === 1) {
    throw new UnderstudyError(
      'TRAINING_FAILED',
      'The signature has no numeric column and no category: there is nothing to train on.',
    );
  }
  const parent = input.warmStartPath === undefined ? undefined : await readFile(input.warmStartPath);
  const onIteration = (iteration: number, _of: number, message: string) => tell(iteration, message);
  const fit = fitLinear({
    target,
    signature,
    matrix,
    design,
    params: request.params,
    parent,
    startFrom: request.startFrom,
    onIteration,
  });
  const sample = parityRows(matrix.features, matrix.rows, signature, request.seed);
  const sampleRows = sample.length / signature.columns.length;
  const libraries = librariesOf(['@duckdb/node-api', 'ml-matrix', 'protobufjs']);
  const report = {
    trainer: request.trainer,
    parameters: fit.parameters,
    rows: matrix.rows,
    weights: fit.weights,
    iterations: fit.iterations,
    converged: fit.converged,
    curve: fit.curve.map((train, iteration) => ({ iteration, train })),
    importance: fit.importance,
    shap: fit.shap,
    warmStart: fit.warmStart,
    earlyStopping: 'not used: the fit is exact and takes all training rows',
    libraries,
  };
  const path = (name: keyof typeof RESULT_FILES) => join(input.directory, RESULT_FILES[name]);
  await writeFile(path('onnx'), fit.onnx);
  await writeFile(path('native'), JSON.stringify(fit.native));
  const native = { columns: nativeColumns(target), values: fit.predict(sample, sampleRows) };
  await writeParity(path('parity'), signature, sample, native);
  await writeFile(path('report'), JSON.stringify(report));
  await writeFile(path('environment'), JSON.stringify(environmentOf(libraries, request.threads)));
  measure();
  return {
    rows: matrix.rows,
    iterations: fit.iterations,
    seconds: Math.round(performance.now() - started) / 1000,
    peakMemoryMiB: Math.round((10 * peakBytes) / MEBIBYTE) / 10,
    libraries,
    parityRows: sampleRows,
  };
}

/** Rows of each class; of a regression at least two different values, of which one could learn something. A row of weight 0 is none. */
function requireEnough({ labels: all, weights }: TrainingMatrix, { task, classes = [] }: Target): void {
  const labels = weights === undefined ? all : all.filter((_, row) => weights[row]! > 0);
  const rows = labels.length;
  if (task === 'regression') {
    if (labels.some((label) => label !== labels[0])) return;
    throw new UnderstudyError(
      'TRAINING_FAILED',
      `The training matrix has ${rows} rows, all with the same label; different ones are needed.`,
    );
  }
  if (task === 'multiclass') {
    const present = new Set(labels);
    const absent = classes.filter((_, index) => !present.has(index));
    if (absent.length === 0) return;
    throw new UnderstudyError(
      'TRAINING_FAILED',
      `The training matrix has ${rows} rows, none of them of ${absent.map((name) => `"${name}"`).join(', ')}; all classes are needed.`,
      { rows, absent },
    );
  }
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives > 0 && positives < rows) return;
  throw new UnderstudyError(
    'TRAINING_FAILED',
    `The training matrix has ${rows} rows, ${positives} of them positive; both classes are needed.`,
    {
      rows,
      positives,
    },
  );
}

if (parentPort) {
  void trainLinear(workerData as ThreadInput).then(
    (result) => post({ kind: 'done', result }),
    (error: unknown) => post(failedMessage(error)),
  );
}
