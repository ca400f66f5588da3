// Fault: kill -9 of the Python training worker in the middle of a training. The supervisor starts it again, Temporal tries the training again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelPlan } from '../../../src/domain/plan/plan';
import { trainingOf } from '../story/training';
import type { World } from '../stage/world';

/** What was seen of it. */
export interface KilledTraining {
  readonly cycle: string;
  readonly contender: string;
  readonly pid: number;
  readonly iterationWhenKilled: number;
  readonly attempt: number;
  readonly attemptAfter: number;
  /** From the kill to the start of the next attempt. */
  readonly resumedAfterSeconds: number;
}

const TRAINER = 'trainer-python';
const POLL_MS = 40;
const GIVE_UP_MS = 120_000;

/** The contender that is trained in Python. */
export function pythonContender(plan: ModelPlan): string | null {
  return Object.entries(plan.contenders).find(([, { trainer }]) => trainer !== 'logistic')?.[0] ?? null;
}

/** Waits for the cycle's training, kills its worker, and waits for the next attempt; null when the training was over before. */
export async function killTraining(world: World, cycle: string): Promise<KilledTraining | null> {
  const contender = pythonContender(world.plan);
  const pid = world.stack.pids()[TRAINER];
  if (contender === null || pid === undefined) return null;
  const deadline = performance.now() + GIVE_UP_MS;
  let hit: { readonly attempt: number; readonly iteration: number; readonly atMs: number } | null = null;
  while (performance.now() < deadline) {
    const training = await trainingOf(world.temporal, cycle, contender);
    if (training === 'over') return null;
    if (training !== 'none' && training.started) {
      if (hit === null && (training.progress?.iteration ?? 0) > 0) {
        process.kill(pid, 'SIGKILL');
        hit = { attempt: training.attempt, iteration: training.progress!.iteration, atMs: Date.now() };
      } else if (hit && training.attempt > hit.attempt) {
        return {
          cycle,
          contender,
          pid,
          iterationWhenKilled: hit.iteration,
          attempt: hit.attempt,
          attemptAfter: training.attempt,
          resumedAfterSeconds: (training.startedAtMs - hit.atMs) / 1000,
        };
      }
    }
    await sleep(POLL_MS);
  }
  return null;
}
