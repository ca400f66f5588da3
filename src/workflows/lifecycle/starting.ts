// From a queued request to running children: what has to wait for what, and what each request starts.
import type { Day } from '../../domain/days';
import * as ids from '../../domain/ids';
import type { ChildKind, RetrainMessage } from '../../domain/lifecycle/lifecycle';
import type { LifecycleRequest } from '../../domain/lifecycle/lifecycle-state';
import type { StepContext } from '../../ports/activities';
import { control } from '../proxies';
import { nowMs, nowOf, rememberCycle, rememberEnd, type Entity } from './entity';
import { startIngest } from './ingesting';
import { launch, type Launched } from './launching';

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

/** The kind of work that a request leads to. */
export function kindOf(request: LifecycleRequest): ChildKind {
  if (request.type === 'tick') return KIND_OF_TICK[request.tick.kind];
  if (request.type === 'retrain') return 'cycle';
  return request.type === 'move' ? 'rollout' : request.type;
}

/** The first request that may run now: moves are held by nothing but another move and unfinished work before them. */
export function nextRunnable(entity: Entity): LifecycleRequest | undefined {
  const { state, clock } = entity;
  if (!state.loaded || state.definitionDigest === null) return undefined;
  const busy = (kind: ChildKind): boolean =>
    state.open.some((work) => work.kind === kind) || (kind === 'ingest' && entity.locating !== null);
  const moves = state.queue.find((request) => request.type === 'move');
  if (moves) return busy('rollout') || (clock === 'simulated' && unfinished(state) > 0) ? undefined : moves;
  if (state.paused) return undefined;
  const now = nowOf(entity);
  const twin = state.queue.find((request) => request.asOf <= now && hasOpenTwin(state, logicalTimeOf(request)));
  if (twin) return twin;
  if (clock === 'simulated') return state.open.length > 0 ? undefined : state.queue[0];
  return state.queue.find((request) => !WAITS_FOR[kindOf(request)].some(busy));
}

/** Whether a request looks for delivered rows first, which may take as long as fetching a file of many gigabytes. */
export function looksForRows(request: LifecycleRequest): boolean {
  return kindOf(request) === 'ingest';
}

/** The logical time of a request for a cycle; undefined for others, and where it is still to be found out. */
function logicalTimeOf(request: LifecycleRequest): Day | undefined {
  if (request.type === 'retrain') return request.retrain.logicalTime;
  return request.type === 'tick' && request.tick.kind === 'retrain' ? request.tick.logicalTime : undefined;
}

/** Whether a cycle of this logical time and the definition in force is open: a request for another one merges with it, and waits for nothing. */
function hasOpenTwin(state: Entity['state'], logicalTime: Day | undefined): boolean {
  return openTwin(state, logicalTime) !== undefined;
}

type Cycle = Entity['state']['cycles'][number];

function openTwin(state: Entity['state'], logicalTime: Day | undefined): Cycle | undefined {
  return twinsOf(state, logicalTime).find((cycle) => state.open.some((work) => work.id === cycle.id));
}

function twinsOf({ cycles, definitionDigest }: Entity['state'], logicalTime: Day | undefined): Cycle[] {
  return cycles.filter((cycle) => cycle.logicalTime === logicalTime && cycle.definitionDigest === definitionDigest);
}

/** What the sender of a request for a cycle should know before it starts: that there is one of this logical time and definition. */
export function noteOnCycle({ state }: Entity, logicalTime: Day | undefined): string | undefined {
  if (logicalTime === undefined) return undefined;
  const running = openTwin(state, logicalTime);
  if (running) return `a cycle of ${logicalTime} is running: ${running.id}; this request is one with it`;
  const decided = twinsOf(state, logicalTime).find(({ id }) => state.decisions.some(({ cycle }) => cycle === id));
  if (!decided) return undefined;
  return `that cycle exists already: ${decided.id}; unless newer data came since, this one will merge with it: deploy a changed definition, or give another day`;
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
  if (entity.clock === 'simulated' && request.asOf > nowOf(entity)) state.now = request.asOf;
  const context: StepContext = { model: entity.model, definitionDigest: state.definitionDigest!, asOf: request.asOf };
  switch (request.type) {
    case 'tick':
      return startTick(entity, context, request);
    case 'retrain':
      return startCycle(entity, context, request.retrain, request.id);
    case 'ingest':
      return startIngest(entity, context, request);
    case 'backfill': {
      const { from, to, by } = request.backfill;
      const id = ids.backfillId(entity.model, from, to, request.id.slice('backfill/'.length));
      const tables = state.settings?.tables ?? [];
      await launch(entity, 'backfill', 'backfill', id, null, { ...context, from, to, by, tables }, request.id);
      return;
    }
    case 'move': {
      const epoch = request.move.expectedEpoch + 1;
      const attempt = state.moveAttempts > 0 ? `/r${state.moveAttempts + 1}` : '';
      await launch(entity, 'rollout', 'rollout', `${ids.rolloutId(entity.model, epoch)}${attempt}`, null, {
        ...context,
        move: request.move,
      });
      return;
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
      return startIngest(entity, context, { source: 'tick', ingest: { partition: day } });
    case 'score':
      await launch(entity, 'score', 'scorePartition', ids.scoreId(model, day, 1), day, { ...context, day });
      return;
    case 'monitor':
      if (request.id === `tick/monitor/${day}`) await startMonitor(entity, context, day, 1);
      else await startAnotherLook(entity, context, day);
      return;
    case 'retrain':
      return startCycle(entity, context, { logicalTime: day, reason: 'schedule', by: 'schedule' });
    case 'retention':
      await launch(entity, 'retention', 'retention', ids.retentionId(model, day, 'tick'), day, context);
      return;
  }
}

/** Looking at a day again is other work than the first look. An entity that was started afresh passes over what was started before it. */
async function startAnotherLook(entity: Entity, context: StepContext, day: Day): Promise<void> {
  const { state } = entity;
  while ((await startMonitor(entity, context, day, 1 + ++state.looks)) === 'merged');
}

async function startMonitor(entity: Entity, context: StepContext, day: Day, attempt: number): Promise<Launched> {
  const hold = entity.state.holdFallbackUntil;
  const holdFallback = hold !== null && nowMs(entity) < Date.parse(hold);
  return launch(entity, 'monitor', 'monitorModel', ids.monitorId(entity.model, day, attempt), day, {
    ...context,
    day,
    holdFallback,
    again: attempt > 1,
  });
}

/** Merges with an open cycle of the same logical time and definition; otherwise starts the next round. */
async function startCycle(
  entity: Entity,
  context: StepContext,
  request: RetrainMessage,
  requestId?: string,
): Promise<void> {
  const { state, model } = entity;
  const logicalTime = request.logicalTime ?? (await control.localDayOf(context));
  const twin = openTwin(state, logicalTime);
  if (twin) return rememberTwin(entity, twin, requestId);
  const same = state.cycles.filter((cycle) => cycle.logicalTime === logicalTime);
  const round = Math.max(0, ...same.map((cycle) => cycle.round)) + 1;
  const id = ids.cycleId(model, logicalTime, round);
  rememberCycle(entity, { id, logicalTime, definitionDigest: context.definitionDigest, round });
  await launch(
    entity,
    'cycle',
    'trainingCycle',
    id,
    logicalTime,
    {
      ...context,
      cycle: id,
      logicalTime,
      reason: request.reason,
      clock: entity.clock,
    },
    requestId,
  );
}

/** A request that came to nothing of its own ends here, for whoever asked for it. */
function rememberTwin(entity: Entity, twin: Cycle, request: string | undefined): void {
  rememberEnd(entity, {
    ...{ kind: 'cycle', id: twin.id, logicalTime: twin.logicalTime, end: 'merged', code: null, into: twin.id },
    sentence: `another request for the cycle that was running: ${twin.id}`,
    at: nowOf(entity),
    ...(request === undefined ? {} : { request }),
  });
}
