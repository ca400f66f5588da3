// Scores in threads of their own, for work that runs a model hundreds of times: the calling thread stays free for whoever waits for an answer.
// Invariant: the threads open the session that serves, which scores each row by itself: what comes out is the same bits, however many they are.
import { Worker } from 'node:worker_threads';
import { recordedTarget, widthOf } from '../domain/evaluation/task';
import { UnderstudyError, type FailureCode } from '../domain/failures';
import type { ModelSignature } from '../domain/training/training';
import { modelOn, openModel, type OpenModel } from './session';
import { entryIn } from './thread-entry';

/** What a thread is started with. */
export interface ScoreThreadData {
  readonly onnx: Uint8Array;
  readonly signature: ModelSignature;
}

/** What a thread is sent. */
export type ScoreQuestion = 'close' | { readonly id: number; readonly matrix: Float32Array; readonly rows: number };

/** What it answers. */
export type ScoreAnswer =
  | { readonly id: number; readonly predictions: Float32Array }
  | { readonly id: number; readonly code: FailureCode; readonly message: string };

/** A smaller graph has scored all before a thread has started. */
const LEAST_GRAPH_BYTES = 128 * 1024;
/** Fewer rows are not shared out. */
const LEAST_ROWS = 128;

/**
 * {@link openModel}, in so many threads where the graph is large enough to be worth it; with 0 threads in the calling one.
 * @throws UnderstudyError `SIGNATURE_MISMATCH` as {@link openModel}, of a large graph when it first scores; `INTERNAL` when a thread dies.
 */
export async function openModelInThreads(
  onnx: Uint8Array,
  signature: ModelSignature,
  threads: number,
): Promise<OpenModel> {
  if (threads < 1 || onnx.length < LEAST_GRAPH_BYTES) return openModel(onnx, signature);
  const columns = signature.columns.length;
  const width = widthOf(recordedTarget(signature));
  const scorers = Array.from({ length: threads }, () => startScorer({ onnx, signature }));

  /** Shared out in runs of rows, which are put together in their order. */
  async function scoreAll(matrix: Float32Array, rows: number): Promise<Float32Array> {
    const share = Math.max(LEAST_ROWS, Math.ceil(rows / scorers.length));
    const parts = await Promise.all(
      scorers.flatMap((scorer, at) => {
        const [from, to] = [at * share, Math.min(rows, (at + 1) * share)];
        return from < to ? [scorer.score(matrix.slice(from * columns, to * columns), to - from)] : [];
      }),
    );
    const predictions = new Float32Array(rows * width);
    parts.forEach((part, at) => predictions.set(part, at * share * width));
    return predictions;
  }

  return modelOn(columns, { score: scoreAll, close: () => Promise.all(scorers.map((scorer) => scorer.close())) });
}

interface Scorer {
  score(matrix: Float32Array, rows: number): Promise<Float32Array>;
  /** Resolves when the thread is gone. */
  close(): Promise<void>;
}

function startScorer(workerData: ScoreThreadData): Scorer {
  const { path, execArgv } = entryIn(__dirname, 'score-thread');
  const thread = new Worker(path, { workerData, execArgv });
  const waiting = new Map<
    number,
    { readonly resolve: (found: Float32Array) => void; readonly reject: (error: Error) => void }
  >();
  let asked = 0;
  let died: UnderstudyError | null = null;
  const fail = (cause: unknown): void => {
    const why = cause instanceof Error ? cause.message : `it ended with ${String(cause)}`;
    died ??= new UnderstudyError('INTERNAL', `A thread that scores died: ${why}`, {}, { cause });
    for (const { reject } of waiting.values()) reject(died);
    waiting.clear();
  };
  const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  thread.on('error', fail);
  thread.on('exit', fail);
  thread.on('message', (answer: ScoreAnswer) => {
    const asker = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('predictions' in answer) asker?.resolve(answer.predictions);
    else asker?.reject(new UnderstudyError(answer.code, answer.message));
  });
  return {
    score: (matrix, rows) =>
      new Promise((resolve, reject) => {
        if (died) return reject(died);
        const id = asked++;
        waiting.set(id, { resolve, reject });
        thread.postMessage({ id, matrix, rows } satisfies ScoreQuestion, [matrix.buffer as ArrayBuffer]);
      }),
    close() {
      thread.postMessage('close' satisfies ScoreQuestion);
      return gone;
    },
  };
}
