// Shape and rule checks of messages: synchronous, so that a bad update is refused before it enters the history, in words a person can use.
import { ApplicationFailure } from '@temporalio/workflow';
import { addDays, isDay } from '../../domain/days';
import type { FailureCode } from '../../domain/failures';
import { SCHEDULE_KINDS } from '../../domain/ids';
import type { ApprovalSignal, ChildOutcome, DecideMessage } from '../../domain/lifecycle/lifecycle';
import type { Entity } from './entity';

/** A refusal with a code of the failure table; it fails the update only, never the workflow. */
export function refusal(code: FailureCode, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, code);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(name: string, message: unknown): Fields {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw refusal(
      'BAD_MESSAGE',
      `${name}: expected one JSON object, found ${message === null ? 'null' : Array.isArray(message) ? 'an array' : typeof message}`,
    );
  }
  const fields = message as Fields;
  if ('__unreadable' in fields) throw refusal('BAD_MESSAGE', `${name}: the payload has an unknown encoding`);
  return fields;
}

function expect(name: string, field: string, value: unknown, holds: boolean, allowed: string): void {
  if (!holds)
    throw refusal(
      'BAD_MESSAGE',
      `${name}.${field}: found ${JSON.stringify(value) ?? 'nothing'}, allowed is ${allowed}`,
    );
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0;
const isInstant = (value: unknown): boolean =>
  isText(value) && /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value));
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isCalendarDay = (value: unknown): boolean => isText(value) && isDay(value);

function text(name: string, fields: Fields, field: string): void {
  expect(name, field, fields[field], isText(fields[field]), 'a text that is not empty');
}

function day(name: string, fields: Fields, field: string): void {
  expect(name, field, fields[field], isCalendarDay(fields[field]), 'a day written YYYY-MM-DD');
}

function optional(
  name: string,
  fields: Fields,
  field: string,
  check: (name: string, fields: Fields, field: string) => void,
): void {
  if (fields[field] !== undefined && fields[field] !== null) check(name, fields, field);
}

export function checkTick(entity: Entity, message: unknown): void {
  const fields = fieldsOf('tick', message);
  expect(
    'tick',
    'kind',
    fields['kind'],
    (SCHEDULE_KINDS as readonly unknown[]).includes(fields['kind']),
    `one of ${SCHEDULE_KINDS.join(', ')}`,
  );
  day('tick', fields, 'logicalTime');
  expect('tick', 'asOf', fields['asOf'], isInstant(fields['asOf']), 'an instant such as 2013-07-01T05:00:00Z');
  const end = entity.state.settings?.dataEndDay;
  if (entity.clock !== 'simulated' || !end) return;
  // The local day after the last one may end on the next day of UTC.
  const latest = { logicalTime: addDays(end, 1), asOf: `${addDays(end, 2)}T23:59:59.999Z` };
  for (const field of ['logicalTime', 'asOf'] as const) {
    const found = field === 'asOf' ? new Date(fields[field] as string).toISOString() : (fields[field] as string);
    if (found > latest[field])
      throw refusal('NOT_AVAILABLE_YET', `tick.${field}: found ${String(fields[field])}, but the data end on ${end}`);
  }
}

export function checkRetrain(entity: Entity, message: unknown): void {
  const fields = fieldsOf('retrain', message);
  text('retrain', fields, 'reason');
  text('retrain', fields, 'by');
  optional('retrain', fields, 'logicalTime', day);
  if (entity.clock === 'simulated' && entity.state.now === null && !fields['logicalTime']) {
    throw refusal('BAD_MESSAGE', 'retrain.logicalTime: needed on a simulated clock before its first tick');
  }
  refuseWhilePaused(entity, 'retrain');
}

export function checkIngest(entity: Entity, message: unknown): void {
  const fields = fieldsOf('ingest', message);
  day('ingest', fields, 'partition');
  for (const field of ['table', 'uri', 'sha256']) optional('ingest', fields, field, text);
  checkTable(entity, 'ingest', fields['table']);
  if (fields['uri'] && !fields['table']) throw refusal('BAD_MESSAGE', 'ingest.table: needed with a uri');
  refuseWhilePaused(entity, 'ingest');
}

export function checkQuarantine(entity: Entity, message: unknown): void {
  const fields = fieldsOf('quarantine', message);
  for (const field of ['table', 'rule', 'by', 'reason']) text('quarantine', fields, field);
  day('quarantine', fields, 'partition');
  const { verdict } = fields;
  const known = verdict === 'released' || verdict === 'discarded';
  expect('quarantine', 'verdict', verdict, known, 'released or discarded');
  checkTable(entity, 'quarantine', fields['table']);
  refuseWhilePaused(entity, 'quarantine');
}

export function checkDataArrived(entity: Entity, message: unknown): void {
  const fields = fieldsOf('dataArrived', message);
  text('dataArrived', fields, 'table');
  day('dataArrived', fields, 'partition');
  text('dataArrived', fields, 'uri');
  text('dataArrived', fields, 'sha256');
  checkTable(entity, 'dataArrived', fields['table']);
}

function checkTable(entity: Entity, name: string, table: unknown): void {
  const tables = entity.state.settings?.tables;
  if (tables && table) expect(name, 'table', table, tables.includes(table as string), `one of ${tables.join(', ')}`);
}

export function checkBackfill(entity: Entity, message: unknown): void {
  const fields = fieldsOf('backfill', message);
  day('backfill', fields, 'from');
  day('backfill', fields, 'to');
  text('backfill', fields, 'by');
  expect(
    'backfill',
    'to',
    fields['to'],
    (fields['from'] as string) <= (fields['to'] as string),
    `a day not before from (${String(fields['from'])})`,
  );
  refuseWhilePaused(entity, 'backfill');
}

export function checkPromote(_entity: Entity, message: unknown): void {
  const fields = fieldsOf('promote', message);
  const byVersion = fields['version'] !== undefined && fields['version'] !== null;
  if (byVersion) expect('promote', 'version', fields['version'], isCount(fields['version']), 'a version number');
  else
    expect(
      'promote',
      'contender',
      fields['contender'],
      isText(fields['contender']),
      'a contender, when no version is given',
    );
  expect(
    'promote',
    'expectedEpoch',
    fields['expectedEpoch'],
    isCount(fields['expectedEpoch']),
    'the epoch that the status query shows',
  );
  text('promote', fields, 'by');
  text('promote', fields, 'reason');
  const hold = fields['holdFallbackUntil'];
  if (hold !== undefined && hold !== null) expect('promote', 'holdFallbackUntil', hold, isInstant(hold), 'an instant');
}

export function checkRollback(_entity: Entity, message: unknown): void {
  const fields = fieldsOf('rollback', message);
  text('rollback', fields, 'by');
  text('rollback', fields, 'reason');
  const to = fields['to'];
  if (to !== undefined && to !== null) expect('rollback', 'to', to, isCount(to), 'a version number');
}

export function checkConfigure(_entity: Entity, message: unknown): void {
  const fields = fieldsOf('configure', message);
  text('configure', fields, 'definitionDigest');
}

export function checkDecide(entity: Entity, message: unknown): void {
  const fields = fieldsOf('decide', message);
  text('decide', fields, 'cycle');
  expect(
    'decide',
    'decision',
    fields['decision'],
    fields['decision'] === 'approve' || fields['decision'] === 'reject',
    'approve or reject',
  );
  checkApproval(entity, 'decide', message as DecideMessage);
}

/** Who may decide what: the proposal that is pending now, by the digest that was shown, by somebody whom the definition names. */
export function checkApproval(entity: Entity, name: string, message: ApprovalSignal): void {
  const fields = fieldsOf(name, message);
  text(name, fields, 'by');
  text(name, fields, 'digest');
  const comment = fields['comment'] ?? '';
  expect(name, 'comment', comment, typeof comment === 'string', 'a text');
  const { approval, ended, settings } = entity.state;
  const before = ended.find((proposal) => proposal.digest === message.digest);
  if (before) {
    throw refusal(
      before.verdict === 'expired' ? 'APPROVAL_EXPIRED' : 'SUPERSEDED',
      `proposal ${message.digest.slice(0, 12)} was ${before.verdict} already`,
    );
  }
  if (!approval) throw refusal('NO_APPROVAL_PENDING', 'no proposal is pending');
  if (message.digest !== approval.digest) {
    throw refusal(
      'DIGEST_MISMATCH',
      `${name}.digest: found ${message.digest}, the pending proposal is ${approval.digest}`,
    );
  }
  if (message.cycle && message.cycle !== approval.cycle) {
    throw refusal(
      'DIGEST_MISMATCH',
      `${name}.cycle: found ${message.cycle}, the pending proposal is of ${approval.cycle}`,
    );
  }
  const approvers = settings?.approvers ?? [];
  if (approvers.length > 0 && !approvers.includes(message.by)) {
    throw refusal('NOT_AN_APPROVER', `${name}.by: found ${message.by}, allowed is ${approvers.join(', ')}`);
  }
}

const OUTCOMES: readonly ChildOutcome['type'][] = [
  'done',
  'failed',
  'decided',
  'merged',
  'ingested',
  'monitored',
  'moved',
  'not-moved',
];

function isDue(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  const { table, partition, availableAt } = item as Fields;
  return isText(table) && isCalendarDay(partition) && isInstant(availableAt);
}

/** The report of a child, which anyone could send: enough of its shape to be acted on without a mistake in the program. */
export function checkChildFinished(message: unknown): void {
  const fields = fieldsOf('childFinished', message);
  text('childFinished', fields, 'id');
  const missing = fields['missing'] ?? [];
  expect('childFinished', 'missing', missing, Array.isArray(missing) && missing.every(isDue), 'a list of partitions');
  const outcome = fieldsOf('childFinished.outcome', fields['outcome']);
  const type = outcome['type'] as ChildOutcome['type'];
  expect('childFinished.outcome', 'type', type, OUTCOMES.includes(type), `one of ${OUTCOMES.join(', ')}`);
  if (type === 'decided') fieldsOf('childFinished.outcome.decision', outcome['decision']);
  if (type === 'monitored') day('childFinished.outcome', outcome, 'day');
  if (type === 'ingested') {
    const names: unknown = outcome['reopened'];
    const holds = Array.isArray(names) && names.every(isText);
    expect('childFinished.outcome', 'reopened', names, holds, 'a list of <table>/<day>');
  }
}

function refuseWhilePaused(entity: Entity, name: string): void {
  if (entity.state.paused) throw refusal('PAUSED', `${name}: ${entity.model} is paused`);
}
