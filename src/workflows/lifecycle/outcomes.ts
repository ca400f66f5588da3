// What the lifecycle does about a child's report: propose or promote, fall back, ask for a retraining, look again at a re-opened day.
import { addDays } from '../../domain/days';
import { monitorId } from '../../domain/ids';
import type { DecisionSummary } from '../../domain/evaluation/evaluation';
import type { ChildFinished, MoveResult } from '../../domain/lifecycle/lifecycle';
import type { StepContext } from '../../ports/activities';
import { control, data } from '../proxies';
import { dropProposal, propose } from './approval';
import {
  accept,
  alertLater,
  nowMs,
  nowOf,
  recover,
  rememberDecision,
  rememberEnd,
  reserveMove,
  worsen,
  type Entity,
} from './entity';
import { endOf } from './ended';
import { expectPartition } from './expected';

/** The first report that can be acted on now: a decision waits until no move is in flight. */
export function nextOutcome({ state }: Entity): ChildFinished | undefined {
  return state.outcomes.find(({ outcome }) => outcome.type !== 'decided' || state.reservedEpoch === null);
}

export async function actOn(entity: Entity, report: ChildFinished): Promise<void> {
  const { state } = entity;
  try {
    // Looked for at once: what was found but rejected is not told of as missing.
    for (const due of report.missing ?? []) expectPartition(entity, due, nowOf(entity));
    await consequences(entity, report);
  } finally {
    const work = state.open.find(({ id }) => id === report.id);
    rememberEnd(entity, endOf(report, work, nowOf(entity)));
    // Not before: the open entry keeps later requests waiting until the report was acted on.
    state.open = state.open.filter((work) => work.id !== report.id);
    state.outcomes = state.outcomes.filter((known) => known !== report);
  }
}

async function consequences(entity: Entity, report: ChildFinished): Promise<void> {
  const { state } = entity;
  const { outcome } = report;
  switch (outcome.type) {
    case 'decided':
      await decided(entity, report.id, outcome.decision);
      break;
    case 'moved':
      await moved(entity, outcome);
      break;
    case 'not-moved':
      await releaseEpoch(entity, report.id, `${outcome.code}: ${outcome.message}`);
      break;
    case 'monitored':
      // A verdict on a champion that has been replaced meanwhile says nothing of the new one.
      if (outcome.verdict === 'fallback' && epochOf(entity, report) === state.epoch) fallBack(entity, outcome.reason);
      if (outcome.verdict === 'retrain') askRetraining(entity, report.id, outcome.day, outcome.reason);
      break;
    case 'ingested':
      for (const name of outcome.reopened) lookAgain(entity, name);
      break;
    case 'failed':
      worsen(entity, 'degraded', `${report.id}: ${outcome.code}: ${outcome.message}`);
      if (report.kind === 'rollout') await releaseEpoch(entity, report.id, `${outcome.code}: ${outcome.message}`);
      break;
    case 'merged':
    case 'done':
      break;
  }
}

async function decided(entity: Entity, cycle: string, first: DecisionSummary): Promise<void> {
  const { state, model } = entity;
  let decision = first;
  if (decision.verdict === 'promote' && decision.championEpoch !== state.epoch)
    decision = await judgeAgain(entity, cycle, decision.digest);
  rememberDecision(entity, { cycle, digest: decision.digest, verdict: decision.verdict, version: decision.version });
  recover(entity, 'degraded');
  if (decision.verdict !== 'promote' || decision.version === null) return;
  if (decision.needsApproval) return propose(entity, cycle, decision);
  reserveMove(entity, `move/${decision.digest}`, {
    version: decision.version,
    expectedEpoch: state.epoch,
    why: 'promotion',
    by: `policy of ${model}`,
    reason: decision.reason,
    decision: decision.digest,
    checkAfter: true,
  });
}

async function judgeAgain(entity: Entity, cycle: string, digest: string): Promise<DecisionSummary> {
  return data.decideAgain({ ...contextOf(entity), cycle, digest });
}

async function moved(entity: Entity, result: MoveResult): Promise<void> {
  const { state } = entity;
  state.champion = { version: result.version, contender: result.contender };
  state.previous = result.previous;
  state.epoch = result.epoch;
  state.reservedEpoch = null;
  state.moveAttempts = 0;
  recover(entity, 'needs-human');
  if (result.fallback !== null) fallBack(entity, result.fallback);
  const { approval } = state;
  if (approval && approval.championEpoch !== state.epoch && state.reservedEpoch === null) {
    // The proposal was compared with a champion that is gone: judge it against the new one; the new proposal supersedes it.
    const decision = await judgeAgain(entity, approval.cycle, approval.digest);
    if (state.approval?.digest !== approval.digest) return;
    // Also when nothing is proposed any more: nobody may decide on what can no longer happen.
    dropProposal(entity, 'superseded', 'understudy', `the champion changed; judged again as ${decision.verdict}`);
    await decided(entity, approval.cycle, decision);
  }
}

/** A move that did not end well: what the database says of the pointer counts, for the roll-out may have been ended after its commit. */
async function releaseEpoch(entity: Entity, id: string, why: string): Promise<void> {
  const { state, model } = entity;
  const { champion, previous, epoch } = await control.loadLifecycle({ model });
  const changed = epoch !== state.epoch;
  state.champion = champion;
  state.previous = previous;
  state.epoch = epoch;
  state.reservedEpoch = null;
  state.moveAttempts++;
  alertLater(entity, {
    key: `move-refused/${model}/${id}`,
    severity: 'warning',
    event: 'champion.not-moved',
    what: changed
      ? `version ${champion?.version} is the champion of ${model}, but its roll-out did not end: it was not checked`
      : `the champion of ${model} was not changed`,
    why,
    command: `npx understudy status ${model}`,
  });
}

function epochOf({ state }: Entity, report: ChildFinished): number | undefined {
  return state.open.find(({ id }) => id === report.id)?.epoch;
}

/** Puts previous back without a human, unless a person holds it or there is none: then the champion stays and a human is called. */
function fallBack(entity: Entity, reason: string): void {
  const { state, model } = entity;
  if (!state.champion || state.reservedEpoch !== null) return;
  const held = state.holdFallbackUntil !== null && nowMs(entity) < Date.parse(state.holdFallbackUntil);
  if (held || state.previous === null) {
    if (!held)
      worsen(entity, 'needs-human', `${reason}; version ${state.champion.version} stays: there is no previous version`);
    alertLater(entity, {
      key: `fallback-impossible/${model}/${state.epoch}`,
      severity: 'critical',
      event: 'fallback.impossible',
      what: `version ${state.champion.version} should be replaced, but ${held ? `fallback is held until ${state.holdFallbackUntil}` : 'there is no previous version'}; it stays`,
      why: reason,
      command: `npx understudy versions ${model}`,
    });
    return;
  }
  reserveMove(entity, `fallback/${state.epoch}/${state.moveAttempts}`, {
    version: state.previous,
    expectedEpoch: state.epoch,
    why: 'fallback',
    by: 'understudy',
    reason,
    quarantine: state.champion.version,
    checkAfter: false,
  });
}

/** One retraining in flight, and none within the cooldown: a storm of verdicts asks once. */
function askRetraining(entity: Entity, id: string, day: string, reason: string): void {
  const { state } = entity;
  const inFlight =
    state.open.some((work) => work.kind === 'cycle') || state.queue.some((request) => request.type === 'retrain');
  const cooling =
    state.lastRetrainAskedAt !== null &&
    nowMs(entity) - Date.parse(state.lastRetrainAskedAt) < (state.settings?.retrainCooldownMs ?? 0);
  if (inFlight || cooling) return;
  state.lastRetrainAskedAt = nowOf(entity);
  // A day that was looked at again lies back: its verdict asks for a cycle of now.
  const first = id === monitorId(entity.model, day, 1);
  const retrain = {
    ...(first ? { logicalTime: addDays(day, 1) } : {}),
    reason: `monitoring of ${day}: ${reason}`,
    by: 'monitor',
  };
  accept(entity, { type: 'retrain', id: `retrain/monitor/${day}`, asOf: nowOf(entity), retrain });
}

/** A partition came in another form: what monitoring said of that day is said again with it. */
function lookAgain(entity: Entity, name: string): void {
  const day = name.slice(name.indexOf('/') + 1);
  const tick = { kind: 'monitor', logicalTime: day, asOf: nowOf(entity) } as const;
  const seen = entity.state.handled.includes(`tick/monitor/${day}`);
  // A revised day of the truth set may change what is thought of champion and previous, also where nobody monitored it.
  if (seen || entity.state.previous !== null)
    accept(entity, { type: 'tick', id: `tick/monitor/${day}/again/${nowOf(entity)}`, asOf: nowOf(entity), tick });
}

export function contextOf(entity: Entity): StepContext {
  return { model: entity.model, definitionDigest: entity.state.definitionDigest ?? '', asOf: nowOf(entity) };
}
