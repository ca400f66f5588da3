// The trainer `http`: starts a job at a job server, watches it, and brings its result in; its own queue, because it only waits.
// Invariant: a training has one job, by its key; attempts, workers and servers that die go on with it or say that it is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo, Context, getClient } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { failureCodeOf, UnderstudyError } from '../../domain/failures';
import type { TrainRequest, TrainResult } from '../../domain/training/training';
import type { JobSettings } from '../../domain/training/training-jobs';
import type { ArtifactStore } from '../../ports/artifacts';
import type { JobActivities, TrainActivities } from '../../ports/activities';
import type { Stores } from '../../ports/stores';
import type { OpenedJob, TrainingJobStore } from '../../ports/training-jobs';
import { createJobServer, type JobServer } from '../../training/jobs/job-server';
import { heartbeating } from '../boundary';
import { jobKey } from './job-key';
import { authHeaders, startMessage, type Surroundings } from './start-message';
import { watchJob } from './watch-job';

/** What trainings elsewhere need. */
export interface ElsewhereDependencies extends Surroundings {
  readonly stores: Pick<Stores, 'trainingJobs' | 'outbox' | 'transaction'>;
  readonly artifacts: ArtifactStore;
  /** Values of the variables `TRAINER_…` that plans name. */
  readonly trainerSecrets: Readonly<Record<string, string>>;
}

/** How long a cancelled job's server may take to hear of it, in milliseconds; the workflow asks again by `cancelJob`. */
const CANCEL_WITHIN_MS = 10_000;
const DATABASE_RETRY_MS = 1_000;

/** The activities of the queue `understudy-train-elsewhere`. */
export function createElsewhereActivities(dependencies: ElsewhereDependencies): TrainActivities & JobActivities {
  const { stores, artifacts, trainerSecrets } = dependencies;

  function reach(request: TrainRequest): { key: string; settings: JobSettings; server: JobServer } {
    const settings = request.job;
    if (request.trainer !== 'http' || !settings)
      throw new UnderstudyError(
        'TRAINING_FAILED',
        `This queue trains by jobs elsewhere only: found ${request.trainer}.`,
      );
    const key = jobKey(activityInfo().workflowExecution?.workflowId ?? '', request);
    return { key, settings, server: createJobServer(settings.url, authHeaders(settings, trainerSecrets)) };
  }

  async function train(
    request: TrainRequest,
    say: (details: unknown) => void,
    signal: AbortSignal,
  ): Promise<TrainResult> {
    const { key, settings, server } = reach(request);
    const { model, contender } = request;
    const { token, ageMs } = await opened(stores.trainingJobs, { key, model, contender }, signal);
    const start = startMessage(key, token, request, settings, dependencies);
    try {
      return await watchJob({ start, settings, ageMs, server, artifacts, stores, say, signal });
    } catch (error) {
      if (signal.aborted && (await isUnwanted(signal.reason)))
        await server.cancel(key, AbortSignal.timeout(CANCEL_WITHIN_MS)).catch(() => undefined);
      throw error;
    }
  }

  return {
    train: (request) => heartbeating((say, signal) => train(request, say, signal)),

    async cancelJob(request) {
      const { key, server } = reach(request);
      await server.cancel(key, Context.current().cancellationSignal);
    },
  };
}

/** A database that is away is waited for: attempts are few, and are for jobs that get lost. */
async function opened(
  jobs: TrainingJobStore,
  job: Parameters<TrainingJobStore['open']>[0],
  signal: AbortSignal,
): Promise<OpenedJob> {
  for (;;) {
    try {
      return await jobs.open(job);
    } catch (error) {
      if (failureCodeOf(error) !== 'DATABASE_UNAVAILABLE') throw error;
      await sleep(DATABASE_RETRY_MS, undefined, { signal });
    }
  }
}

/** A worker that ends, or an attempt that was given up, leaves the job to the next attempt; a workflow that has ended wants it no more. */
async function isUnwanted(reason: unknown): Promise<boolean> {
  const why = reason instanceof CancelledFailure ? reason.message : '';
  if (why === 'CANCELLED') return true;
  const { workflowExecution } = activityInfo();
  if (why !== 'NOT_FOUND' || !workflowExecution) return false;
  const { workflowId, runId } = workflowExecution;
  const found = await getClient()
    .workflow.getHandle(workflowId, runId)
    .describe()
    .catch(() => undefined);
  return found !== undefined && found.status.name !== 'RUNNING';
}
