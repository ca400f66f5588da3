// The partitions that a cycle needs: ingests what is missing, and waits for what has not come, by timers that hold no worker.
// Invariant: only partitions of the window that are due as of the cycle's instant; a rejected one is missing until it is replaced.
import { ApplicationFailure, continueAsNew, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { FailureCode } from '../../domain/failures';
import type { CyclePlan } from '../../ports/activities';
import { control, data } from '../proxies';
import type { trainingCycle, TrainingCycleInput } from '../training-cycle';

const NAMED = 10;
const MISSING: FailureCode = 'PARTITION_MISSING';

/**
 * The cycle's plan once nothing is missing, or the plan's rule says to go on without it. `seen` is told each plan.
 * Fails with PARTITION_MISSING, naming tables and days, where the rule says so. On a simulated clock the wait has passed at once.
 */
export async function gatherPartitions(input: TrainingCycleInput, seen: (plan: CyclePlan) => void): Promise<CyclePlan> {
  const waitingSince = input.waitingSince ?? new Date(Date.now()).toISOString();
  let told = input.toldOfWaiting ?? false;
  for (;;) {
    const plan = await lookAndIngest(input);
    seen(plan);
    if (plan.missing.length === 0) return plan;
    const { waitForMs, everyMs, then } = plan.waiting;
    const leftMs = input.clock === 'simulated' ? 0 : Date.parse(waitingSince) + waitForMs - Date.now();
    if (leftMs <= 0) {
      if (then === 'go-on') return plan;
      if (then === 'fail') {
        const why = `the cycle of ${input.logicalTime} waited for its partitions; still missing: ${namesOf(plan)}`;
        throw ApplicationFailure.nonRetryable(why, MISSING);
      }
      if (!told) await tell(input, plan);
      told = true;
    }
    setCurrentDetails(`waiting since ${waitingSince} for ${namesOf(plan)}`);
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof trainingCycle>({ ...input, waitingSince, toldOfWaiting: told });
    await sleep(leftMs > 0 ? Math.min(everyMs, leftMs) : everyMs);
  }
}

/** What is there is ingested, also what was brought meanwhile; what is stored by other work is not missing any more. */
async function lookAndIngest(input: TrainingCycleInput): Promise<CyclePlan> {
  const plan = await data.planCycle(input);
  if (plan.missing.length === 0) return plan;
  await data.ingestMissing({ ...input, partitions: plan.missing });
  return data.planCycle(input);
}

async function tell(input: TrainingCycleInput, plan: CyclePlan): Promise<void> {
  await control.raiseAlert({
    key: `cycle-waiting/${input.model}/${input.cycle}`,
    model: input.model,
    severity: 'warning',
    event: 'cycle.waiting',
    what: `the cycle of ${input.logicalTime} waits for partitions beyond its deadline`,
    why: `missing: ${namesOf(plan)}`,
    command: `temporal workflow cancel --workflow-id ${input.cycle}`,
    asOf: input.asOf,
  });
}

/** By table, the first days of each. */
function namesOf({ missing }: CyclePlan): string {
  const shown = missing.slice(0, NAMED).map(({ table, partition }) => `${table}/${partition}`);
  return shown.join(', ') + (missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '');
}
