// The job of a plan as a training is given it: durations read once, the interval chosen.
import { durationMs } from '../../definition/settings';
import type { JobPlan, JobSettings } from '../../domain/training/training-jobs';

/** A call-back may be lost, so a job is looked at all the same. */
const POLL_EVERY = '5 s';
const POLL_EVERY_WITH_CALLBACK = '5 minutes';

/** @param queue - the queue at the job server. */
export function jobSettings(
  { url, auth, callback, pollEvery, timeLimit }: JobPlan,
  queue: string | undefined,
): JobSettings {
  return {
    ...{ url, callback },
    ...(auth ? { auth } : {}),
    ...(queue === undefined ? {} : { queue }),
    pollMs: durationMs(pollEvery ?? (callback ? POLL_EVERY_WITH_CALLBACK : POLL_EVERY)),
    timeLimitMs: durationMs(timeLimit),
  };
}
