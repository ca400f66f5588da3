// A workflow of one training: what the real ones do with the trainer's queue, and nothing else.
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { TrainRequest, TrainResult } from '../../../src/domain/training/training';

export async function oneTraining(queue: string, request: TrainRequest): Promise<TrainResult> {
  const { train } = proxyActivities<{ train(request: TrainRequest): Promise<TrainResult> }>({
    taskQueue: queue,
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '5 s',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '200 ms', maximumAttempts: 5 },
  });
  return train(request);
}
