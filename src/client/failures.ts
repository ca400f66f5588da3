// Turns what Temporal's client throws into failures of the table, so that every caller sees our codes and sentences only.
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  QueryNotRegisteredError,
  ScheduleNotFoundError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURES, UnderstudyError, type FailureCode } from '../domain/failures';
import { TASK_QUEUES } from '../domain/ids';

const NO_ANSWER = `The lifecycle did not answer in time: is a worker of the task queue "${TASK_QUEUES.control}" running?`;

/** Runs a call to Temporal about a model; whatever it throws becomes an {@link UnderstudyError}. */
export async function translated<T>(model: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asUnderstudyError(model, error);
  }
}

function asUnderstudyError(model: string, error: unknown): UnderstudyError {
  if (error instanceof UnderstudyError) return error;
  if (error instanceof WorkflowUpdateFailedError) return refusalOf(error.cause, error);
  if (error instanceof WorkflowNotFoundError || error instanceof ScheduleNotFoundError) {
    return new UnderstudyError('MODEL_NOT_DEPLOYED', `"${model}" is not deployed.`, { model }, { cause: error });
  }
  // The message may have been delivered all the same; sending it again with its update id is safe.
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isDeadline(error)) {
    return new UnderstudyError('TEMPORAL_UNAVAILABLE', NO_ANSWER, { model }, { cause: error });
  }
  if (error instanceof QueryNotRegisteredError) {
    return new UnderstudyError(
      'INTERNAL',
      `The lifecycle of "${model}" does not know this query: ${error.message}`,
      { model },
      { cause: error },
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ServiceError || isGrpcServiceError(error)) {
    return new UnderstudyError(
      'TEMPORAL_UNAVAILABLE',
      `Temporal failed to answer: ${message}`,
      { model },
      { cause: error },
    );
  }
  return new UnderstudyError('INTERNAL', message, { model }, { cause: error });
}

function refusalOf(cause: Error | undefined, error: Error): UnderstudyError {
  const code =
    cause instanceof ApplicationFailure && cause.type && cause.type in FAILURES
      ? (cause.type as FailureCode)
      : 'INTERNAL';
  return new UnderstudyError(code, cause?.message ?? error.message, {}, { cause: error });
}

function isDeadline(error: unknown): boolean {
  return isGrpcDeadlineError(error) || (error instanceof ServiceError && isGrpcDeadlineError(error.cause));
}
