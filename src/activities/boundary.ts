// The border between activities and Temporal: our failures become ApplicationFailures with their code as type, retried or not by the table.
import { activityInfo, ApplicationFailure, CompleteAsyncError, Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { FAILURES, UnderstudyError } from '../domain/failures';

type Activity = (input: never) => Promise<unknown>;

/** Wraps every activity of a set so that its failures carry their code. */
export function withFailureCodes<T extends { [K in keyof T]: Activity }>(activities: T): T {
  const wrapped = Object.entries<Activity>(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await activity(input);
      } catch (error) {
        throw asFailure(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}

function asFailure(thrown: unknown): Error {
  const error = isDiskFull(thrown) ? storeFull(thrown) : thrown;
  if (error instanceof UnderstudyError) {
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: !FAILURES[error.code].retryable,
      details: [error.details],
      cause: error,
    });
  }
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure || error instanceof CompleteAsyncError)
    return error;
  return error instanceof Error ? error : new Error(String(error));
}

const DISK_FULL = /no space left on device|disk quota exceeded/i;

/** Scratch files are written beside the artifacts by Node.js and by DuckDB, which say it in their own words; as a cause it may be wrapped. */
function isDiskFull(error: unknown): boolean {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof UnderstudyError && inner.code === 'STORE_FULL') return false;
    if (DISK_FULL.test(inner.message)) return true;
  }
  return false;
}

function storeFull(cause: unknown): UnderstudyError {
  const message = `The disk of the artifact store is full: ${(cause as Error).message}`;
  return new UnderstudyError('STORE_FULL', message, {}, { cause });
}

/** Heartbeats each second while `work` runs, with what it last said; a cancellation ends the wait at once and aborts the signal that work was given. */
export async function heartbeating<T>(
  work: (progress: (details: unknown) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  let details: unknown = { attempt: activityInfo().attempt };
  const timer = setInterval(() => context.heartbeat(details), 1000);
  const say = (next: unknown): void => {
    details = next;
    context.heartbeat(next);
  };
  say(details);
  try {
    return await Promise.race([work(say, context.cancellationSignal), context.cancelled]);
  } finally {
    clearInterval(timer);
  }
}
