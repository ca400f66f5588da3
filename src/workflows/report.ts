// How a child of the lifecycle ends: it does its work, turns a failure into an alert, and tells the lifecycle by signal.
// Invariant: a child reports exactly once, to the entity's id without a run id, so that it also finds a parent that continued as new.
import {
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import { lifecycleId } from '../domain/ids';
import type { ChildFinished, ChildKind, ChildOutcome, DuePartition } from '../domain/lifecycle/lifecycle';
import type { StepContext } from '../ports/activities';
import { describeFailure, failedOutcome } from './failure';
import { childFinishedSignal } from './messages';
import { control } from './proxies';

/** Thrown by work that came to a clean end when it was cancelled: the outcome is reported, and the workflow ends as cancelled. */
export class EndedByCancellation extends CancelledFailure {
  constructor(readonly outcome: Extract<ChildOutcome, { type: 'done' }>) {
    super(outcome.note, [outcome]);
  }
}

/**
 * Runs `work`; its outcome (or failure) is signalled to `lifecycle/<model>` and is also this workflow's result. A new run of the workflow
 * reports nothing. `missing`: partitions that it found nothing for.
 */
export async function reportingTo(
  kind: ChildKind,
  context: StepContext,
  work: () => Promise<ChildOutcome>,
  missing: () => readonly DuePartition[] = () => [],
): Promise<ChildOutcome> {
  const id = workflowInfo().workflowId;
  let outcome: ChildOutcome;
  let cancelled: Error | undefined;
  try {
    outcome = await work();
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    if (isCancellation(error)) cancelled = error as Error;
    if (error instanceof EndedByCancellation) outcome = error.outcome;
    else
      outcome = isCancellation(error)
        ? { type: 'failed', code: 'CANCELLED', message: 'cancelled by a person' }
        : failedOutcome(error);
  }
  await CancellationScope.nonCancellable(async () => {
    if (outcome.type === 'failed') await alertFailure(kind, context, id, outcome);
    try {
      await getExternalWorkflowHandle(lifecycleId(context.model)).signal(
        childFinishedSignal,
        report(kind, id, outcome, missing()),
      );
    } catch (error) {
      log.warn('child.report.undelivered', { why: describeFailure(error).message });
    }
  });
  if (cancelled) throw cancelled;
  return outcome;
}

function report(kind: ChildKind, id: string, outcome: ChildOutcome, missing: readonly DuePartition[]): ChildFinished {
  return { kind, id, outcome, ...(missing.length > 0 ? { missing } : {}) };
}

async function alertFailure(
  kind: ChildKind,
  context: StepContext,
  id: string,
  failure: { code: string; message: string },
): Promise<void> {
  await control.raiseAlert({
    // Work that failed may be started again under its id: that is another failure.
    key: `work-failed/${context.model}/${id}/${workflowInfo().firstExecutionRunId}`,
    model: context.model,
    severity: 'critical',
    event: 'work.failed',
    what: `${kind} did not succeed: ${id}`,
    why: `${failure.code}: ${failure.message}`,
    command: `npx understudy status ${context.model}`,
    asOf: context.asOf,
  });
}
