// The process round the thread of a training hook: hands it its input, passes on what it says, and ends with it.
// Invariant: nothing of it is left when the process that started it is gone, killed or not.
import { Worker } from 'node:worker_threads';
import { entryIn } from '../../scoring/thread-entry';
import type { ThreadInput, ThreadMessage } from '../thread-messages';
import { CANCEL } from './start-hook';

function say(message: ThreadMessage, then: () => void = () => undefined): void {
  process.send?.(message, then);
}

function run(input: ThreadInput): void {
  const cancelled = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const workerData: ThreadInput = { ...input, cancelled };
  process.on('message', (message) => {
    if (message === CANCEL) Atomics.store(new Int32Array(cancelled), 0, 1);
  });
  const heapMiB = workerData.request.resources?.memoryMiB;
  const { path, execArgv } = entryIn(__dirname, 'main');
  const thread = new Worker(path, {
    workerData,
    execArgv,
    // Typed arrays lie outside of the heap.
    ...(heapMiB === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMiB } }),
  });
  thread.on('message', (message: ThreadMessage) => say(message));
  thread.on('error', ({ message }: Error) =>
    say({ kind: 'failed', code: 'TRAINER_CRASHED', message: `The training thread died: ${message}`, details: {} }),
  );
  // Messages are delivered in order: when this one is out, all are.
  thread.on('exit', () =>
    say({ kind: 'progress', progress: { iteration: 0, of: 0, message: 'done' } }, () => process.exit(0)),
  );
}

process.once('disconnect', () => process.exit(1));
process.once('message', (input: ThreadInput) => run(input));
