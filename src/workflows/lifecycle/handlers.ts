// Registers every message handler of the lifecycle. Handlers record and return at once; only promote and rollback look up a version first.
// Invariant: signal handlers never throw (a throw would fail or wedge the entity).
import { condition, currentUpdateInfo, setDefaultSignalHandler, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ArrivalSource } from '../../domain/data/arrivals';
import { addDays } from '../../domain/days';
import type { FailureCode } from '../../domain/failures';
import type {
  Accepted,
  ApprovalSignal,
  ChildFinished,
  DataArrivedSignal,
  IngestMessage,
  PromoteMessage,
  QuarantineMessage,
  RollbackMessage,
} from '../../domain/lifecycle/lifecycle';
import type { MoveRequest } from '../../domain/lifecycle/lifecycle-state';
import { describeFailure } from '../failure';
import * as messages from '../messages';
import { control } from '../proxies';
import { decideBySignal, decideProposal } from './approval';
import { eventOf, openIngestOf, recordArrival } from './arrivals';
import * as checks from './checks';
import { accept, instantFor, nowOf, refuse, rememberHandled, reserveMove, statusOf, type Entity } from './entity';
import { noteOnCycle } from './starting';

export function registerHandlers(entity: Entity): void {
  const { state } = entity;
  setHandler(messages.statusQuery, () => statusOf(entity, workflowInfo().historyLength));
  setHandler(messages.decisionsQuery, () => state.decisions);

  setHandler(
    messages.tickUpdate,
    (tick) => {
      // One way of writing instants, so that the queue can be ordered as text.
      const asOf = new Date(tick.asOf).toISOString();
      return accept(entity, {
        type: 'tick',
        id: `tick/${tick.kind}/${tick.logicalTime}`,
        asOf,
        tick: { ...tick, asOf },
      });
    },
    { validator: (message) => checks.checkTick(entity, message) },
  );
  setHandler(
    messages.retrainUpdate,
    (retrain) => {
      const asOf = retrain.logicalTime ? instantFor(entity, retrain.logicalTime) : nowOf(entity);
      const note = noteOnCycle(entity, retrain.logicalTime);
      const accepted = accept(entity, { type: 'retrain', id: requestId('retrain'), asOf, retrain });
      return note === undefined ? accepted : { ...accepted, note };
    },
    { validator: (message) => checks.checkRetrain(entity, message) },
  );
  setHandler(
    messages.ingestUpdate,
    (ingest) => {
      const pushed = ingest.table !== undefined && (state.settings?.pushTables.includes(ingest.table) ?? false);
      return acceptDelivery(
        entity,
        pushed && ingest.uri === undefined ? 'push' : 'update',
        requestId('ingest'),
        ingest,
      );
    },
    { validator: (message) => checks.checkIngest(entity, message) },
  );
  setHandler(messages.quarantineUpdate, (message) => quarantine(entity, message), {
    validator: (message) => checks.checkQuarantine(entity, message),
  });
  setHandler(
    messages.backfillUpdate,
    (backfill) => {
      const asOf = instantFor(entity, addDays(backfill.to, 1));
      return accept(entity, { type: 'backfill', id: requestId('backfill'), asOf, backfill });
    },
    { validator: (message) => checks.checkBackfill(entity, message) },
  );
  setHandler(
    messages.decideUpdate,
    (message) => decideProposal(entity, message.decision, message.by, message.comment ?? ''),
    {
      validator: (message) => checks.checkDecide(entity, message),
    },
  );
  setHandler(messages.promoteUpdate, (message) => promote(entity, message), {
    validator: (message) => checks.checkPromote(entity, message),
  });
  setHandler(messages.rollbackUpdate, (message) => rollback(entity, message), {
    validator: (message) => checks.checkRollback(entity, message),
  });
  setHandler(messages.pauseUpdate, () => setPaused(entity, true));
  setHandler(messages.resumeUpdate, () => setPaused(entity, false));
  setHandler(
    messages.configureUpdate,
    async ({ definitionDigest }) => {
      state.settings = await control.loadSettings({ model: entity.model, definitionDigest }).catch((error: unknown) => {
        const { code, message } = describeFailure(error);
        throw checks.refusal(code as FailureCode, message);
      });
      state.definitionDigest = definitionDigest;
      const { tables } = state.settings;
      state.expected = state.expected.filter(({ table }) => tables.includes(table));
      return { id: `configure/${definitionDigest}`, duplicate: false };
    },
    { validator: (message) => checks.checkConfigure(entity, message) },
  );

  setHandler(messages.approveSignal, (message) => approvalSignal(entity, 'approve', message));
  setHandler(messages.rejectSignal, (message) => approvalSignal(entity, 'reject', message));
  setHandler(messages.dataArrivedSignal, (message) => dataArrived(entity, 'dataArrived', message));
  setHandler(messages.labelsArrivedSignal, (message) => dataArrived(entity, 'labelsArrived', message));
  setHandler(messages.childFinishedSignal, (message) => childFinished(entity, message));
  setHandler(messages.continueAsNewSignal, () => {
    entity.rollOver = true;
  });
  setDefaultSignalHandler((name) => refuse(entity, name, 'there is no such signal'));
}

/** The caller's update id makes a repeated request the same request. */
function requestId(name: string): string {
  return `${name}/${currentUpdateInfo()?.id ?? ''}`;
}

function setPaused(entity: Entity, paused: boolean): Accepted {
  const duplicate = entity.state.paused === paused;
  entity.state.paused = paused;
  return { id: requestId(paused ? 'pause' : 'resume'), duplicate };
}

async function promote(entity: Entity, message: PromoteMessage): Promise<Accepted> {
  const override = message.override === true;
  return reserveThenResolve(entity, message.expectedEpoch, 'promote', async () => {
    const { version } = await control.resolveVersion({
      model: entity.model,
      ...(message.version === undefined ? {} : { version: message.version }),
      ...(message.contender === undefined ? {} : { contender: message.contender }),
      purpose: 'promote',
      override,
    });
    // A hold protects the version that it came with, and no later one.
    entity.state.holdFallbackUntil = message.holdFallbackUntil ?? null;
    return {
      version,
      why: override ? 'override' : 'promotion',
      by: message.by,
      reason: message.reason,
      checkAfter: true,
    };
  });
}

async function rollback(entity: Entity, message: RollbackMessage): Promise<Accepted> {
  await condition(() => entity.state.loaded);
  return reserveThenResolve(entity, entity.state.epoch, 'rollback', async () => {
    const { version } = await control.resolveVersion({
      model: entity.model,
      ...(message.to === undefined ? {} : { version: message.to }),
      purpose: 'rollback',
      override: false,
    });
    return { version, why: 'rollback', by: message.by, reason: message.reason, checkAfter: false };
  });
}

/** Takes the epoch before it looks anything up, so that of two callers with the same expectation exactly one goes on. */
async function reserveThenResolve(
  entity: Entity,
  expectedEpoch: number,
  name: string,
  resolve: () => Promise<Omit<MoveRequest, 'expectedEpoch'>>,
): Promise<Accepted> {
  const { state } = entity;
  const id = requestId(name);
  await condition(() => state.loaded);
  if (state.handled.includes(id)) return { id, duplicate: true };
  if (state.reservedEpoch !== null) {
    throw checks.refusal(
      'EPOCH_CONFLICT',
      `${name}: epoch ${expectedEpoch} is being used by another promotion; look at the status`,
    );
  }
  if (expectedEpoch !== state.epoch) {
    throw checks.refusal(
      'EPOCH_CONFLICT',
      `${name}.expectedEpoch: found ${expectedEpoch}, the epoch is ${state.epoch}`,
    );
  }
  state.reservedEpoch = expectedEpoch + 1;
  try {
    return reserveMove(entity, id, { expectedEpoch, ...(await resolve()) });
  } catch (error) {
    state.reservedEpoch = null;
    const { code, message } = describeFailure(error);
    throw checks.refusal(code as FailureCode, message);
  }
}

function approvalSignal(entity: Entity, name: 'approve' | 'reject', message: ApprovalSignal): void {
  decideBySignal(entity, name, () => checks.checkApproval(entity, name, message), message?.by, message?.comment ?? '');
}

/** The last queued delivery of a partition again is one request with it; whether any other is news, the database tells when its turn comes. */
function dataArrived(entity: Entity, signal: string, message: DataArrivedSignal): void {
  try {
    checks.checkDataArrived(entity, message);
    const { table, partition, uri, sha256 } = message;
    const { state } = entity;
    const last = state.queue.filter(({ id }) => id.startsWith(`data/${table}/${partition}/`)).at(-1);
    const name = `data/${table}/${partition}/${sha256.slice(0, 16)}`;
    const id = last?.id.startsWith(name) ? last.id : `${name}/${++state.told}`;
    acceptDelivery(entity, 'signal', id, { table, partition, uri, sha256 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    refuse(entity, signal, why);
    recordArrival(entity, eventOf('signal', message), 'refused', `${signal}: ${why}`, null);
  }
}

/** Queues an ingest; one that is known already is an event too, and ends as merged. */
function acceptDelivery(entity: Entity, source: ArrivalSource, id: string, ingest: IngestMessage): Accepted {
  const accepted = accept(entity, { type: 'ingest', id, asOf: nowOf(entity), ingest, source });
  if (accepted.duplicate) {
    const event = eventOf(source, ingest);
    recordArrival(entity, event, 'merged', `the same request as ${id}`, openIngestOf(entity, event));
  }
  return accepted;
}

/** Recorded at once, so that the caller hears what the database says; released rows are let in by an ingest of exactly that partition. */
async function quarantine(entity: Entity, message: QuarantineMessage): Promise<Accepted> {
  const { state, model } = entity;
  const { table, partition, rule, verdict, by, reason } = message;
  const id = requestId('quarantine');
  const asOf = nowOf(entity);
  if (state.handled.includes(id)) return { id, duplicate: true };
  try {
    await control.recordQuarantineVerdict({ model, table, partition, rule, verdict, by, reason, asOf });
  } catch (error) {
    const { code, message: why } = describeFailure(error);
    throw checks.refusal(code as FailureCode, why);
  }
  if (verdict === 'discarded') return { id, duplicate: !rememberHandled(entity, id) };
  const ingest = { table, partition };
  return accept(entity, { type: 'ingest', id, asOf, ingest, source: 'release', released: rule });
}

/** Only work that is open can report, so a report that came twice counts once. */
function childFinished(entity: Entity, message: ChildFinished): void {
  const { state } = entity;
  try {
    checks.checkChildFinished(message);
  } catch (error) {
    return refuse(entity, 'childFinished', error instanceof Error ? error.message : String(error));
  }
  const work = state.open.find(({ id }) => id === message.id);
  const known = work && !state.outcomes.some((outcome) => outcome.id === message.id);
  if (known) state.outcomes.push({ ...message, kind: work.kind });
}
