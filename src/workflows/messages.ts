// Every message of the lifecycle, defined once: used by the workflow and by every client. The names are a public contract.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  Accepted,
  ApprovalSignal,
  BackfillMessage,
  ChildFinished,
  ConfigureMessage,
  DataArrivedSignal,
  DecideMessage,
  IngestMessage,
  LifecycleState,
  LifecycleStatus,
  PauseMessage,
  PromoteMessage,
  RetrainMessage,
  RollbackMessage,
  TickMessage,
} from '../domain/lifecycle';

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

export const approveSignal = defineSignal<[ApprovalSignal]>('approve');
export const rejectSignal = defineSignal<[ApprovalSignal]>('reject');
export const dataArrivedSignal = defineSignal<[DataArrivedSignal]>('dataArrived');
export const labelsArrivedSignal = defineSignal<[DataArrivedSignal]>('labelsArrived');
export const childFinishedSignal = defineSignal<[ChildFinished]>('childFinished');
/** Asks the entity to go on in a new run at its next safe point, for example after a deployment. */
export const continueAsNewSignal = defineSignal('continueAsNew');

export const statusQuery = defineQuery<LifecycleStatus>('status');
export const decisionsQuery = defineQuery<LifecycleState['decisions']>('decisions');

/** Progress of a backfill: partitions done of all, and what is running. */
export const progressQuery = defineQuery<{ done: number; of: number; doing: string }>('progress');
