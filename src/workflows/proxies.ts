// All activity proxies, one per interface, queue and time-out class, with the reason for each number.
import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import { TASK_QUEUES } from '../domain/ids';
import type {
  ControlActivities,
  DataActivities,
  JobActivities,
  ReproductionActivities,
  TrainActivities,
  TrialActivities,
  TuningActivities,
} from '../ports/activities';

/** Retries go on until the service is back: a database away for a night must not end anything. Failures of the table marked as not
 *  retryable are thrown as such by the activities, so no list of types is needed here. */
const RETRY: NonNullable<ActivityOptions['retry']> = {
  initialInterval: '500 ms',
  backoffCoefficient: 2,
  maximumInterval: '15 s',
};

const CONTROL: ActivityOptions = {
  taskQueue: TASK_QUEUES.control,
  // Short database work. A task that was handed to a worker in the moment of its death is noticed only by this time-out, and a fallback
  // promises to serve within 10 s of its verdict; what is repeated for nothing is fenced by the ledger.
  startToCloseTimeout: '5 s',
  retry: RETRY,
};
export const control = proxyActivities<Omit<ControlActivities, 'awaitServing'>>(CONTROL);

/** Waits on purpose, so it heartbeats. */
export const { awaitServing } = proxyActivities<Pick<ControlActivities, 'awaitServing'>>({
  ...CONTROL,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '5 s',
});

/** Engine work, minutes at most, heartbeating: a killed worker is noticed after 10 s. */
export const data = proxyActivities<Omit<DataActivities, 'explainVersion'> & TuningActivities & ReproductionActivities>(
  {
    taskQueue: TASK_QUEUES.data,
    startToCloseTimeout: '30 minutes',
    heartbeatTimeout: '10 s',
    retry: RETRY,
  },
);

/** Explaining a version is for people: it is tried a few times, within a time that a cycle can wait, and nothing depends on it. */
export const { explainVersion } = proxyActivities<Pick<DataActivities, 'explainVersion'>>({
  taskQueue: TASK_QUEUES.data,
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: '15 minutes',
  heartbeatTimeout: '10 s',
  retry: { ...RETRY, maximumAttempts: 3 },
});

/** A training may take hours; a killed trainer is noticed after 10 s. A crash of native code (out of memory) is tried 5 times, not for ever. */
const TRAINING: ActivityOptions = {
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '10 s',
  retry: { ...RETRY, maximumAttempts: 5 },
};
export function trainOn(queue: string): TrainActivities {
  return proxyActivities<TrainActivities>({ ...TRAINING, taskQueue: queue });
}

/** A short message to a job server; one that does not hear it within a quarter of an hour is left alone. */
export const { cancelJob } = proxyActivities<JobActivities>({
  taskQueue: TASK_QUEUES.trainElsewhere,
  startToCloseTimeout: '30 s',
  scheduleToCloseTimeout: '15 minutes',
  retry: RETRY,
});

/** A trial is a training or several. */
export function tryOn(queue: string): TrialActivities {
  return proxyActivities<TrialActivities>({ ...TRAINING, taskQueue: queue });
}
