// Reading failures in workflows: an activity's error arrives as an ActivityFailure whose cause carries our code.
import { ActivityFailure, ApplicationFailure, CancelledFailure, ChildWorkflowFailure } from '@temporalio/workflow';
import type { ChildOutcome } from '../domain/lifecycle/lifecycle';

/** The code and the sentence of a failure, however deep it is wrapped. */
export function describeFailure(error: unknown): { readonly code: string; readonly message: string } {
  let inner: unknown = error;
  while ((inner instanceof ActivityFailure || inner instanceof ChildWorkflowFailure) && inner.cause)
    inner = inner.cause;
  if (inner instanceof ApplicationFailure) return { code: inner.type ?? 'INTERNAL', message: inner.message };
  if (inner instanceof CancelledFailure)
    return { code: 'INTERNAL', message: 'it was cancelled, by a person or with its cycle' };
  if (inner instanceof Error) return { code: 'INTERNAL', message: `${inner.name}: ${inner.message}` };
  return { code: 'INTERNAL', message: String(inner) };
}

export function failedOutcome(error: unknown): ChildOutcome {
  return { type: 'failed', ...describeFailure(error) };
}
