// A thread that holds one model open and scores what it is sent. Started by session-threads.ts, and ended by it.
import { parentPort, workerData } from 'node:worker_threads';
import { UnderstudyError } from '../domain/failures';
import type { ScoreAnswer, ScoreQuestion, ScoreThreadData } from './session-threads';
import { openModel } from './session';

const { onnx, signature } = workerData as ScoreThreadData;
const opening = openModel(onnx, signature);
// Whoever asks first is told.
opening.catch(() => undefined);

parentPort!.on('message', (question: ScoreQuestion) => {
  if (question === 'close') {
    const end = (): void => parentPort!.close();
    opening.then((model) => model.release()).then(end, end);
    return;
  }
  const { id, matrix, rows } = question;
  opening
    .then((model) => model.score(matrix, rows))
    .then(
      (predictions) =>
        parentPort!.postMessage({ id, predictions } satisfies ScoreAnswer, [predictions.buffer as ArrayBuffer]),
      (error: unknown) => {
        const failure = error instanceof UnderstudyError ? error : null;
        const message = error instanceof Error ? error.message : String(error);
        parentPort!.postMessage({ id, code: failure?.code ?? 'INTERNAL', message } satisfies ScoreAnswer);
      },
    );
});
