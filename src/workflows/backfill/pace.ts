// How a backfill goes forward: in lanes of steps, held by a pause, ended by a cancellation or a failure once the running steps have ended.
import { CancellationScope, condition } from '@temporalio/workflow';
import type { Day } from '../../domain/days';

export interface Pace {
  pause(): void;
  resume(): void;
  cancelled(): boolean;
  /** Nothing new is to begin: it was cancelled, or a step has failed. */
  ending(): boolean;
  state(): 'running' | 'paused' | 'cancelling';
  /** Short work that a cancellation does not interrupt. */
  uncancelled<T>(work: () => Promise<T>): Promise<T>;
  /** Waits, also while it is paused, until something holds or nothing new is to begin. */
  until(holds: () => boolean): Promise<void>;
  /** Steps of so many days in order, at most `atOnce` under way; ends when the running ones have ended. */
  inSteps(
    days: readonly Day[],
    options: { readonly daysPerStep: number; readonly atOnce: number },
    work: (days: Day[]) => Promise<void>,
  ): Promise<void>;
  /** Lanes of steps side by side. Throws the first failure of a step once the running steps of all lanes have ended. */
  together(lanes: readonly (() => Promise<void>)[]): Promise<void>;
}

/** `paused`: whether it starts held. */
export function createPace(pausedAtStart: boolean): Pace {
  let paused = pausedAtStart;
  let cancelled = false;
  let failure: { readonly error: unknown } | undefined;
  CancellationScope.current().cancelRequested.catch(() => {
    cancelled = true;
  });
  const uncancelled = <T>(work: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(work);
  const ending = (): boolean => cancelled || failure !== undefined;
  const failing = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      failure ??= { error };
    });
  const until = (holds: () => boolean): Promise<void> => condition(() => ending() || (!paused && holds()));

  return {
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    cancelled: () => cancelled,
    ending,
    state: () => (cancelled ? 'cancelling' : paused ? 'paused' : 'running'),
    uncancelled,
    until,

    async inSteps(days, { daysPerStep, atOnce }, work) {
      let running = 0;
      for (let at = 0; at < days.length; at += daysPerStep) {
        await until(() => running < atOnce);
        if (ending()) break;
        running++;
        void failing(work(days.slice(at, at + daysPerStep))).finally(() => {
          running--;
        });
      }
      await condition(() => running === 0);
    },

    together: (lanes) =>
      uncancelled(async () => {
        await Promise.all(lanes.map((lane) => failing(lane())));
        if (failure) throw failure.error;
      }),
  };
}
