// A training that runs at this moment, as `temporal workflow describe` shows it: its attempt and its last heartbeat.
import type { Client } from '@temporalio/client';
import { challengerId } from '../../../src/domain/ids';
import { decoded } from './histories';

/** The `train` activity of a contender. */
export interface RunningTraining {
  readonly attempt: number;
  readonly started: boolean;
  readonly startedAtMs: number;
  /** Progress of the last heartbeat; null before the first one. */
  readonly progress: { readonly iteration: number; readonly of: number } | null;
}

/** `none`: not begun yet; `over`: the contender's workflow has ended, or is past its training. */
export type TrainingState = RunningTraining | 'none' | 'over';

/** Temporal's number of an activity that a worker has taken. */
const STARTED = 2;

/** Looks at the training of one contender of a cycle. */
export async function trainingOf(client: Client, cycle: string, contender: string): Promise<TrainingState> {
  const description = await client.workflow
    .getHandle(challengerId(cycle, contender))
    .describe()
    .catch(() => null);
  if (!description) return 'none';
  if (description.status.name !== 'RUNNING') return 'over';
  const activity = description.raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'train');
  if (!activity) return 'none';
  return {
    attempt: activity.attempt ?? 1,
    started: Number(activity.state) === STARTED,
    startedAtMs: Number(activity.lastStartedTime?.seconds ?? 0) * 1000 + (activity.lastStartedTime?.nanos ?? 0) / 1e6,
    progress: (decoded(activity.heartbeatDetails?.payloads?.[0]) as RunningTraining['progress'] | undefined) ?? null,
  };
}

/** What trains at this moment, in words; null: nothing. */
export async function trainingShown(
  client: Client,
  cycle: string,
  contenders: readonly string[],
): Promise<string | null> {
  const states = await Promise.all(contenders.map((name) => trainingOf(client, cycle, name)));
  const shown = states.flatMap((state, index) =>
    typeof state === 'string' || !state.started
      ? []
      : [
          `${contenders[index]}${state.progress?.of ? `, iteration ${state.progress.iteration} of ${state.progress.of}` : ''}`,
        ],
  );
  return shown.length > 0 ? `training ${shown.join(' and ')}` : null;
}
