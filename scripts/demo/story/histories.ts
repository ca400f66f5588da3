// What Temporal's own histories say about workflows of the product: why a cycle ran, how long it took, when an activity ended.
import type { Client } from '@temporalio/client';

/** One activity as a workflow's history has it. */
export interface PastActivity {
  readonly type: string;
  readonly completedAt: Date | null;
  /** Its decoded result; undefined while it has none. */
  readonly result: unknown;
}

/** Start and end of the newest run of a workflow. */
export interface PastRun {
  readonly startedAt: Date;
  readonly closedAt: Date | null;
  readonly status: string;
}

/** The newest run of a workflow; null when there is none. */
export async function pastRun(client: Client, workflowId: string): Promise<PastRun | null> {
  try {
    const { startTime, closeTime, status } = await client.workflow.getHandle(workflowId).describe();
    return { startedAt: startTime, closedAt: closeTime ?? null, status: status.name };
  } catch {
    return null;
  }
}

/** The first argument that a workflow was started with. */
export async function inputOf<T>(client: Client, workflowId: string): Promise<T> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return decoded(events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]) as T;
}

/** The activities of a workflow's newest run, in the order of their scheduling. */
export async function activitiesOf(client: Client, workflowId: string): Promise<PastActivity[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const found = new Map<string, PastActivity>();
  for (const event of events ?? []) {
    const type = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (type) found.set(String(event.eventId), { type, completedAt: null, result: undefined });
    const done = event.activityTaskCompletedEventAttributes;
    const scheduled = done && found.get(String(done.scheduledEventId));
    if (!scheduled) continue;
    const completedAt = new Date(Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6);
    found.set(String(done.scheduledEventId), {
      ...scheduled,
      completedAt,
      result: decoded(done.result?.payloads?.[0]),
    });
  }
  return [...found.values()];
}

/** The product sends plain JSON only. */
export function decoded(payload: { readonly data?: Uint8Array | null } | undefined): unknown {
  return payload?.data ? JSON.parse(Buffer.from(payload.data).toString('utf8')) : undefined;
}
