// Every message of a lifecycle as a typed method. Repeating a call with the same update id is safe: the entity does a request once.
import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { BackfillProgress, BackfillResult } from '../domain/data/backfill';
import type {
  Accepted,
  ApprovalSignal,
  BackfillMessage,
  Clock,
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
import type { LifecycleInput, LifecycleState } from '../domain/lifecycle/lifecycle-state';
import { lifecycleId, TASK_QUEUES } from '../domain/ids';
import type { TuningProgress } from '../domain/training/tuning';
import * as messages from '../workflows/messages';
import { translated } from './failures';

/**
 * The messages of lifecycles. Every method fails with MODEL_NOT_DEPLOYED (no such entity), TEMPORAL_UNAVAILABLE (no server, or no worker that
 * answers within the client's time), or the code with which the entity refused, such as BAD_MESSAGE, PAUSED or EPOCH_CONFLICT.
 *
 * `updateId` names a request: the same id twice is the same request. Default: a new one.
 */
export interface LifecycleClient {
  /** Starts the entity when there is none. Default update id: `<kind>/<logicalTime>/<asOf>`. */
  tick(model: string, clock: Clock, message: TickMessage, updateId?: string): Promise<Accepted>;
  /** Starts the entity when there is none; `clock` counts only then. */
  configure(model: string, clock: Clock, message: ConfigureMessage, updateId?: string): Promise<Accepted>;
  retrain(model: string, message: RetrainMessage, updateId?: string): Promise<Accepted>;
  ingest(model: string, message: IngestMessage, updateId?: string): Promise<Accepted>;
  backfill(model: string, message: BackfillMessage, updateId?: string): Promise<Accepted>;
  decide(model: string, message: DecideMessage, updateId?: string): Promise<Accepted>;
  promote(model: string, message: PromoteMessage, updateId?: string): Promise<Accepted>;
  rollback(model: string, message: RollbackMessage, updateId?: string): Promise<Accepted>;
  /** Also fails with QUARANTINE_REFUSED, in the words of the database's check. */
  quarantine(model: string, message: QuarantineMessage, updateId?: string): Promise<Accepted>;
  pause(model: string, message?: PauseMessage, updateId?: string): Promise<Accepted>;
  resume(model: string, message?: PauseMessage, updateId?: string): Promise<Accepted>;
  /** Signals are accepted also while no worker runs; a bad one is recorded as refused in the status. */
  approve(model: string, message: ApprovalSignal): Promise<void>;
  reject(model: string, message: ApprovalSignal): Promise<void>;
  dataArrived(model: string, message: DataArrivedSignal): Promise<void>;
  labelsArrived(model: string, message: DataArrivedSignal): Promise<void>;
  continueAsNew(model: string): Promise<void>;
  status(model: string): Promise<LifecycleStatus>;
  /** The last decisions that the entity remembers; all of them are in the database. */
  decisions(model: string): Promise<LifecycleState['decisions']>;
  /** Progress of a running or ended backfill, by the id that `status` shows under `open`. */
  backfillProgress(model: string, workflowId: string): Promise<BackfillProgress>;
  /** What became of its last partitions, at most 500. */
  backfillResults(model: string, workflowId: string): Promise<readonly BackfillResult[]>;
  /** Running steps end; `cancel` ends the backfill after them, and a later one does what is missing then. */
  controlBackfill(model: string, workflowId: string, action: 'pause' | 'resume' | 'cancel'): Promise<void>;
  /** Progress of a running or ended search for parameters, by the workflow that its study names. */
  tuningProgress(model: string, workflowId: string): Promise<TuningProgress>;
  /** Ends a search with the best so far. */
  stopTuning(model: string, workflowId: string): Promise<void>;
}

/** How a lifecycle client waits. */
export interface LifecycleClientOptions {
  /** How long one call may take, in milliseconds. Default: 30000. */
  readonly timeoutMs?: number;
}

/** The messages of lifecycles over one Temporal client. */
export function createLifecycleClient(client: Client, options: LifecycleClientOptions = {}): LifecycleClient {
  const { timeoutMs = 30_000 } = options;
  const handle = (model: string) => client.workflow.getHandle(lifecycleId(model));
  /** Without a deadline an update waits for ever when no worker runs. */
  const call = <T>(model: string, work: () => Promise<T>): Promise<T> =>
    translated(model, () => client.withDeadline(Date.now() + timeoutMs, work));

  const update =
    <M>(definition: UpdateDefinition<Accepted, [M]>) =>
    (model: string, message: M, updateId: string = randomUUID()): Promise<Accepted> =>
      call(model, () => handle(model).executeUpdate(definition, { args: [message], updateId }));
  /** Pausing and resuming need no words; the definition's optional argument is always given. */
  const pausing = (definition: typeof messages.pauseUpdate) => {
    const send = update(definition as UpdateDefinition<Accepted, [PauseMessage]>);
    return (model: string, message: PauseMessage = {}, updateId?: string): Promise<Accepted> =>
      send(model, message, updateId);
  };
  const signal =
    <M>(definition: SignalDefinition<[M]>) =>
    (model: string, message: M): Promise<void> =>
      call(model, () => handle(model).signal(definition, message));
  const withStart = <M>(
    definition: UpdateDefinition<Accepted, [M]>,
    model: string,
    clock: Clock,
    message: M,
    updateId: string,
  ): Promise<Accepted> =>
    call(model, () =>
      client.workflow.executeUpdateWithStart(definition, {
        args: [message],
        updateId,
        startWorkflowOperation: new WithStartWorkflowOperation('modelLifecycle', {
          workflowId: lifecycleId(model),
          taskQueue: TASK_QUEUES.control,
          args: [{ model, clock } satisfies LifecycleInput],
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: `Lifecycle of the model ${model}`,
        }),
      }),
    );

  return {
    tick: (model, clock, message, updateId = tickUpdateId(message)) =>
      withStart(messages.tickUpdate, model, clock, message, updateId),
    configure: (model, clock, message, updateId = randomUUID()) =>
      withStart(messages.configureUpdate, model, clock, message, updateId),
    retrain: update(messages.retrainUpdate),
    ingest: update(messages.ingestUpdate),
    backfill: update(messages.backfillUpdate),
    decide: update(messages.decideUpdate),
    promote: update(messages.promoteUpdate),
    rollback: update(messages.rollbackUpdate),
    quarantine: update(messages.quarantineUpdate),
    pause: pausing(messages.pauseUpdate),
    resume: pausing(messages.resumeUpdate),
    approve: signal(messages.approveSignal),
    reject: signal(messages.rejectSignal),
    dataArrived: signal(messages.dataArrivedSignal),
    labelsArrived: signal(messages.labelsArrivedSignal),
    continueAsNew: (model) => call(model, () => handle(model).signal(messages.continueAsNewSignal)),
    status: (model) => call(model, () => handle(model).query(messages.statusQuery)),
    decisions: (model) => call(model, () => handle(model).query(messages.decisionsQuery)),
    backfillProgress: (model, workflowId) =>
      call(model, () => client.workflow.getHandle(workflowId).query(messages.progressQuery)),
    backfillResults: (model, workflowId) =>
      call(model, () => client.workflow.getHandle(workflowId).query(messages.resultsQuery)),
    tuningProgress: (model, workflowId) =>
      call(model, () => client.workflow.getHandle(workflowId).query(messages.tuningProgressQuery)),
    stopTuning: (model, workflowId) =>
      call(model, () => client.workflow.getHandle(workflowId).signal(messages.stopTuningSignal)),
    controlBackfill: (model, workflowId, action) =>
      call(model, async () => {
        const backfill = client.workflow.getHandle(workflowId);
        if (action === 'cancel') await backfill.cancel();
        else await backfill.signal(action === 'pause' ? messages.pauseBackfillSignal : messages.resumeBackfillSignal);
      }),
  };
}

/** The update id of a tick: the same scheduled instant is always the same request, also when its activity is tried again. */
export function tickUpdateId(message: TickMessage): string {
  return `${message.kind}/${message.logicalTime}/${message.asOf}`;
}
