// The pending approval: one per model, bound to a digest, superseded by a newer proposal, reminded of, and rejected when it expires.
import type { DecisionSummary } from '../../domain/evaluation/evaluation';
import type { Accepted, PendingApproval } from '../../domain/lifecycle/lifecycle';
import { refusal } from './checks';
import { alertLater, later, nowMs, nowOf, refuse, rememberEnded, reserveMove, type Entity } from './entity';

/** Shows a proposal to the approvers; an older one that is still pending is superseded. */
export function propose(entity: Entity, cycle: string, decision: DecisionSummary): void {
  const { state } = entity;
  const { settings } = state;
  if (!settings || decision.version === null || decision.contender === null) return;
  dropProposal(entity, 'superseded', 'understudy', `replaced by ${decision.digest.slice(0, 12)}`);
  const requestedAt = nowOf(entity);
  const expiresAt = later(requestedAt, settings.approvalExpiresMs);
  state.approval = {
    cycle,
    digest: decision.digest,
    version: decision.version,
    contender: decision.contender,
    kind: decision.kind ?? 'switch',
    championEpoch: decision.championEpoch,
    requestedAt,
    expiresAt,
    remindAt: later(expiresAt, -settings.remindBeforeMs),
    reminded: false,
    approvedBy: [],
  };
  alertLater(entity, {
    key: `approval-requested/${entity.model}/${decision.digest}`,
    severity: 'info',
    event: 'approval.requested',
    what: `version ${decision.version} (${decision.contender}) waits for approval until ${expiresAt}`,
    why: decision.reason,
    command: approveCommand(entity, decision.digest),
  });
}

/** One approver's word. The last one that the quorum needs starts the promotion; one rejection ends the proposal. */
export function decideProposal(entity: Entity, decision: 'approve' | 'reject', by: string, comment: string): Accepted {
  const { state } = entity;
  const approval = state.approval;
  if (!approval) throw refusal('NO_APPROVAL_PENDING', 'no proposal is pending');
  const id = `decide/${approval.digest.slice(0, 16)}/${by}`;
  if (decision === 'reject') {
    dropProposal(entity, 'rejected', by, comment);
    return { id, duplicate: false };
  }
  if (approval.approvedBy.includes(by)) return { id, duplicate: true };
  const approvedBy = [...approval.approvedBy, by];
  if (approvedBy.length < (state.settings?.quorum ?? 1)) {
    state.approval = { ...approval, approvedBy };
    return { id, duplicate: false };
  }
  if (state.reservedEpoch !== null || approval.championEpoch !== state.epoch) {
    throw refusal(
      'EPOCH_CONFLICT',
      'the champion is being changed; the proposal is judged again, then decide on the new one',
    );
  }
  state.approval = null;
  recordVerdict(entity, approval, 'approved', approvedBy.join(', '), comment);
  reserveMove(entity, `move/${approval.digest}`, moveOf(approval, approvedBy, comment));
  return { id, duplicate: false };
}

function moveOf(
  approval: PendingApproval,
  approvedBy: readonly string[],
  comment: string,
): Parameters<typeof reserveMove>[2] {
  return {
    version: approval.version,
    expectedEpoch: approval.championEpoch,
    why: 'promotion',
    by: approvedBy.join(', '),
    reason: comment || `approved ${approval.kind} of ${approval.cycle}`,
    decision: approval.digest,
    checkAfter: true,
  };
}

/** Ends the pending proposal, if there is one, without a promotion. */
export function dropProposal(
  entity: Entity,
  verdict: 'rejected' | 'expired' | 'superseded',
  by: string,
  comment: string,
): void {
  const { approval } = entity.state;
  if (!approval) return;
  entity.state.approval = null;
  rememberEnded(entity, { digest: approval.digest, verdict });
  recordVerdict(entity, approval, verdict, by, comment);
}

function recordVerdict(
  entity: Entity,
  approval: PendingApproval,
  verdict: 'approved' | 'rejected' | 'expired' | 'superseded',
  by: string,
  comment: string,
): void {
  entity.state.notices.push({ type: 'approval', digest: approval.digest, verdict, by, comment, asOf: nowOf(entity) });
}

/** Looks at the clock: reminds once, and rejects what nobody decided in time (fail closed, invariant 6). */
export function remindOrExpire(entity: Entity): void {
  const { approval } = entity.state;
  if (!approval) return;
  const now = nowMs(entity);
  if (now >= Date.parse(approval.expiresAt)) {
    dropProposal(entity, 'expired', 'understudy', `nobody decided until ${approval.expiresAt}`);
    alertLater(entity, {
      key: `approval-expired/${entity.model}/${approval.digest}`,
      severity: 'warning',
      event: 'approval.expired',
      what: `the proposal of version ${approval.version} (${approval.contender}) expired; the champion stays`,
      why: `nobody decided until ${approval.expiresAt}`,
      command: `npx understudy retrain ${entity.model}`,
    });
  } else if (!approval.reminded && now >= Date.parse(approval.remindAt)) {
    entity.state.approval = { ...approval, reminded: true };
    alertLater(entity, {
      key: `approval-reminder/${entity.model}/${approval.digest}`,
      severity: 'warning',
      event: 'approval.reminder',
      what: `version ${approval.version} (${approval.contender}) still waits for approval`,
      why: `it expires at ${approval.expiresAt}, and then the champion stays`,
      command: approveCommand(entity, approval.digest),
    });
  }
}

/** Milliseconds until the approval needs a look, on a wall clock; undefined: never. */
export function approvalDueMs(entity: Entity): number | undefined {
  const { approval } = entity.state;
  if (!approval || entity.clock === 'simulated') return undefined;
  const next = approval.reminded ? approval.expiresAt : approval.remindAt;
  return Math.max(1, Date.parse(next) - nowMs(entity));
}

/** A signal's word: the same rules as the update, but what is wrong is recorded, never thrown. */
export function decideBySignal(
  entity: Entity,
  name: 'approve' | 'reject',
  check: () => void,
  by: string,
  comment: string,
): void {
  try {
    check();
    decideProposal(entity, name, by, comment);
  } catch (error) {
    refuse(entity, name, error instanceof Error ? error.message : String(error));
  }
}

function approveCommand(entity: Entity, digest: string): string {
  return `npx understudy approve ${entity.model} --digest ${digest}`;
}
