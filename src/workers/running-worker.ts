// What the entry point needs of a worker of either role.
import type { Worker } from '@temporalio/worker';

export interface RunningWorker {
  readonly worker: Pick<Worker, 'run'>;
  /** Releases what the worker was given; after `worker.run()` has ended. */
  close(): Promise<void>;
}
