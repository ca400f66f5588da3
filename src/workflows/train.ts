// One training on its trainer's queue. A job elsewhere is cancelled with it, also when the worker that watched it is dead.
import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { TrainRequest, TrainResult } from '../domain/training/training';
import { describeFailure } from './failure';
import { waitingForSpace } from './full-store';
import { cancelJob, trainOn } from './proxies';

/** A crash of native code is tried a few times only; a full artifact store is waited for. */
export async function train(queue: string, request: TrainRequest): Promise<TrainResult> {
  try {
    return await waitingForSpace(() => trainOn(queue).train(request));
  } catch (error) {
    if (request.trainer === 'http' && isLeftRunning(error))
      await CancellationScope.nonCancellable(() => cancel(request));
    throw error;
  }
}

/** A job that failed, or that was given up for its time, has ended; any other may still be running. */
function isLeftRunning(error: unknown): boolean {
  return isCancellation(error) || describeFailure(error).code !== 'TRAINING_FAILED';
}

async function cancel(request: TrainRequest): Promise<void> {
  try {
    await cancelJob(request);
  } catch (error) {
    log.warn('the job elsewhere may still be running', { url: request.job?.url, ...describeFailure(error) });
  }
}
