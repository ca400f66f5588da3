// When each activity of a life was under way, read from the histories of its workflows: what actually happened, not what was planned.
import type { Client, WorkflowHandle } from '@temporalio/client';

/** One activity, from the moment it was asked for to its end; instants in milliseconds since 1970. */
export interface Interval {
  readonly activity: string;
  readonly workflowType: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly scheduledMs: number;
  /** Start of the last attempt. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Attempts that it took. */
  readonly attempts: number;
}

/** A workflow that belongs to a model, and when it ran; `closedMs` null: it is open. */
export interface WorkflowRun {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly startedMs: number;
  readonly closedMs: number | null;
  readonly events: number;
  readonly activities: readonly Interval[];
}

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** All workflows of a model, the first started first. */
export async function workflowsOf(client: Client, model: string): Promise<WorkflowRun[]> {
  const runs: WorkflowRun[] = [];
  for await (const found of client.workflow.list()) {
    if (!found.workflowId.split('/').includes(model)) continue;
    const { events } = await client.workflow.getHandle(found.workflowId, found.runId).fetchHistory();
    const list = events ?? [];
    runs.push({
      workflowId: found.workflowId,
      workflowType: found.type,
      startedMs: instantOf(list[0]),
      closedMs: found.closeTime?.getTime() ?? null,
      events: list.length,
      activities: intervalsOf(found.workflowId, found.type, list),
    });
  }
  return runs.sort((one, other) => one.startedMs - other.startedMs);
}

function intervalsOf(workflowId: string, workflowType: string, events: readonly HistoryEvent[]): Interval[] {
  const byId = new Map(events.map((event) => [String(event.eventId), event]));
  return events.flatMap((event) => {
    const closed =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes;
    if (!closed) return [];
    const scheduled = byId.get(String(closed.scheduledEventId));
    const started = byId.get(String(closed.startedEventId));
    const asked = scheduled?.activityTaskScheduledEventAttributes;
    return [
      {
        activity: asked?.activityType?.name ?? '',
        workflowType,
        workflowId,
        taskQueue: asked?.taskQueue?.name ?? '',
        scheduledMs: instantOf(scheduled),
        startedMs: instantOf(started),
        endedMs: instantOf(event),
        attempts: started?.activityTaskStartedEventAttributes?.attempt ?? 1,
      },
    ];
  });
}

function instantOf(event: HistoryEvent | undefined): number {
  const time = event?.eventTime;
  return time ? Number(time.seconds ?? 0) * 1000 + Number(time.nanos ?? 0) / 1e6 : NaN;
}
