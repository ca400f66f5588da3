// Brings the online features up to what was stored. Invariant: whatever becomes of that, the work before it counts as done.
import { isCancellation } from '@temporalio/workflow';
import type { StepContext } from '../ports/activities';
import { describeFailure } from './failure';
import { control, data } from './proxies';

/**
 * Publishes the newest days; a failure is an alert of its own, and the next score publishes again.
 * @param what - what was stored, for people; with the model it names the alert.
 * @param incomplete - also while the newest day lacks a partition that it may see by now.
 */
export async function refreshOnline(context: StepContext, what: string, incomplete: boolean): Promise<void> {
  const { model, definitionDigest, asOf } = context;
  try {
    await data.refreshOnline({ model, definitionDigest, asOf, incomplete });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = describeFailure(error);
    await control.raiseAlert({
      key: `online-failed/${model}/${what}`,
      model,
      severity: 'warning',
      event: 'online.failed',
      what: `online features could not be brought up to ${what}`,
      why: `${code}: ${message}`,
      command: `npx understudy status ${model}`,
      asOf,
    });
  }
}
