// From a delivery event to the ingest of what was delivered: each event ends as started, merged or refused.
import { isCancellation } from '@temporalio/workflow';
import type { ArrivalSource } from '../../domain/data/arrivals';
import * as ids from '../../domain/ids';
import type { DuePartition, IngestMessage } from '../../domain/lifecycle/lifecycle';
import type { Delivery, StepContext } from '../../ports/activities';
import { describeFailure } from '../failure';
import { data } from '../proxies';
import { openIngestOf, recordArrival, type DeliveryEvent } from './arrivals';
import { accept, alertLater, nowOf, type Entity } from './entity';
import { expectNoMore, expectPartition } from './expected';
import { launch } from './launching';

/** Why something is to be ingested. */
export interface IngestCause {
  readonly source: ArrivalSource;
  readonly ingest: IngestMessage;
  /** The quarantine rule that was released: the partition's newest delivery is checked again, as work of its own. */
  readonly released?: string;
}

interface Located {
  readonly found: readonly Delivery[];
  readonly missing: readonly DuePartition[];
}

/** Finds and starts what was delivered. Fails, after the event was recorded as refused, where people have to be told. */
export async function startIngest(entity: Entity, context: StepContext, cause: IngestCause): Promise<void> {
  const { source, ingest } = cause;
  const { table = null, partition, sha256 = null } = ingest;
  const event: DeliveryEvent = { source, table, partition, sha256 };
  let located: Located;
  try {
    located = await locate(context, cause);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = describeFailure(error);
    recordArrival(entity, event, 'refused', `${code}: ${message}`, null);
    // Rows are sent to us while their day is going on; the tick after it ingests them.
    if (source === 'push' && code === 'NOT_AVAILABLE_YET') return;
    throw error;
  }
  entity.launching = true;
  try {
    await startLocated(entity, context, cause, located);
  } finally {
    entity.launching = false;
  }
}

async function startLocated(entity: Entity, context: StepContext, cause: IngestCause, located: Located): Promise<void> {
  const { source, ingest } = cause;
  const { table = null, partition, sha256 = null } = ingest;
  const event: DeliveryEvent = { source, table, partition, sha256 };
  const news = located.found.filter(({ judged }) => judged === undefined);
  for (const delivery of located.found) if (delivery.judged) mergeKnown(entity, cause, delivery);
  const [now, afterwards] = inSteps(entity, news);
  for (const delivery of now) await startDelivery(entity, context, cause, delivery);
  for (const delivery of afterwards) startLater(entity, context, source, delivery);
  // What is damaged is looked at again at once, by itself, to say why.
  for (const due of located.missing) expectPartition(entity, due, due.unreadable ? nowOf(entity) : undefined);
  if (located.found.length === 0 && source !== 'tick') {
    const names = located.missing.map((due) => `${due.table}/${due.partition}`).join(', ');
    recordArrival(entity, event, 'refused', names ? `nothing was delivered for ${names}` : nothingFor(cause), null);
  }
}

/** Rows that refer to another table are checked against its partition of the same delivery, so that one comes first. */
function inSteps(
  { state }: Entity,
  found: readonly Delivery[],
): [now: readonly Delivery[], afterwards: readonly Delivery[]] {
  const steps = state.settings?.ingestSteps ?? [];
  const stepOf = ({ table }: Delivery): number => steps.findIndex((step) => step.includes(table));
  const first = Math.min(...found.map(stepOf));
  return [found.filter((each) => stepOf(each) === first), found.filter((each) => stepOf(each) !== first)];
}

/** Queued: an ingest waits for those that are open. Its event ends when it starts. */
function startLater(entity: Entity, { asOf }: StepContext, source: ArrivalSource, delivery: Delivery): void {
  const { table, partition, sha256, follows } = delivery;
  const id = `${source}/${table}/${partition}/${sha256.slice(0, 16)}/${follows}`;
  const accepted = accept(entity, { type: 'ingest', id, asOf, ingest: { table, partition }, source });
  // Told before, and not judged yet: it is queued, or its ingest failed, and then whoever tells of it again starts it again.
  if (accepted.duplicate) {
    const event = { source, table, partition, sha256 };
    recordArrival(entity, event, 'merged', `the same request as ${id}`, openIngestOf(entity, event));
  }
  expectNoMore(entity, delivery);
}

/** The newest judged delivery again, under the same terms. */
function mergeKnown(entity: Entity, { source, ingest }: IngestCause, delivery: Delivery): void {
  const { table, partition, sha256, judged } = delivery;
  const event = { source, table, partition, sha256: ingest.sha256 ?? sha256 };
  const reason =
    judged === 'accepted'
      ? 'the same rows were delivered before'
      : 'the same rows were rejected before; they are checked again once the contract or what they are compared with has changed';
  recordArrival(entity, event, 'merged', reason, ids.ingestId(entity.model, table, partition, sha256));
  expectNoMore(entity, delivery);
}

async function locate(context: StepContext, { source, ingest, released }: IngestCause): Promise<Located> {
  if (released !== undefined && ingest.table !== undefined) {
    const { table, partition } = ingest;
    const newest = await data.newestDelivery({ ...context, table, partition });
    if (newest) return { found: [newest], missing: [] };
  }
  return data.locateDeliveries({ ...context, request: ingest, exact: source !== 'tick' || ingest.table !== undefined });
}

async function startDelivery(
  entity: Entity,
  context: StepContext,
  { source, ingest, released }: IngestCause,
  delivery: Delivery,
): Promise<void> {
  const { table, partition, sha256 } = delivery;
  const first = ids.ingestId(entity.model, table, partition, sha256);
  const id = released === undefined ? first : `${first}/released/${released}`;
  const event = { source, table, partition, sha256: ingest.sha256 ?? sha256 };
  try {
    const launched = await launch(entity, 'ingest', 'ingestPartition', id, partition, { ...context, delivery });
    const reason = launched === 'started' ? `from ${delivery.uri}` : 'the same delivery is being ingested';
    recordArrival(entity, event, launched, reason, id);
    expectNoMore(entity, delivery);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = describeFailure(error);
    recordArrival(entity, event, 'refused', `${code}: ${message}`, null);
    alertLater(entity, {
      key: `work-failed/${entity.model}/${id}`,
      severity: 'critical',
      event: 'work.failed',
      what: `${id} could not be started`,
      why: `${code}: ${message}`,
      command: `npx understudy status ${entity.model}`,
    });
  }
}

function nothingFor({ ingest }: IngestCause): string {
  return `nothing to ingest: ${ingest.partition} is before the first day of the data, or no table's partition of it is available yet`;
}
