// Lives with a kill: a process of the stack gets SIGKILL at a chosen step of one model's life, and the life must end as if nothing had happened.
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { backfillId, challengerId, cycleId, rolloutId } from '../../src/domain/ids';
import { effectsOf, problemsOf, type Effects } from './effects';
import { backfillRequest, liveOnce } from './life';
import { startAlertReceiver, type AlertReceiver } from './receiver';
import { openServices, type Services } from './services';
import { DAYS, makeSmallModel } from './small-model';
import { discard, makeHome, startStackProcess, type ProcessName, type StackProcess } from './stack-process';
import { workflowsOf, type Interval } from './timeline';

/** The steps of a life, in order. */
export const STEPS = ['ingest', 'featurize', 'snapshot', 'train', 'save', 'evaluate', 'decide', 'promote'] as const;
/** One of {@link STEPS}. */
export type Step = (typeof STEPS)[number];

/** Which process to kill, in which step, and how far into it: a share of the step's undisturbed time, from 0 to 1. */
export interface Kill {
  readonly process: ProcessName;
  readonly step: Step;
  readonly share: number;
}

/** What came of a kill. */
export interface KillResult extends Kill {
  readonly model: string;
  /** Activities of the model that were under way when the process died, as the histories say afterwards. */
  readonly hit: readonly string[];
  /** Length of the whole life, in seconds. */
  readonly seconds: number;
  /** From the kill to the end of the life, in seconds. */
  readonly secondsAfterKill: number;
  readonly problems: readonly string[];
}

/** A stack with its outside, and the effects of an undisturbed life on it. */
export interface ProvingGround {
  readonly stack: StackProcess;
  readonly services: Services;
  readonly receiver: AlertReceiver;
  /** Lives one life without a kill. */
  live(model: string): Promise<Effects>;
  /** Lives one life with kills in it. */
  liveThrough(model: string, undisturbed: Undisturbed, kill: Kill): Promise<KillResult>;
  close(): Promise<void>;
}

/** What an undisturbed life looks like. */
export interface Undisturbed {
  readonly effects: Effects;
  /** Undisturbed milliseconds of each step. */
  readonly stepMs: Readonly<Record<Step, number>>;
}

const LOOK_EVERY_MS = 5;
/** The state in which a worker has the activity, of Temporal's PendingActivityState. */
const STARTED = 2;

interface Where {
  readonly workflowId: string;
  readonly activity: string;
}

function whereIs(step: Step, model: string): Where {
  const cycle = cycleId(model, DAYS.cycle, 1);
  const trees = challengerId(cycle, 'trees');
  const backfill = backfillId(model, DAYS.from, DAYS.to, backfillRequest(model));
  const steps: Record<Step, Where> = {
    ingest: { workflowId: backfill, activity: 'ingestMissing' },
    featurize: { workflowId: backfill, activity: 'featurizeDays' },
    snapshot: { workflowId: cycle, activity: 'fixSnapshot' },
    train: { workflowId: trees, activity: 'train' },
    save: { workflowId: trees, activity: 'saveCandidate' },
    evaluate: { workflowId: trees, activity: 'evaluateVersion' },
    decide: { workflowId: cycle, activity: 'decideCycle' },
    promote: { workflowId: rolloutId(model, 1), activity: 'moveChampion' },
  };
  return steps[step];
}

/** Starts a stack in an empty home, with a receiver of its alerts; `variables` go to the stack beside the present ones. */
export async function openProvingGround(
  packageRoot: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<ProvingGround> {
  const home = makeHome();
  const models = join(home, 'models');
  const receiver = await startAlertReceiver();
  const environment = { UNDERSTUDY_MODELS: models, ALERT_WEBHOOK_URL: receiver.url, ...variables };
  const stack = await startStackProcess({ packageRoot, home, environment });
  const services = await openServices(stack.addresses());
  const live = async (model: string): Promise<Effects> => {
    await liveOnce(services, makeSmallModel(packageRoot, models, model));
    return effectsOf(services, receiver, model);
  };
  return {
    stack,
    services,
    receiver,
    live,
    async liveThrough(model, undisturbed, kill) {
      const startedMs = Date.now();
      const over = new AbortController();
      const killing = killWhenReached(services.client, stack, model, undisturbed, kill, over.signal);
      const effects = await live(model).finally(() => over.abort());
      const endedMs = Date.now();
      const killedMs = await killing;
      const problems = problemsOf(undisturbed.effects, effects);
      if (killedMs === null) problems.push(`${kill.process} was not killed: the life was over before`);
      const runs = await workflowsOf(services.client, model);
      const under = runs.flatMap(({ activities }) => activities).filter((interval) => spans(interval, killedMs));
      return {
        ...kill,
        model,
        hit: [...new Set(under.map(({ activity }) => activity))].sort(),
        seconds: (endedMs - startedMs) / 1000,
        secondsAfterKill: (endedMs - (killedMs ?? endedMs)) / 1000,
        problems,
      };
    },
    async close() {
      await services.close();
      await discard(stack);
      await receiver.close();
    },
  };
}

/** Lives once without a kill, to know what has to come out and how long each step takes. */
export async function liveUndisturbed(ground: ProvingGround, model: string): Promise<Undisturbed> {
  const effects = await ground.live(model);
  const runs = await workflowsOf(ground.services.client, model);
  const intervals = runs.flatMap(({ activities }) => activities);
  const lengthOf = (step: Step): number => {
    const { workflowId, activity } = whereIs(step, model);
    const own = intervals.filter((interval) => interval.workflowId === workflowId && interval.activity === activity);
    return Math.max(...own.map(({ endedMs }) => endedMs)) - Math.min(...own.map(({ startedMs }) => startedMs));
  };
  return { effects, stepMs: Object.fromEntries(STEPS.map((step) => [step, lengthOf(step)])) as Record<Step, number> };
}

function spans({ scheduledMs, endedMs }: Interval, instantMs: number | null): boolean {
  return instantMs !== null && scheduledMs <= instantMs && instantMs <= endedMs;
}

/** Waits until the step is under way (or over, when it was too short to be seen), then for the share of it, then kills. Gives the instant. */
async function killWhenReached(
  client: Client,
  stack: StackProcess,
  model: string,
  { stepMs }: Undisturbed,
  { process, step, share }: Kill,
  over: AbortSignal,
): Promise<number | null> {
  const { workflowId, activity } = whereIs(step, model);
  const seen = async (...wanted: readonly Sight[]): Promise<boolean> =>
    wanted.includes(await sightOf(client, workflowId, activity));
  while (!(await seen('under way', 'over'))) {
    if (over.aborted) return null;
    await pause(LOOK_EVERY_MS);
  }
  // Not longer than the step lasts this time: the machine may be less busy than it was for the undisturbed life.
  const dueMs = Date.now() + share * stepMs[step];
  while (Date.now() < dueMs && (await seen('under way'))) await pause(LOOK_EVERY_MS);
  // It may be dead for the moment, from an earlier kill.
  while (!stack.kill(process)) {
    if (over.aborted) return null;
    await pause(LOOK_EVERY_MS);
  }
  return Date.now();
}

type Sight = 'not yet' | 'under way' | 'over';

/** Whether a worker has the activity at the moment, or the workflow has ended. */
async function sightOf(client: Client, workflowId: string, activity: string): Promise<Sight> {
  try {
    const { raw, closeTime } = await client.workflow.getHandle(workflowId).describe();
    if (closeTime !== undefined) return 'over';
    const pending = raw.pendingActivities ?? [];
    const own = pending.some(({ activityType, state }) => activityType?.name === activity && Number(state) === STARTED);
    return own ? 'under way' : 'not yet';
  } catch {
    return 'not yet';
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
