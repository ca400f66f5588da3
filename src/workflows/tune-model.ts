// Searches for a contender's parameters: trials side by side, each told of those before it; ends with the best by budget, time or a person.
// Invariant: a trial that has ended is kept before anything else happens; after a crash, a stop or a new run only running trials are lost.
import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { SnapshotRef } from '../domain/data/partitions';
import type { TrainRequest } from '../domain/training/training';
import type { StudyStanding, TuningProgress, TuningResult, TuningSettings } from '../domain/training/tuning';
import type { CycleContext } from '../ports/activities';
import { continueAsNewSignal, stopTuningSignal, tuningProgressQuery } from './messages';
import { data } from './proxies';
import { tryTrial } from './tuning/try-trial';

export interface TuneInput extends CycleContext {
  readonly contender: string;
  readonly queue: string;
  readonly snapshot: SnapshotRef;
  /** The training as it would be without a search. */
  readonly request: TrainRequest;
  readonly tuning: TuningSettings;
  /** Carried by continue-as-new only: when the search began. */
  readonly startedAt?: number;
}

/** Trials of one run: its history stays below some 2,000 events. */
const TRIALS_PER_RUN = 120;
/** When so many have failed and none has succeeded, it is the definition that is wrong, not bad luck. */
const FAILURES_AT_MOST = 3;
const NOTHING: StudyStanding = { complete: 0, pruned: 0, failed: 0, best: null, failure: null };

export async function tuneModel(input: TuneInput): Promise<TuningResult> {
  const { model, tuning, request } = input;
  const startedAt = input.startedAt ?? Date.now();
  const search = new CancellationScope();
  const running = new Set<number>();
  let study: string | null = null;
  let standing = NOTHING;
  let ending: TuningProgress['ending'] = null;
  let goesOn = false;
  let left = TRIALS_PER_RUN;

  function end(why: NonNullable<typeof ending>): void {
    ending ??= why;
    search.cancel();
  }
  const progress = (): TuningProgress => ({
    ...standing,
    study,
    metric: tuning.metric,
    of: tuning.trials,
    running: [...running].sort((a, b) => a - b),
    startedAt: new Date(startedAt).toISOString(),
    endsBy: tuning.timeLimitMs === null ? null : new Date(startedAt + tuning.timeLimitMs).toISOString(),
    ending,
  });
  setHandler(tuningProgressQuery, progress);
  setHandler(stopTuningSignal, () => end('stopped'));
  setHandler(continueAsNewSignal, () => void (goesOn = true));

  const opened = await data.openStudy({ ...input, workflow: workflowInfo().workflowId });
  const context = { model, study: opened.study, tuning };
  study = opened.study;
  standing = opened.standing;
  const finished = new Set(opened.finished);
  const todo = Array.from({ length: tuning.trials }, (_, number) => number).filter((number) => !finished.has(number));

  const hasNoHope = (): boolean => standing.failed >= FAILURES_AT_MOST && standing.complete + standing.pruned === 0;
  const takesMore = (): boolean =>
    ending === null && !goesOn && left > 0 && !workflowInfo().continueAsNewSuggested && !hasNoHope();
  async function lane(): Promise<void> {
    for (let number = takesMore() ? todo.shift() : undefined; number !== undefined;) {
      left -= 1;
      running.add(number);
      setCurrentDetails(detailsOf(progress()));
      const outcome = await tryTrial(input.queue, { ...context, number, request });
      const told = { ...context, number, outcome };
      // What has ended is kept, whatever else ends now.
      standing = await CancellationScope.nonCancellable(() => data.recordTrial(told));
      running.delete(number);
      setCurrentDetails(detailsOf(progress()));
      number = takesMore() ? todo.shift() : undefined;
    }
  }

  const limit = new CancellationScope();
  const { timeLimitMs } = tuning;
  if (timeLimitMs !== null) {
    const remaining = Math.max(1, startedAt + timeLimitMs - Date.now());
    void limit
      .run(() => sleep(remaining))
      .then(
        () => end('time-limit'),
        () => undefined,
      );
  }
  try {
    await search.run(() => allEnded(Array.from({ length: tuning.parallel }, lane)));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    if (ending === null) {
      await CancellationScope.nonCancellable(() => data.closeStudy({ ...context, ended: 'cancelled' }));
      throw error;
    }
  } finally {
    limit.cancel();
  }
  if (ending === null && todo.length > 0 && !hasNoHope()) {
    await continueAsNew<typeof tuneModel>({ ...input, startedAt });
  }
  const ended = ending ?? (standing.best === null ? 'failed' : 'budget');
  running.clear();
  standing = await data.closeStudy({ ...context, ended });
  setCurrentDetails(detailsOf(progress()));
  return resultOf(opened.study, standing, ending !== null, request);
}

/** Also when one of them fails the others come to their end, so that what they have is kept. */
async function allEnded(lanes: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
  if (failed) throw failed.reason;
}

/** What the search found. Ended before there was a best one, it is what the contender would have been trained with. */
function resultOf(
  study: string,
  { best, failure }: StudyStanding,
  early: boolean,
  request: TrainRequest,
): TuningResult {
  if (best) return { study, ...best };
  if (early) return { study, trial: null, value: null, params: request.params };
  const why = failure ?? 'none was complete';
  throw ApplicationFailure.nonRetryable(`no trial of the study ${study} succeeded: ${why}`, 'TRAINING_FAILED');
}

function detailsOf({ complete, pruned, failed, of, running, best, metric, ending }: TuningProgress): string {
  const parts = [
    `${complete + pruned + failed} of ${of} trials done${pruned > 0 ? `, ${pruned} of them given up early` : ''}${failed > 0 ? `, ${failed} failed` : ''}`,
    ...(best ? [`best ${metric} ${best.value.toFixed(5)} (trial ${best.trial})`] : []),
    ...(running.length > 0 ? [`running ${running.join(', ')}`] : []),
    ...(ending ? [`ended: ${ending}`] : []),
  ];
  return parts.join('; ');
}
