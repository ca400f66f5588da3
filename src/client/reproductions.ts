// Asks for a version to be trained again, and waits for what comes of it.
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURES, UnderstudyError, type FailureCode } from '../domain/failures';
import { reproduceId, TASK_QUEUES } from '../domain/ids';
import type { Reproduction } from '../domain/training/reproduction';
import { translated } from './failures';

/** Trainings of versions that are there already. */
export interface ReproductionClient {
  /**
   * Takes as long as the training. With `repair` files of the version that are damaged or missing are put back, if the recorded bytes come out. Fails with VERSION_NOT_FOUND, VERSION_NOT_ALLOWED, ARTIFACT_MISSING, the codes of a training, and
   * TEMPORAL_UNAVAILABLE.
   */
  reproduce(
    model: string,
    version: number,
    asked?: { readonly repair: boolean; readonly by: string },
  ): Promise<Reproduction>;
}

/** As long as a training may take at most. */
const LONGEST = '12 hours';

/** The trainings over one Temporal client. */
export function createReproductionClient(client: Client): ReproductionClient {
  return {
    reproduce: (model, version, asked) =>
      translated(model, async () => {
        try {
          return (await client.workflow.execute('reproduceVersion', {
            workflowId: reproduceId(model, version, randomUUID()),
            taskQueue: TASK_QUEUES.control,
            workflowExecutionTimeout: LONGEST,
            staticSummary: `Trains ${model}@${version} again`,
            args: [{ model, version, ...asked }],
          })) as Reproduction;
        } catch (error) {
          throw failureOf(error) ?? error;
        }
      }),
  };
}

/** The failure of the table that ended the workflow. */
function failureOf(error: unknown): UnderstudyError | undefined {
  if (!(error instanceof WorkflowFailedError)) return undefined;
  for (let inner: unknown = error.cause; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof ApplicationFailure && inner.type && inner.type in FAILURES) {
      return new UnderstudyError(inner.type as FailureCode, inner.message, {}, { cause: error });
    }
  }
  return undefined;
}
