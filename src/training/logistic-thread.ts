// The entry of the training thread: reads the matrix, fits, and leaves model, sample and report in its directory.
// Invariant: all heavy work happens here, so the process that started it goes on with heartbeats and cancellation.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { UnderstudyError, failureCodeOf } from '../domain/failures';
import { ModelSignature } from '../domain/training';
import { linearShapReport } from '../scoring/contributions/linear';
import { buildDesign, modelOf, weightsFrom } from './design';
import { librariesOf } from './libraries';
import { fitLogistic } from './logistic';
import { importanceOf, predictLogistic } from './logistic-model';
import { logisticParams } from './logistic-params';
import { readMatrix, writeParity, type TrainingMatrix } from './matrix-file';
import { logisticFromOnnx, logisticToOnnx } from './onnx-logistic';
import { parityRows } from './parity-sample';
import { RESULT_FILES, type ThreadInput, type ThreadMessage, type ThreadResult } from './thread-messages';

const MEBIBYTE = 1024 * 1024;
const post = (message: ThreadMessage) => parentPort?.postMessage(message);

async function trainLogistic(input: ThreadInput): Promise<ThreadResult> {
  const started = performance.now();
  let peakBytes = 0;
  const measure = () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss()));
  const { request } = input;
  const params = logisticParams(request.params);
  const tell = (iteration: number, message: string) => {
    measure();
    post({ kind: 'progress', progress: { iteration, of: params.maxIterations, message } });
  };
  tell(0, 'reading the training matrix');
  const signature = ModelSignature.parse(JSON.parse(await readFile(input.signaturePath, 'utf8')));
  const matrix = await readMatrix(input.matrixPath, signature, request.threads);
  requireBothClasses(matrix);
  const design = buildDesign(matrix.features, matrix.rows, signature);
  if (design.width + design.sparseColumns === 1) {
    throw new UnderstudyError(
      'TRAINING_FAILED',
      'The signature has no numeric column and no category: there is nothing to train on.',
    );
  }
  const earlier = input.warmStartPath === undefined ? undefined : logisticFromOnnx(await readFile(input.warmStartPath));
  const start = earlier && weightsFrom(earlier, design, signature);
  const told = (iteration: number, logLoss: number) =>
    tell(iteration, `log loss ${logLoss.toFixed(5)} on the training rows`);
  const fit = fitLogistic(design, matrix.labels, params, start, told, matrix.weights);
  const model = modelOf(fit.weights, design, signature);
  const sample = parityRows(matrix.features, matrix.rows, signature, request.seed);
  const sampleRows = sample.length / signature.columns.length;
  const libraries = librariesOf(['@duckdb/node-api', 'ml-matrix', 'protobufjs']);
  const report = {
    trainer: 'logistic',
    parameters: params,
    rows: matrix.rows,
    weights: fit.weights.length,
    iterations: fit.iterations,
    converged: fit.converged,
    curve: fit.curve.map((train, iteration) => ({ iteration, train })),
    importance: importanceOf(model, signature, matrix.features),
    shap: linearShapReport(model, matrix.features),
    warmStart: earlier ? "started from the parent version's weights" : 'none',
    earlyStopping: 'not used: the fit is exact and takes all training rows',
    libraries,
  };
  const path = (name: keyof typeof RESULT_FILES) => join(input.directory, RESULT_FILES[name]);
  await writeFile(path('onnx'), logisticToOnnx(model));
  await writeFile(path('native'), JSON.stringify(model));
  await writeParity(path('parity'), signature, sample, predictLogistic(model, sample, sampleRows));
  await writeFile(path('report'), JSON.stringify(report));
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

/** A row of weight 0 is none. */
function requireBothClasses({ rows: all, labels, weights }: TrainingMatrix): void {
  const counts = (row: number): boolean => weights === undefined || weights[row]! > 0;
  const rows = weights === undefined ? all : weights.reduce((sum, weight) => sum + (weight > 0 ? 1 : 0), 0);
  const positives = labels.reduce((sum, label, row) => sum + (counts(row) ? label : 0), 0);
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
  void trainLogistic(workerData as ThreadInput).then(
    (result) => post({ kind: 'done', result }),
    (error: unknown) =>
      post({
        kind: 'failed',
        code: failureCodeOf(error),
        message: error instanceof Error ? error.message : String(error),
        details: error instanceof UnderstudyError ? error.details : {},
      }),
  );
}
