// How a backfill goes forward: a few steps at once, held by a pause, ended by a cancellation once the running steps have ended.
import { CancellationScope, condition } from '@temporalio/workflow';
import type { Day } from '../../domain/days';

/** The data worker runs two engine tasks at once on two cores. */
const STEPS_AT_ONCE = 2;

export interface Pace {
  pause(): void;
  resume(): void;
  cancelled(): boolean;
  state(): 'running' | 'paused' | 'cancelling';
  /** Short work that a cancellation does not interrupt. */
  uncancelled<T>(work: () => Promise<T>): Promise<T>;
  /** Steps in order, at most {@link STEPS_AT_ONCE} under way. The first failure ends it once the running steps have ended. */
  inSteps(days: readonly Day[], daysPerStep: number, work: (days: Day[]) => Promise<void>): Promise<void>;
}

/** `paused`: whether it starts held. */
export function createPace(pausedAtStart: boolean): Pace {
  let paused = pausedAtStart;
  let cancelled = false;
  CancellationScope.current().cancelRequested.catch(() => {
    cancelled = true;
  });
  const uncancelled = <T>(work: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(work);

  return {
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    cancelled: () => cancelled,
    state: () => (cancelled ? 'cancelling' : paused ? 'paused' : 'running'),
    uncancelled,

    inSteps: (days, daysPerStep, work) =>
      uncancelled(async () => {
        let running = 0;
        let failure: { error: unknown } | undefined;
        const mayGoOn = (): boolean => cancelled || failure !== undefined || (!paused && running < STEPS_AT_ONCE);
        for (let at = 0; at < days.length; at += daysPerStep) {
          await condition(mayGoOn);
          if (cancelled || failure) break;
          running++;
          void work(days.slice(at, at + daysPerStep))
            .catch((error: unknown) => {
              failure ??= { error };
            })
            .finally(() => {
              running--;
            });
        }
        await condition(() => running === 0);
        if (failure) throw failure.error;
      }),
  };
}
