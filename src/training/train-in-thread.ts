// Trains a contender in TypeScript, in a thread of its own, from artifacts to artifacts.
// Invariant: the calling thread is never blocked, and an aborted training ends its thread within two seconds and leaves nothing behind.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MEDIA_TYPES, type ArtifactRef } from '../domain/data/artifacts';
import { UnderstudyError } from '../domain/failures';
import type { TrainProgress, TrainRequest, TrainResult } from '../domain/training/training';
import { entryIn } from '../scoring/thread-entry';
import { startHookProcess, type TrainingThread } from './hook/start-hook';
import { RESULT_FILES, type ThreadInput, type ThreadMessage, type ThreadResult } from './thread-messages';

/** What a training needs of the artifact store. */
export interface TrainingArtifacts {
  localPath(ref: ArtifactRef): Promise<string>;
  putFile(path: string, mediaType: string, rows?: number): Promise<ArtifactRef>;
  tempDir(): Promise<string>;
}

export interface TrainInThreadOptions {
  readonly artifacts: TrainingArtifacts;
  /** The file of the author's function, for the trainer `hook`. */
  readonly hookPath?: string;
  /** Told at the start and after each iteration. */
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Ends the training; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs one `logistic` or `linear` training, or one by an author's `hook`.
 * @throws UnderstudyError `TRAINING_FAILED` (the author's mistake), `TRAINER_CRASHED` (the thread died; retryable), and the store's codes.
 */
export async function trainInThread(request: TrainRequest, options: TrainInThreadOptions): Promise<TrainResult> {
  const { artifacts, signal } = options;
  const { hookPath } = options;
  const fits = request.task === 'regression' ? 'linear' : 'logistic';
  if (request.trainer !== fits && !(request.trainer === 'hook' && hookPath !== undefined)) {
    throw new UnderstudyError(
      'TRAINING_FAILED',
      `The TypeScript trainer has no "${request.trainer}" for the task ${request.task ?? 'binary'}; allowed is ${fits}.`,
    );
  }
  signal?.throwIfAborted();
  const [matrixPath, signaturePath] = await Promise.all([
    artifacts.localPath(request.matrix),
    artifacts.localPath(request.signature),
  ]);
  // A hint: a parent version that retention has taken is no reason to fail.
  const warmStartPath = request.warmStart && (await artifacts.localPath(request.warmStart).catch(() => undefined));
  const directory = await artifacts.tempDir();
  try {
    const { parityRows, ...result } = await runThread(
      { request, matrixPath, signaturePath, warmStartPath, directory, ...(hookPath === undefined ? {} : { hookPath }) },
      options,
    );
    const path = (name: keyof typeof RESULT_FILES) => join(directory, RESULT_FILES[name]);
    return {
      onnx: await artifacts.putFile(path('onnx'), MEDIA_TYPES.onnx),
      native: await artifacts.putFile(
        path('native'),
        hookPath === undefined ? MEDIA_TYPES.json : 'application/octet-stream',
      ),
      parity: await artifacts.putFile(path('parity'), MEDIA_TYPES.parquet, parityRows),
      report: await artifacts.putFile(path('report'), MEDIA_TYPES.json),
      environment: await artifacts.putFile(path('environment'), MEDIA_TYPES.json),
      ...result,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function runThread(input: ThreadInput, { onProgress, signal }: TrainInThreadOptions): Promise<ThreadResult> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const thread: TrainingThread = input.hookPath === undefined ? startThread(input) : startHookProcess(input);
    let outcome = () => reject(new UnderstudyError('TRAINER_CRASHED', 'The training thread ended without a result.'));
    const abort = () => {
      outcome = () => reject(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
      void thread.terminate();
    };
    signal?.addEventListener('abort', abort, { once: true });
    thread.on('message', (message: ThreadMessage) => {
      // One that is told to end may say something yet; it does not count.
      if (signal?.aborted) return;
      if (message.kind === 'progress') onProgress?.(message.progress);
      else if (message.kind === 'done') outcome = () => resolve(message.result);
      else outcome = () => reject(new UnderstudyError(message.code, message.message, message.details));
    });
    thread.on('error', (error: Error) => {
      if (signal?.aborted) return;
      outcome = () =>
        reject(
          new UnderstudyError('TRAINER_CRASHED', `The training thread died: ${error.message}`, {}, { cause: error }),
        );
    });
    // Settles only when the thread is gone, so that nobody removes its directory under it.
    thread.on('exit', () => {
      signal?.removeEventListener('abort', abort);
      outcome();
    });
  });
}

function startThread(workerData: ThreadInput): Worker {
  const { path, execArgv } = entryIn(__dirname, 'logistic-thread');
  return new Worker(path, { workerData, execArgv });
}
