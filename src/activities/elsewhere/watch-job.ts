// One job from its start to its result: looked at in intervals, at once after a call-back, and patiently while its server is away.
import { setTimeout as sleep } from 'node:timers/promises';
import { UnderstudyError } from '../../domain/failures';
import type { TrainProgress, TrainRequest, TrainResult } from '../../domain/training/training';
import type { JobSettings, JobStart, JobStatus } from '../../domain/training/training-jobs';
import type { Stores } from '../../ports/stores';
import { collectResult } from '../../training/jobs/collect-result';
import type { JobServer } from '../../training/jobs/job-server';
import type { TrainingArtifacts } from '../../training/train-in-thread';

/** A job that is watched. */
export interface WatchedJob {
  readonly start: JobStart<Omit<TrainRequest, 'job'>>;
  readonly settings: JobSettings;
  /** Since the first start, in milliseconds. */
  readonly ageMs: number;
  readonly server: JobServer;
  readonly artifacts: TrainingArtifacts;
  readonly stores: Pick<Stores, 'trainingJobs' | 'outbox' | 'transaction'>;
  readonly say: (progress: TrainProgress) => void;
  readonly signal: AbortSignal;
}

/** How often it looks whether a call-back has come, in milliseconds. */
const CALL_LOOKED_FOR_MS = 500;
/** Waits after a server that did not answer: doubled from the first up to the longest, in milliseconds. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** People are told when a server has been away for so long, in milliseconds. */
const TOLD_AFTER_MS = 30_000;

/**
 * The job's result, with its artifacts in the store.
 * @throws UnderstudyError `TRAINING_FAILED` (the job failed, was cancelled there or took too long, or its server refuses), `TRAINER_CRASHED` (the
 * server has lost it: the next attempt starts it anew), and the store's codes. A server that is away is waited for.
 */
export async function watchJob(job: WatchedJob): Promise<TrainResult> {
  const { start, settings, server, stores, say, signal } = job;
  const { key } = start;
  const deadline = Date.now() + settings.timeLimitMs - job.ageMs;
  let started = false;
  let awaySince: number | undefined;
  let retryMs = FIRST_RETRY_MS;
  for (;;) {
    if (Date.now() > deadline) await giveUp(job, awaySince !== undefined);
    const calls = settings.callback ? await callsOf(stores, key) : 0;
    try {
      const status = started ? await server.look(key, signal) : await server.start(start, signal);
      if (status === 'lost') throw lost(settings.url, key);
      started = true;
      say(progressOf(status));
      const result = await resultOf(status, job);
      if (result) return result;
      awaySince = undefined;
      retryMs = FIRST_RETRY_MS;
      await untilNextLook(job, Math.min(settings.pollMs, deadline - Date.now()), calls);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UnderstudyError) || error.code !== 'TRAINER_UNAVAILABLE') throw error;
      awaySince ??= Date.now();
      say({ iteration: 0, of: 0, message: `waiting: ${error.message}` });
      if (Date.now() - awaySince > TOLD_AFTER_MS) await tell(job, error);
      await sleep(retryMs, undefined, { signal });
      retryMs = Math.min(LONGEST_RETRY_MS, 2 * retryMs);
    }
  }
}

async function resultOf(status: JobStatus, { start, settings, ...job }: WatchedJob): Promise<TrainResult | undefined> {
  const { key } = start;
  switch (status.state) {
    case 'queued':
    case 'running':
      return undefined;
    case 'failed':
      throw failed(settings.url, key, `has failed: ${status.error ?? 'it did not say why'}`);
    case 'cancelled':
      throw failed(settings.url, key, `was cancelled there${status.error ? `: ${status.error}` : ''}`);
    case 'succeeded':
      if (!status.result) throw failed(settings.url, key, 'has succeeded, but gives no result');
      job.say({ iteration: 0, of: 0, message: 'fetching the result' });
      return collectResult(status.result, { ...job, key });
  }
}

function progressOf({ state, progress }: JobStatus): TrainProgress {
  const { iteration = 0, of = 0, message = '' } = progress ?? {};
  return { iteration, of, message: `job ${state}${message === '' ? '' : `: ${message}`}` };
}

/** Until the interval is over or a call-back has come that this look had not seen. */
async function untilNextLook({ start, settings, stores, signal }: WatchedJob, ms: number, seen: number): Promise<void> {
  const until = Date.now() + ms;
  for (let left = ms; left > 0; left = until - Date.now()) {
    await sleep(settings.callback ? Math.min(CALL_LOOKED_FOR_MS, left) : left, undefined, { signal });
    if (settings.callback && (await callsOf(stores, start.key)) > seen) return;
  }
}

/** A database that is away delays the look, no more. */
async function callsOf(stores: WatchedJob['stores'], key: string): Promise<number> {
  return stores.trainingJobs.calls(key).catch(() => 0);
}

async function giveUp({ start, settings, server }: WatchedJob, isAway: boolean): Promise<never> {
  await server.cancel(start.key, AbortSignal.timeout(FIRST_RETRY_MS)).catch(() => undefined);
  const hours = Math.round(settings.timeLimitMs / 36_000) / 100;
  const why = `did not end within job.timeLimit, ${hours} h${isAway ? ', and its server does not answer' : ''}`;
  throw failed(settings.url, start.key, why);
}

async function tell({ start, stores }: WatchedJob, { message }: UnderstudyError): Promise<void> {
  const { model, contender } = start.request;
  await stores
    .transaction((tx) =>
      stores.outbox.add(tx, {
        key: `trainer-unavailable/${start.key}`,
        model,
        severity: 'warning',
        event: 'trainer.unavailable',
        what: `the training of contender ${contender} waits for its job server`,
        why: `TRAINER_UNAVAILABLE: ${message}`,
        command: '',
        asOf: new Date().toISOString(),
      }),
    )
    .catch(() => undefined);
}

function failed(url: string, key: string, why: string): UnderstudyError {
  return new UnderstudyError('TRAINING_FAILED', `The job ${key.slice(0, 12)} at ${url} ${why}.`, { url, key });
}

function lost(url: string, key: string): UnderstudyError {
  const message = `The job server at ${url} does not know the job ${key.slice(0, 12)} any more: it is lost, and is started anew.`;
  return new UnderstudyError('TRAINER_CRASHED', message, { url, key });
}
