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
import type { LifecycleInput, Notice } from '../domain/lifecycle';
import { describeFailure } from './failure';
import { approvalDueMs, remindOrExpire } from './lifecycle/approval';
import { alertLater, createEntity, nowOf, phaseOf, refuse, type Entity } from './lifecycle/entity';
import { registerHandlers } from './lifecycle/handlers';
import { actOn, nextOutcome } from './lifecycle/outcomes';
import { nextRunnable, reconcile, start } from './lifecycle/starting';
import { control } from './proxies';

/** Open work that has not reported for so long is asked for: its report may never come (it was terminated). */
const RECONCILE_EVERY_MS = 60_000;

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
  await condition(allHandlersFinished);
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
  const notice = state.notices[0];
  if (notice) {
    await write(entity, notice);
    state.notices.shift();
    return;
  }
  const report = nextOutcome(entity);
  if (report) return guarded(entity, report.id, () => actOn(entity, report));
  const request = nextRunnable(entity);
  if (request) return guarded(entity, request.id, () => start(entity, request));
  await waitForWork(entity);
}

/** What cannot be written for good (retryable failures wait in the activity) must not end the entity: it is recorded as refused. */
async function write(entity: Entity, notice: Notice): Promise<void> {
  try {
    if (notice.type === 'alert') await control.raiseAlert(notice.alert);
    else await control.recordApproval({ model: entity.model, ...notice });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = describeFailure(error);
    entity.state.health = 'degraded';
    refuse(entity, notice.type, `not recorded: ${code}: ${message}`);
  }
}

/** What fails for good is told to people; the entity goes on. Retryable failures never come here: their activities wait. */
async function guarded(entity: Entity, id: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = describeFailure(error);
    entity.state.health = 'degraded';
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
  const somethingToDo = (): boolean =>
    entity.state.notices.length > 0 ||
    nextOutcome(entity) !== undefined ||
    nextRunnable(entity) !== undefined ||
    shouldRollOver(entity);
  const due = approvalDueMs(entity);
  const reconcileMs = entity.state.open.length > 0 ? RECONCILE_EVERY_MS : undefined;
  const waitMs = due === undefined ? reconcileMs : Math.min(due, reconcileMs ?? due);
  if (waitMs === undefined) {
    await condition(somethingToDo);
    return;
  }
  const woken = await condition(somethingToDo, waitMs);
  if (!woken && entity.state.open.length > 0) await reconcileOpen(entity);
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
