// From a queued request to a running child. Children are started with ABANDON and a refused duplicate id: they outlive a run of the entity,
// and the same work is never started twice.
import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Day } from '../../domain/days';
import * as ids from '../../domain/ids';
import type { ChildKind, IngestMessage, LifecycleRequest, OpenWork, RetrainMessage } from '../../domain/lifecycle';
import type { StepContext } from '../../ports/activities';
import { control, data } from '../proxies';
import { alertLater, nowMs, nowOf, rememberCycle, type Entity } from './entity';

/** On a wall clock, which open work a request has to wait for; on a simulated one it waits for all. */
const WAITS_FOR: Readonly<Record<ChildKind, readonly ChildKind[]>> = {
  ingest: ['ingest', 'backfill'],
  backfill: ['ingest', 'backfill', 'retention'],
  score: ['score', 'ingest', 'backfill'],
  monitor: ['monitor', 'score', 'ingest'],
  cycle: ['cycle', 'ingest', 'backfill', 'retention'],
  rollout: ['rollout'],
  retention: ['retention', 'cycle', 'backfill', 'ingest', 'rollout'],
};
const KIND_OF_TICK: Readonly<Record<ids.TickKind, ChildKind>> = {
  ingest: 'ingest',
  score: 'score',
  retrain: 'cycle',
  monitor: 'monitor',
  retention: 'retention',
};

function kindOf(request: LifecycleRequest): ChildKind {
  if (request.type === 'tick') return KIND_OF_TICK[request.tick.kind];
  if (request.type === 'retrain') return 'cycle';
  return request.type === 'move' ? 'rollout' : request.type;
}

/** The first request that may run now: moves are held by nothing but another move and unfinished work before them. */
export function nextRunnable(entity: Entity): LifecycleRequest | undefined {
  const { state, clock } = entity;
  if (!state.loaded || state.definitionDigest === null) return undefined;
  const busy = (kind: ChildKind): boolean => state.open.some((work) => work.kind === kind);
  const moves = state.queue.find((request) => request.type === 'move');
  if (moves) return busy('rollout') || (clock === 'simulated' && unfinished(state) > 0) ? undefined : moves;
  if (state.paused) return undefined;
  const now = nowOf(entity);
  const twin = state.queue.find((request) => request.asOf <= now && hasOpenTwin(state, logicalTimeOf(request)));
  if (twin) return twin;
  if (clock === 'simulated') return state.open.length > 0 ? undefined : state.queue[0];
  return state.queue.find((request) => !WAITS_FOR[kindOf(request)].some(busy));
}

/** The logical time of a request for a cycle; undefined for others, and where it is still to be found out. */
function logicalTimeOf(request: LifecycleRequest): Day | undefined {
  if (request.type === 'retrain') return request.retrain.logicalTime;
  return request.type === 'tick' && request.tick.kind === 'retrain' ? request.tick.logicalTime : undefined;
}

/** Whether a cycle of this logical time and the definition in force is open: a request for another one merges with it, and waits for nothing. */
function hasOpenTwin(state: Entity['state'], logicalTime: Day | undefined): boolean {
  return state.cycles.some(
    (cycle) =>
      cycle.logicalTime === logicalTime &&
      cycle.definitionDigest === state.definitionDigest &&
      state.open.some((work) => work.id === cycle.id),
  );
}

/** Open work whose report has not come: a decision that waits for a move must not hold that move up. */
function unfinished({ open, outcomes }: Entity['state']): number {
  return open.filter((work) => !outcomes.some((outcome) => outcome.id === work.id)).length;
}

/** Starts what the request asks for, and only then takes it off the queue: an entity with work to do is never shown as idle. */
export async function start(entity: Entity, request: LifecycleRequest): Promise<void> {
  const { state } = entity;
  try {
    await startRequest(entity, request);
  } finally {
    state.queue = state.queue.filter((queued) => queued !== request);
  }
}

async function startRequest(entity: Entity, request: LifecycleRequest): Promise<void> {
  const { state } = entity;
  if (entity.clock === 'simulated' && (state.now === null || request.asOf > state.now)) state.now = request.asOf;
  const context: StepContext = { model: entity.model, definitionDigest: state.definitionDigest!, asOf: request.asOf };
  switch (request.type) {
    case 'tick':
      return startTick(entity, context, request);
    case 'retrain':
      return startCycle(entity, context, request.retrain);
    case 'ingest':
      return startIngest(entity, context, request.ingest, true);
    case 'backfill': {
      const { from, to, by } = request.backfill;
      const id = ids.backfillId(entity.model, from, to, request.id.slice('backfill/'.length));
      const tables = state.settings?.tables ?? [];
      return launch(entity, 'backfill', 'backfill', id, null, { ...context, from, to, by, tables });
    }
    case 'move': {
      const epoch = request.move.expectedEpoch + 1;
      const attempt = state.moveAttempts > 0 ? `/r${state.moveAttempts + 1}` : '';
      return launch(entity, 'rollout', 'rollout', `${ids.rolloutId(entity.model, epoch)}${attempt}`, null, {
        ...context,
        move: request.move,
      });
    }
  }
}

async function startTick(
  entity: Entity,
  context: StepContext,
  request: Extract<LifecycleRequest, { type: 'tick' }>,
): Promise<void> {
  const { model } = entity;
  const { kind, logicalTime: day } = request.tick;
  switch (kind) {
    case 'ingest':
      return startIngest(entity, context, { partition: day }, false);
    case 'score':
      return launch(entity, 'score', 'scorePartition', ids.scoreId(model, day, 1), day, { ...context, day });
    case 'monitor':
      return startMonitor(entity, context, day, lookOf(entity, request.id, day));
    case 'retrain':
      return startCycle(entity, context, { logicalTime: day, reason: 'schedule', by: 'schedule' });
    case 'retention':
      return launch(entity, 'retention', 'retention', ids.retentionId(model, day, 'tick'), day, context);
  }
}

/** 1 for the tick itself, then counted: looking at a day again is other work than the first look. */
function lookOf({ state }: Entity, id: string, day: Day): number {
  const again = state.handled.filter((handled) => handled.startsWith(`tick/monitor/${day}/`));
  return again.indexOf(id) + 2;
}

export async function startMonitor(entity: Entity, context: StepContext, day: Day, attempt: number): Promise<void> {
  const hold = entity.state.holdFallbackUntil;
  const holdFallback = hold !== null && nowMs(entity) < Date.parse(hold);
  return launch(entity, 'monitor', 'monitorModel', ids.monitorId(entity.model, day, attempt), day, {
    ...context,
    day,
    holdFallback,
    again: attempt > 1,
  });
}

async function startIngest(
  entity: Entity,
  context: StepContext,
  request: IngestMessage,
  exact: boolean,
): Promise<void> {
  const { found, missing } = await data.locateDeliveries({ ...context, request, exact });
  for (const what of missing) {
    alertLater(entity, {
      key: `source-missing/${entity.model}/${what}`,
      severity: 'warning',
      event: 'source.missing',
      what: `nothing was delivered for ${what}`,
      why: 'the partition is due and its source has no rows for it',
      command: `npx understudy ingest ${entity.model} --partition ${request.partition} --file <file>`,
    });
  }
  for (const delivery of found) {
    const id = ids.ingestId(entity.model, delivery.table, delivery.partition, delivery.sha256);
    await launch(entity, 'ingest', 'ingestPartition', id, delivery.partition, { ...context, delivery });
  }
}

/** Merges with an open cycle of the same logical time and definition; otherwise starts the next round. */
async function startCycle(entity: Entity, context: StepContext, request: RetrainMessage): Promise<void> {
  const { state, model } = entity;
  const logicalTime = request.logicalTime ?? (await control.localDayOf(context));
  if (hasOpenTwin(state, logicalTime)) return;
  const same = state.cycles.filter((cycle) => cycle.logicalTime === logicalTime);
  const round = Math.max(0, ...same.map((cycle) => cycle.round)) + 1;
  const id = ids.cycleId(model, logicalTime, round);
  rememberCycle(entity, { id, logicalTime, definitionDigest: context.definitionDigest, round });
  await launch(entity, 'cycle', 'trainingCycle', id, logicalTime, {
    ...context,
    cycle: id,
    logicalTime,
    reason: request.reason,
  });
}

async function launch<T extends StepContext>(
  entity: Entity,
  kind: ChildKind,
  type: string,
  id: string,
  logicalTime: Day | null,
  input: T,
): Promise<void> {
  const work: OpenWork = { kind, id, since: input.asOf, logicalTime, epoch: entity.state.epoch };
  entity.state.open.push(work);
  try {
    await startChild(type, {
      workflowId: id,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      staticSummary: `${kind} of ${entity.model}${logicalTime ? `, ${logicalTime}` : ''}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
      entity.state.open = entity.state.open.filter((open) => open !== work);
      throw error;
    }
    // Done before, or under way: the reconciliation reads its outcome where it cannot report any more.
    await reconcile(entity, [id]);
  }
}

/** Asks the server about open work that may have ended without a report. */
export async function reconcile({ state }: Entity, idsToAsk: readonly string[]): Promise<void> {
  const ended = await control.findEnded({ ids: idsToAsk });
  for (const { id, outcome } of ended) {
    const work = state.open.find((open) => open.id === id);
    const reported = state.outcomes.some((known) => known.id === id);
    if (work && !reported) state.outcomes.push({ kind: work.kind, id, outcome });
  }
}
