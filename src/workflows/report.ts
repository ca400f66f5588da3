// How a child of the lifecycle ends: it does its work, turns a failure into an alert, and tells the lifecycle by signal.
// Invariant: a child reports exactly once, to the entity's id without a run id, so that it also finds a parent that continued as new.
import { CancellationScope, getExternalWorkflowHandle, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import { lifecycleId } from '../domain/ids';
import type { ChildKind, ChildOutcome } from '../domain/lifecycle';
import type { StepContext } from '../ports/activities';
import { describeFailure, failedOutcome } from './failure';
import { childFinishedSignal } from './messages';
import { control } from './proxies';

/** Runs `work`; its outcome (or failure) is signalled to `lifecycle/<model>` and is also this workflow's result. */
export async function reportingTo(
  kind: ChildKind,
  context: StepContext,
  work: () => Promise<ChildOutcome>,
): Promise<ChildOutcome> {
  const id = workflowInfo().workflowId;
  let outcome: ChildOutcome;
  let cancelled: Error | undefined;
  try {
    outcome = await work();
  } catch (error) {
    if (isCancellation(error)) cancelled = error as Error;
    outcome = isCancellation(error)
      ? { type: 'failed', code: 'CANCELLED', message: 'cancelled by a person' }
      : failedOutcome(error);
  }
  await CancellationScope.nonCancellable(async () => {
    if (outcome.type === 'failed') await alertFailure(kind, context, id, outcome);
    try {
      await getExternalWorkflowHandle(lifecycleId(context.model)).signal(childFinishedSignal, { kind, id, outcome });
    } catch (error) {
      log.warn('child.report.undelivered', { why: describeFailure(error).message });
    }
  });
  if (cancelled) throw cancelled;
  return outcome;
}

async function alertFailure(
  kind: ChildKind,
  context: StepContext,
  id: string,
  failure: { code: string; message: string },
): Promise<void> {
  await control.raiseAlert({
    key: `work-failed/${context.model}/${id}`,
    model: context.model,
    severity: 'critical',
    event: 'work.failed',
    what: `${kind} did not succeed: ${id}`,
    why: `${failure.code}: ${failure.message}`,
    command: `npx understudy status ${context.model}`,
    asOf: context.asOf,
  });
}
