// Workflows that do nothing but wait for nothing: what is left is the cost of orchestration.
import { executeChild, proxyActivities } from '@temporalio/workflow';

const { noop } = proxyActivities<{ noop(): Promise<void> }>({ startToCloseTimeout: '1 minute' });

/** Runs activities one after the other; gives the milliseconds by the workflow's own clock. */
export async function sequentialActivities(count: number): Promise<number> {
  const startedAt = Date.now();
  for (let at = 0; at < count; at++) await noop();
  return Date.now() - startedAt;
}

/** Runs child workflows one after the other; gives the milliseconds by the workflow's own clock. */
export async function sequentialChildren(count: number): Promise<number> {
  const startedAt = Date.now();
  for (let at = 0; at < count; at++) await executeChild(emptyChild);
  return Date.now() - startedAt;
}

export async function emptyChild(): Promise<void> {
  return;
}
