// One trial of a search, from what it is told to how it ended; a failure is one of its ends, because the next trial may do better.
import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { TrainRequest } from '../../domain/training/training';
import type { Params, TrialOutcome } from '../../domain/training/tuning';
import type { StudyContext } from '../../ports/activities';
import { describeFailure } from '../failure';
import { waitingForSpace } from '../full-store';
import { data, tryOn } from '../proxies';

/** Fails only when it is cancelled, or when what it has to know cannot be had. */
export async function tryTrial(
  queue: string,
  trial: StudyContext & { readonly number: number; readonly request: TrainRequest },
): Promise<TrialOutcome> {
  const asked = await waitingForSpace(() => data.prepareTrial(trial));
  try {
    return await waitingForSpace(() => tryOn(queue).runTrial(asked));
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { state: 'failed', params: triedBy(error), ...describeFailure(error) };
  }
}

/** The worker says what it tried with what went wrong. */
function triedBy(error: unknown): Params | null {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const details: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  const params = typeof details === 'object' && details !== null && 'params' in details ? details.params : null;
  return typeof params === 'object' && params !== null && Object.keys(params).length > 0 ? (params as Params) : null;
}
