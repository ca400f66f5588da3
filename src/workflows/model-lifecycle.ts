// The entity: one workflow per model that runs for years. It alone moves the champion (invariant 1), it never closes by itself, and it goes on
// in a new run by continue-as-new whenever Temporal suggests it, in the middle of anything.
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ChildKind } from '../domain/lifecycle/lifecycle';
import type { LifecycleInput, LifecycleRequest, Notice } from '../domain/lifecycle/lifecycle-state';
import { describeFailure } from './failure';
import { approvalDueMs, remindOrExpire } from './lifecycle/approval';
import { leadingArrivals } from './lifecycle/arrivals';
import { alertLater, createEntity, nowOf, phaseOf, refuse, rememberEnd, worsen, type Entity } from './lifecycle/entity';
import { duePolls, expectedDueMs, poll, tellLate } from './lifecycle/expected';
import { registerHandlers } from './lifecycle/handlers';
import { reconcile } from './lifecycle/launching';
import { actOn, nextOutcome } from './lifecycle/outcomes';
import { kindOf, looksForRows, nextRunnable, start } from './lifecycle/starting';
import { control } from './proxies';

/** Open work that has not reported for so long is asked for: its report may never come (it was terminated). */
const RECONCILE_EVERY_MS = 60_000;
/** Records of arrivals in one activity. */
const WRITTEN_AT_ONCE = 100;

export async function modelLifecycle(input: LifecycleInput): Promise<void> {
  const entity = createEntity(input);
  registerHandlers(entity);
  await load(entity);
  if (entity.state.open.length > 0) await reconcileOpen(entity);
  const showState = createDisplay(entity);
  while (!shouldRollOver(entity)) {
    showState();
    await step(entity);
  }
  await condition(() => allHandlersFinished() && !entity.launching);
  await continueAsNew<typeof modelLifecycle>({ model: input.model, clock: input.clock, state: entity.state });
}

/** A fresh entity takes its state from the database: it may have run, and been terminated, before. */
async function load({ model, state }: Entity): Promise<void> {
  if (state.loaded) return;
  const stored = await control.loadLifecycle({ model });
  state.champion = stored.champion;
  state.previous = stored.previous;
  state.epoch = stored.epoch;
  if (stored.definitionDigest !== null && state.definitionDigest === null) {
    state.settings = await control.loadSettings({ model, definitionDigest: stored.definitionDigest });
    state.definitionDigest = stored.definitionDigest;
  }
  state.loaded = true;
}

/** One thing at a time: what must be written, then what was reported, then what can be started; else wait for the next of them. */
async function step(entity: Entity): Promise<void> {
  const { state } = entity;
  remindOrExpire(entity);
  tellLate(entity);
  const notice = state.notices[0];
  if (notice) {
    const arrivals = leadingArrivals(state.notices).slice(0, WRITTEN_AT_ONCE);
    await write(entity, notice, arrivals);
    state.notices.splice(0, Math.max(1, arrivals.length));
    return;
  }
  const report = nextOutcome(entity);
  if (report) return guarded(entity, report.id, () => actOn(entity, report));
  const request = nextRunnable(entity);
  if (await lookForExpected(entity, request)) return;
  if (request && entity.clock === 'wall' && looksForRows(request)) return startBeside(entity, request);
  if (request) return guarded(entity, request.id, () => start(entity, request), kindOf(request));
  await waitForWork(entity);
}

/**
 * Fetching what was delivered may take minutes: nothing but what needs the rows waits for it. It stays queued until its work has started, so
 * a new run of the entity begins it again.
 */
function startBeside(entity: Entity, request: LifecycleRequest): void {
  entity.locating = request.id;
  void guarded(entity, request.id, () => start(entity, request), kindOf(request))
    // It fails only when the entity is cancelled, which the main loop sees by itself.
    .catch(() => undefined)
    .finally(() => {
      entity.locating = null;
    });
}

/**
 * Looks for expected partitions that are due. On a wall clock beside everything else: a source that does not answer must hold nothing up, and
 * what a new run of the entity interrupts is looked for again. On a simulated clock before the request whose instant makes them due.
 */
async function lookForExpected(entity: Entity, request: LifecycleRequest | undefined): Promise<boolean> {
  if (entity.polling) return false;
  const now = nowOf(entity);
  const by = entity.clock === 'simulated' && request && request.asOf > now ? request.asOf : now;
  const due = duePolls(entity, by);
  if (due.length === 0) return false;
  if (entity.clock === 'wall') {
    // It fails only when the entity is cancelled, which the main loop sees by itself.
    void poll(entity, due, by).catch(() => undefined);
    return false;
  }
  await poll(entity, due, by);
  return true;
}

/** What cannot be written for good (retryable failures wait in the activity) must not end the entity: it is recorded as refused. */
async function write(
  entity: Entity,
  notice: Notice,
  arrivals: readonly Extract<Notice, { type: 'arrival' }>[],
): Promise<void> {
  const { model } = entity;
  try {
    if (notice.type === 'alert') await control.raiseAlert(notice.alert);
    else if (notice.type === 'arrival')
      await control.recordArrivals({ arrivals: arrivals.map(({ type: _, ...arrival }) => ({ model, ...arrival })) });
    else await control.recordApproval({ model, ...notice });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = describeFailure(error);
    worsen(entity, 'degraded', `${notice.type} not recorded: ${code}: ${message}`);
    refuse(entity, notice.type, `not recorded: ${code}: ${message}`);
  }
}

/** What fails for good is told to people; the entity goes on. Retryable failures never come here: their activities wait. */
async function guarded(entity: Entity, id: string, work: () => Promise<void>, requested?: ChildKind): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = describeFailure(error);
    worsen(entity, 'degraded', `${id} could not be carried out: ${code}: ${message}`);
    if (requested) {
      const failed = { kind: requested, id, logicalTime: null, end: 'failed', code, sentence: message } as const;
      rememberEnd(entity, { ...failed, at: nowOf(entity), request: id });
    }
    alertLater(entity, {
      key: `work-failed/${entity.model}/${id}`,
      severity: 'critical',
      event: 'work.failed',
      what: `${id} could not be carried out`,
      why: `${code}: ${message}`,
      command: `npx understudy status ${entity.model}`,
    });
  }
}

async function waitForWork(entity: Entity): Promise<void> {
  const { polling, locating } = entity;
  const somethingToDo = (): boolean =>
    // What was looked for is due again at another instant.
    (polling && !entity.polling) ||
    (locating !== null && entity.locating === null) ||
    entity.state.notices.length > 0 ||
    nextOutcome(entity) !== undefined ||
    nextRunnable(entity) !== undefined ||
    shouldRollOver(entity);
  const reconcileMs = entity.state.open.length > 0 ? RECONCILE_EVERY_MS : undefined;
  const waits = [approvalDueMs(entity), expectedDueMs(entity), reconcileMs].filter((due) => due !== undefined);
  if (waits.length === 0) {
    await condition(somethingToDo);
    return;
  }
  const waitMs = Math.min(...waits);
  const woken = await condition(somethingToDo, waitMs);
  if (!woken && waitMs === reconcileMs) await reconcileOpen(entity);
}

async function reconcileOpen(entity: Entity): Promise<void> {
  await reconcile(
    entity,
    entity.state.open.map((work) => work.id),
  );
}

function shouldRollOver(entity: Entity): boolean {
  return entity.rollOver || workflowInfo().continueAsNewSuggested;
}

/** Keeps search attributes and the details of the stock UI in step with the state; writes only what changed. */
function createDisplay(entity: Entity): () => void {
  let shown = '';
  return () => {
    const { state, model } = entity;
    const attributes = {
      UnderstudyModel: [model],
      UnderstudyPhase: [phaseOf(entity)],
      UnderstudyChampion: [state.champion ? `${state.champion.contender}@${state.champion.version}` : 'none'],
      UnderstudyHealth: [state.health],
      UnderstudyPendingApproval: [state.approval !== null],
    };
    const text = JSON.stringify(attributes);
    if (text === shown) return;
    shown = text;
    upsertSearchAttributes(attributes);
    const doing = state.open.map((work) => work.id).join(', ') || 'nothing open';
    setCurrentDetails(
      `champion ${attributes.UnderstudyChampion[0]}, epoch ${state.epoch}, as of ${nowOf(entity)}: ${doing}`,
    );
  };
}
