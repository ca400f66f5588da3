// Every message of the lifecycle, defined once: used by the workflow and by every client. The names are a public contract.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BackfillProgress, BackfillResult } from '../domain/data/backfill';
import type {
  Accepted,
  ApprovalSignal,
  BackfillMessage,
  ChildFinished,
  ConfigureMessage,
  DataArrivedSignal,
  DecideMessage,
  IngestMessage,
  LifecycleStatus,
  PauseMessage,
  PromoteMessage,
  QuarantineMessage,
  RetrainMessage,
  RollbackMessage,
  TickMessage,
} from '../domain/lifecycle/lifecycle';
import type { LifecycleState } from '../domain/lifecycle/lifecycle-state';
import type { TuningProgress } from '../domain/training/tuning';

export const tickUpdate = defineUpdate<Accepted, [TickMessage]>('tick');
export const retrainUpdate = defineUpdate<Accepted, [RetrainMessage]>('retrain');
export const ingestUpdate = defineUpdate<Accepted, [IngestMessage]>('ingest');
export const backfillUpdate = defineUpdate<Accepted, [BackfillMessage]>('backfill');
export const decideUpdate = defineUpdate<Accepted, [DecideMessage]>('decide');
export const promoteUpdate = defineUpdate<Accepted, [PromoteMessage]>('promote');
export const rollbackUpdate = defineUpdate<Accepted, [RollbackMessage]>('rollback');
export const pauseUpdate = defineUpdate<Accepted, [PauseMessage?]>('pause');
export const resumeUpdate = defineUpdate<Accepted, [PauseMessage?]>('resume');
export const configureUpdate = defineUpdate<Accepted, [ConfigureMessage]>('configure');
export const quarantineUpdate = defineUpdate<Accepted, [QuarantineMessage]>('quarantine');

export const approveSignal = defineSignal<[ApprovalSignal]>('approve');
export const rejectSignal = defineSignal<[ApprovalSignal]>('reject');
export const dataArrivedSignal = defineSignal<[DataArrivedSignal]>('dataArrived');
export const labelsArrivedSignal = defineSignal<[DataArrivedSignal]>('labelsArrived');
export const childFinishedSignal = defineSignal<[ChildFinished]>('childFinished');
/** Asks the entity to go on in a new run at its next safe point, for example after a deployment. */
export const continueAsNewSignal = defineSignal('continueAsNew');

export const statusQuery = defineQuery<LifecycleStatus>('status');
export const decisionsQuery = defineQuery<LifecycleState['decisions']>('decisions');

/** Of the workflow type `backfill`: how far it has come, and what became of the last partitions. */
export const progressQuery = defineQuery<BackfillProgress>('progress');
export const resultsQuery = defineQuery<readonly BackfillResult[]>('results');
/** Running steps end; the next ones wait. */
export const pauseBackfillSignal = defineSignal('pauseBackfill');
export const resumeBackfillSignal = defineSignal('resumeBackfill');

/** Of the workflow type `tuneModel`: how many trials are done, and the best so far. */
export const tuningProgressQuery = defineQuery<TuningProgress>('progress');
/** Ends the search with the best so far; trials that run are given up. */
export const stopTuningSignal = defineSignal('stopTuning');

/** Of the workflow types `experiment` and `reproduceVersion`: what they are doing, in one sentence. */
export const doingQuery = defineQuery<{ readonly doing: string }>('progress');
