// Partitions that are due and have not come: looked for at intervals and told of once, by timers, so that waiting costs no worker.
// On a simulated clock nothing elapses by itself: what is due by the instant of the next request is looked for before that request.
import { isCancellation } from '@temporalio/workflow';
import type { ExpectedPartition } from '../../domain/data/arrivals';
import type { IsoTimestamp } from '../../domain/days';
import type { DuePartition } from '../../domain/lifecycle/lifecycle';
import type { PollResult } from '../../ports/activities';
import { data } from '../proxies';
import { recordArrival } from './arrivals';
import { accept, alertLater, later, nowMs, nowOf, type Entity } from './entity';

/** So many are remembered (the state stays small), and so many are looked for at once. */
const KEEP_EXPECTED = 100;
const POLLED_AT_ONCE = 100;
const NO_RULE = { deadlineMs: 0, pollMs: 300_000 };

const same = (one: { table: string; partition: string }, other: { table: string; partition: string }): boolean =>
  one.table === other.table && one.partition === other.partition;

/** From now on the partition is waited for. `look`: when its source is looked at first; default: after its table's interval. */
export function expectPartition(entity: Entity, due: DuePartition, look?: IsoTimestamp): void {
  const { state } = entity;
  const { table, partition } = due;
  if (state.expected.some((known) => same(known, due))) return;
  const { deadlineMs, pollMs } = state.settings?.arrival[table] ?? NO_RULE;
  const deadline = later(due.availableAt, deadlineMs);
  const nextPoll = look ?? later(nowOf(entity), pollMs);
  state.expected.push({ table, partition, deadline, nextPoll, pollMs, alerted: false });
  state.expected.sort((a, b) => compare(a.deadline, b.deadline));
  if (state.expected.length > KEEP_EXPECTED) {
    // The oldest one is told of at the latest now, then forgotten: an ingest or a cycle finds it missing again.
    const dropped = state.expected.shift()!;
    if (!dropped.alerted) alertMissing(entity, dropped);
  }
}

export function expectNoMore({ state }: Entity, arrived: { table: string; partition: string }): void {
  state.expected = state.expected.filter((known) => !same(known, arrived));
}

/** Tells of what is late, once. What is about to be looked for is told of only when it was not found. */
export function tellLate(entity: Entity): void {
  const { state } = entity;
  const now = nowOf(entity);
  if (!state.expected.some((each) => isLate(each, now))) return;
  state.expected = state.expected.map((each) => {
    if (!isLate(each, now)) return each;
    alertMissing(entity, each);
    return { ...each, alerted: true };
  });
}

function isLate({ alerted, deadline, nextPoll, refused }: ExpectedPartition, now: IsoTimestamp): boolean {
  return !alerted && refused === undefined && deadline <= now && nextPoll > now;
}

function alertMissing(entity: Entity, { table, partition, deadline }: ExpectedPartition): void {
  alertLater(entity, {
    key: `source-missing/${entity.model}/${table}/${partition}`,
    severity: 'warning',
    event: 'source.missing',
    what: `nothing was delivered for ${table}/${partition}`,
    why: `the partition was due by ${deadline} and its source has no rows for it or does not answer; it is still looked for, and ingested when it comes`,
    command: `npx understudy ingest ${entity.model} --table ${table} --partition ${partition} --file <file>`,
  });
}

/** What is to be looked for by an instant, the longest waiting first. */
export function duePolls({ state }: Entity, by: IsoTimestamp): ExpectedPartition[] {
  if (state.paused || state.definitionDigest === null) return [];
  return state.expected
    .filter(({ nextPoll }) => nextPoll <= by)
    .sort((a, b) => compare(a.nextPoll, b.nextPoll))
    .slice(0, POLLED_AT_ONCE);
}

/** Milliseconds until something here is due, on a wall clock; undefined: nothing will be by itself. */
export function expectedDueMs(entity: Entity): number | undefined {
  const { state, clock } = entity;
  if (clock === 'simulated') return undefined;
  const now = nowMs(entity);
  const times = state.expected.flatMap(({ nextPoll, deadline, alerted, refused }) => [
    ...(state.paused || (entity.polling && Date.parse(nextPoll) <= now) ? [] : [Date.parse(nextPoll)]),
    ...(alerted || refused !== undefined || deadline > nextPoll ? [] : [Date.parse(deadline)].filter((at) => at > now)),
  ]);
  return times.length === 0 ? undefined : Math.max(1, Math.min(...times) - now);
}

/** Looks for partitions; what is found is queued like any other delivery. Never fails: what cannot be looked for now is looked for later. */
export async function poll(entity: Entity, due: readonly ExpectedPartition[], asOf: IsoTimestamp): Promise<void> {
  const { state, model } = entity;
  const partitions = due.map(({ table, partition }) => ({ table, partition }));
  let result: PollResult = { found: [], stored: [], refused: [] };
  entity.polling = true;
  try {
    result = await data.pollDeliveries({ model, definitionDigest: state.definitionDigest!, asOf, partitions });
  } catch (error) {
    if (isCancellation(error)) throw error;
  } finally {
    entity.polling = false;
  }
  const news = result.found.filter(({ judged }) => judged === undefined);
  for (const found of [...news, ...result.stored]) expectNoMore(entity, found);
  for (const { table, partition } of news) {
    const nextPoll = due.find((each) => same(each, { table, partition }))?.nextPoll ?? asOf;
    accept(entity, {
      type: 'ingest',
      id: `poll/${table}/${partition}/${nextPoll}`,
      asOf: entity.clock === 'wall' ? nowOf(entity) : nextPoll,
      ingest: { table, partition },
      source: 'poll',
    });
  }
  for (const refused of result.refused) tellUnreadable(entity, refused);
  for (const found of result.found) if (found.judged) stillRejected(state, found);
  const from = entity.clock === 'wall' ? nowOf(entity) : asOf;
  state.expected = state.expected.map((each) =>
    due.some((looked) => same(looked, each)) ? { ...each, nextPoll: later(from, each.pollMs) } : each,
  );
  tellLate(entity);
}

/** Something lies there that cannot be read: refused and told of once for each reason; it may be replaced, so it is looked for again. */
function tellUnreadable(entity: Entity, { table, partition, reason }: PollResult['refused'][number]): void {
  const { state } = entity;
  const known = state.expected.find((each) => same(each, { table, partition }));
  if (!known || known.refused === reason) return;
  state.expected = state.expected.map((each) => (each === known ? { ...each, refused: reason } : each));
  recordArrival(entity, { source: 'poll', table, partition, sha256: null }, 'refused', reason, null);
  alertLater(entity, {
    key: `source-unreadable/${entity.model}/${table}/${partition}/${state.arrivals}`,
    severity: 'critical',
    event: 'source.unreadable',
    what: `what lies there for ${table} of ${partition} cannot be read`,
    why: reason,
    command: `npx understudy ingest ${entity.model} --table ${table} --partition ${partition} --file <corrected file>`,
  });
}

/** What lies there was rejected, and people were told: it is not missing, and it may be replaced. */
function stillRejected(state: Entity['state'], rejected: { table: string; partition: string }): void {
  const refused = 'the rows that lie there were rejected';
  state.expected = state.expected.map((each) => (same(each, rejected) ? { ...each, refused } : each));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
