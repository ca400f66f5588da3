// What became of each delivery event: numbered here, written by the main loop.
// Invariant: an event ends as exactly one of started, merged and refused, and its record has an id that no other event of the model has.
import { workflowInfo } from '@temporalio/workflow';
import type { Arrival, ArrivalOutcome } from '../../domain/data/arrivals';
import { isDay } from '../../domain/days';
import type { Notice } from '../../domain/lifecycle/lifecycle-state';
import { nowOf, type Entity } from './entity';

/** A delivery as its event names it. */
export type DeliveryEvent = Pick<Arrival, 'source' | 'table' | 'partition' | 'sha256'>;

type ArrivalNotice = Extract<Notice, { type: 'arrival' }>;

/** Longest reason kept, in characters: enough for a sentence of a check. */
const MOST_REASON = 500;

/** Notes the end of an event; `work` is the workflow that it led to or was merged into. */
export function recordArrival(
  entity: Entity,
  event: DeliveryEvent,
  outcome: ArrivalOutcome,
  reason: string,
  work: string | null,
): void {
  const { state } = entity;
  state.arrivals++;
  const { source, table, partition, sha256 } = event;
  state.notices.push({
    type: 'arrival',
    // An entity that is started afresh counts from one again, under another first run.
    id: `${workflowInfo().firstExecutionRunId}/${state.arrivals}`,
    ...{ source, table, partition, sha256, outcome, work },
    reason: reason.slice(0, MOST_REASON),
    asOf: nowOf(entity),
  });
}

/** The open ingest of a partition, which the same delivery is merged into; null: it is queued, or has ended. */
export function openIngestOf({ model, state }: Entity, { table, partition }: DeliveryEvent): string | null {
  const prefix = `ingestPartition/${model}/${table}/${partition}/`;
  return state.open.find(({ id }) => id.startsWith(prefix))?.id ?? null;
}

/** What can be read of a message that may be malformed. */
export function eventOf(source: Arrival['source'], message: unknown): DeliveryEvent {
  const fields = (typeof message === 'object' && message !== null ? message : {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === 'string' && value.length > 0 && value.length <= 200 ? value : null;
  };
  const partition = text('partition');
  return {
    source,
    table: text('table'),
    partition: partition && isDay(partition) ? partition : null,
    sha256: text('sha256'),
  };
}

/** The records at the head of what is to be written: they are written together. */
export function leadingArrivals(notices: readonly Notice[]): ArrivalNotice[] {
  const end = notices.findIndex(({ type }) => type !== 'arrival');
  return notices.slice(0, end < 0 ? notices.length : end) as ArrivalNotice[];
}
