// Waits until a lifecycle has done everything that it was asked for, and decides what waits for a person on the way.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LifecycleStatus } from '../../../src/domain/lifecycle/lifecycle';
import { MODEL, OPERATOR, type World } from '../stage/world';

/** How often the state is looked at while work is open. Its end is waited for, so a longer pause costs no time, and each look costs queries. */
const LOOK_MS = 500;
/** The least pause between two looks: one piece of work has ended, and the next has not begun. */
const LEAST_MS = 20;
/** Nothing in the demo takes so long without any change that can be seen; then something is broken. */
const STUCK_AFTER_MS = 180_000;

/** Resolves with the status once nothing is queued or open. Fails when nothing changes for three minutes. */
export async function untilQuiet(world: World, onStatus?: (status: LifecycleStatus) => void): Promise<LifecycleStatus> {
  let seen = '';
  let changedAt = performance.now();
  const ended = endsOf(world);
  for (;;) {
    const status = await world.lifecycles.status(MODEL);
    if (status.queued === 0 && status.open.length === 0) return status;
    onStatus?.(status);
    const shown = JSON.stringify({ ...status, runs: null });
    if (shown !== seen) changedAt = performance.now();
    seen = shown;
    if (performance.now() - changedAt > STUCK_AFTER_MS) {
      throw new Error(`the lifecycle did nothing for ${STUCK_AFTER_MS / 1000} s: ${shown}`);
    }
    await Promise.race([Promise.all([sleep(LEAST_MS), ...status.open.map(({ id }) => ended(id))]), sleep(LOOK_MS)]);
  }
}

/** Resolves when a workflow has ended, whatever its end; asked again meanwhile it is the same wait. */
function endsOf({ temporal }: World): (id: string) => Promise<void> {
  const waits = new Map<string, Promise<void>>();
  return (id) => {
    const known = waits.get(id);
    if (known) return known;
    // Work may be started again under its id: that is another wait.
    const forget = (): void => void waits.delete(id);
    const ended = temporal.workflow.getHandle(id).result().then(forget, forget);
    waits.set(id, ended);
    return ended;
  };
}

/** Approves whatever is pending, as an approver does on the command line, until nothing is. Gives how many proposals were approved. */
export async function approvePending(world: World): Promise<number> {
  let approved = 0;
  for (let status = await untilQuiet(world); status.approval; status = await untilQuiet(world)) {
    const { digest, version, contender, kind } = status.approval;
    const comment = `${kind} to ${contender}: the numbers are convincing`;
    await world.cli('approve', MODEL, '--digest', digest, '--by', OPERATOR, '--comment', comment);
    world.screen.note(`${status.now?.slice(0, 10)}: approved the ${kind} to version ${version} (${contender})`);
    approved++;
  }
  return approved;
}
