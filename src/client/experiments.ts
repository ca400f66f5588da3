// Starts experiments, looks at them and ends them. Starting one that runs already is joining it.
import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  defaultPayloadConverter,
  WorkflowExecutionAlreadyStartedError,
  type Payload,
} from '@temporalio/common';
import type { ExperimentMark, ExperimentResult, ExperimentStanding } from '../domain/evaluation/experiments';
import { FAILURES, UnderstudyError, type FailureCode } from '../domain/failures';
import { challengerId, TASK_QUEUES } from '../domain/ids';
import type { SnapshotRef } from '../domain/data/partitions';
import { translated } from './failures';

/** What an experiment is started with; the workflow `experiment` takes exactly this. */
export interface ExperimentStart {
  readonly model: string;
  /** Of the plan with the contender's settings. */
  readonly definitionDigest: string;
  readonly asOf: string;
  /** The workflow's id, by `experimentId`. */
  readonly cycle: string;
  readonly logicalTime: string;
  readonly contender: string;
  /** Task queue that trains. */
  readonly queue: string;
  readonly snapshot: SnapshotRef;
  readonly experiment: ExperimentMark;
  readonly championVersion: number | null;
}

/** Fails with TEMPORAL_UNAVAILABLE, and `result` with the code that the experiment failed with. */
export interface ExperimentClient {
  /** Starts it, or joins the one that runs. */
  start(input: ExperimentStart): Promise<void>;
  standing(input: Pick<ExperimentStart, 'model' | 'cycle' | 'contender'>): Promise<ExperimentStanding>;
  /** Waits for its end. */
  result(input: Pick<ExperimentStart, 'model' | 'cycle'>): Promise<ExperimentResult>;
  /** Asks it to end; false: none runs. */
  cancel(input: Pick<ExperimentStart, 'model' | 'cycle'>): Promise<boolean>;
}

/** Experiments over one Temporal client. */
export function createExperimentClient(client: Client): ExperimentClient {
  return {
    start: (input) =>
      translated(input.model, async () => {
        const options = {
          workflowId: input.cycle,
          taskQueue: TASK_QUEUES.control,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          // One that has ended well since it was looked for is not made a second time.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          staticSummary: `${input.model}: experiment with ${input.contender}`,
          staticDetails: input.experiment.settings.join('\n'),
        } as const;
        await client.workflow.start('experiment', options).catch((error: unknown) => {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        });
      }),

    standing: ({ model, cycle, contender }) =>
      translated(model, async () => {
        const { status } = await client.workflow.getHandle(cycle).describe();
        if (status.name !== 'RUNNING') return { state: 'ended', doing: status.name.toLowerCase() };
        return { state: 'running', doing: await doingOf(client, challengerId(cycle, contender)) };
      }),

    result: ({ model, cycle }) =>
      translated(model, async () => {
        try {
          return (await client.workflow.getHandle(cycle).result()) as ExperimentResult;
        } catch (error) {
          throw error instanceof WorkflowFailedError ? failureOf(cycle, error) : error;
        }
      }),

    cancel: ({ model, cycle }) =>
      translated(model, async () => {
        const handle = client.workflow.getHandle(cycle);
        const runs = await handle.describe().then(
          ({ status }) => status.name === 'RUNNING',
          (error: unknown) => {
            if (error instanceof WorkflowNotFoundError) return false;
            throw error;
          },
        );
        if (runs) await handle.cancel();
        return runs;
      }),
  };
}

/** What a person reads of each step. */
const IN_WORDS: Readonly<Record<string, string>> = {
  prepareTraining: 'preparing the training rows',
  train: 'training',
  saveCandidate: 'checking the model and saving it',
  evaluateVersion: 'evaluating it',
  explainVersion: 'explaining it',
};

/** What the first activity under way says by its last heartbeat. */
async function doingOf(client: Client, workflowId: string): Promise<string> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    const [activity] = raw.pendingActivities ?? [];
    if (!activity) return 'waiting for its next step, or searching for parameters';
    const [said] = (activity.heartbeatDetails?.payloads ?? []).map((payload: Payload): unknown =>
      defaultPayloadConverter.fromPayload(payload),
    );
    const { iteration, of } = (said ?? {}) as { iteration?: number; of?: number };
    const type = activity.activityType?.name ?? '';
    const name = IN_WORDS[type] ?? 'working';
    return typeof of === 'number' && of > 0 ? `${name}: iteration ${iteration} of ${of}` : name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'starting';
    throw error;
  }
}

/** The failure of the table under the layers that Temporal puts round it. */
function failureOf(cycle: string, error: WorkflowFailedError): UnderstudyError {
  let inner: unknown = error.cause;
  while ((inner instanceof ActivityFailure || inner instanceof ChildWorkflowFailure) && inner.cause)
    inner = inner.cause;
  if (inner instanceof CancelledFailure)
    return new UnderstudyError('INTERRUPTED', `${cycle} was cancelled`, { cycle }, { cause: error });
  const type = inner instanceof ApplicationFailure ? inner.type : undefined;
  const code: FailureCode = type && type in FAILURES ? (type as FailureCode) : 'INTERNAL';
  const message = inner instanceof Error ? inner.message : error.message;
  return new UnderstudyError(code, message, { cycle }, { cause: error });
}
