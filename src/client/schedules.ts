// The five Schedules of a model. They hold no logic: each starts the `tick` workflow, which hands its scheduled instant to the lifecycle.
import {
  ScheduleNotFoundError,
  type Client,
  type ScheduleOptions,
  type ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { Clock } from '../domain/lifecycle/lifecycle';
import { SCHEDULE_KINDS, scheduleId, TASK_QUEUES, tickId, type TickKind } from '../domain/ids';
import type { ModelPlan } from '../domain/plan/plan';
import { translated } from './failures';

/**
 * What happens to a tick that is due while the one before is still being handed over. A tick lasts well under a second, so this decides only
 * after an outage, and for `temporal schedule backfill` when no policy is given.
 * - ingest, score, monitor: every day counts, and later days build on earlier ones: all, one after the other, in order.
 * - retrain: one cycle sees all data up to its instant, so of many missed ones the next is enough.
 * - retention: a clean-up that was missed is made good by any later one.
 */
const OVERLAP: Readonly<Record<TickKind, ScheduleOverlapPolicy>> = {
  ingest: 'BUFFER_ALL',
  score: 'BUFFER_ALL',
  monitor: 'BUFFER_ALL',
  retrain: 'BUFFER_ONE',
  retention: 'SKIP',
};

/** After an outage of up to this long, missed ticks are made up for; older ones are a decision for a person (`temporal schedule backfill`). */
const CATCH_UP_WINDOW = '7 days';
/** Many models with the same cron do not start in the same second; the scheduled instant itself, our logical time, is not moved. */
const JITTER = '30 seconds';

/** When a Schedule will next be due. */
export interface ScheduleTimes {
  readonly kind: TickKind;
  readonly id: string;
  readonly paused: boolean;
  /** ISO instants, the nearest first; at most three. */
  readonly next: readonly string[];
}

/** The Schedules of models. Every method fails with TEMPORAL_UNAVAILABLE when there is no server. */
export interface ScheduleClient {
  /**
   * Makes the five Schedules of a plan or brings them up to date. New ones are paused on a simulated clock: its ticks are sent or backfilled by
   * hand. Whether an existing one is paused stays as it is. Returns the kinds that are new.
   */
  apply(plan: ModelPlan, clock: Clock): Promise<TickKind[]>;
  pause(model: string, note: string): Promise<void>;
  unpause(model: string, note: string): Promise<void>;
  /** Fails with MODEL_NOT_DEPLOYED when there are none. */
  describe(model: string): Promise<ScheduleTimes[]>;
}

/** The Schedules of models over one Temporal client. */
export function createScheduleClient(client: Client): ScheduleClient {
  const handle = (model: string, kind: TickKind) => client.schedule.getHandle(scheduleId(model, kind));

  async function applyOne(plan: ModelPlan, clock: Clock, kind: TickKind): Promise<boolean> {
    const options = scheduleOptions(plan, kind);
    try {
      await handle(plan.name, kind).update((current) => ({ ...options, state: { ...current.state } }));
      return false;
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
    const note = clock === 'simulated' ? 'Simulated clock: ticks are sent or backfilled.' : '';
    await client.schedule.create({ ...options, state: { paused: clock === 'simulated', note } });
    return true;
  }

  return {
    apply: (plan, clock) =>
      translated(plan.name, async () => {
        const created: TickKind[] = [];
        for (const kind of SCHEDULE_KINDS) if (await applyOne(plan, clock, kind)) created.push(kind);
        return created;
      }),
    pause: (model, note) =>
      translated(
        model,
        async () => void (await Promise.all(SCHEDULE_KINDS.map((kind) => handle(model, kind).pause(note)))),
      ),
    unpause: (model, note) =>
      translated(
        model,
        async () => void (await Promise.all(SCHEDULE_KINDS.map((kind) => handle(model, kind).unpause(note)))),
      ),
    describe: (model) =>
      translated(model, () =>
        Promise.all(
          SCHEDULE_KINDS.map(async (kind) => {
            const { state, info } = await handle(model, kind).describe();
            const next = info.nextActionTimes.slice(0, 3).map((time) => time.toISOString());
            return { kind, id: scheduleId(model, kind), paused: state.paused, next };
          }),
        ),
      ),
  };
}

/** One Schedule with every policy written out, so that nothing depends on a server's defaults. */
export function scheduleOptions(plan: ModelPlan, kind: TickKind): ScheduleOptions {
  return {
    scheduleId: scheduleId(plan.name, kind),
    spec: { cronExpressions: [plan.schedules[kind]], timezone: plan.timeZone, jitter: JITTER },
    action: {
      type: 'startWorkflow',
      workflowType: 'tick',
      // The Schedule adds the scheduled instant to this id.
      workflowId: tickId(plan.name, kind),
      taskQueue: TASK_QUEUES.control,
      args: [{ model: plan.name, kind }],
      staticSummary: `${kind} tick of the model ${plan.name}`,
    },
    // A failed tick must not stop the days after it, which is what a pause would do until a person came.
    policies: { overlap: OVERLAP[kind], catchupWindow: CATCH_UP_WINDOW, pauseOnFailure: false },
  };
}
