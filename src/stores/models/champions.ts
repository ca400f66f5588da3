// The champion pointer: who serves, who would take over, and every move there ever was.
// Invariant: a move is a compare-and-set on the epoch; pointer, states, move, audit, outbox and notification change together or not at all.
import { z } from 'zod';
import { UnderstudyError } from '../../domain/failures';
import {
  MOVE_REASONS,
  NEVER_SERVES,
  type Alert,
  type ChampionPointer,
  type PromotionRequest,
  type VersionState,
} from '../../domain/lifecycle/registry';
import type { AuditLog, ModelRegistry, Outbox, Transaction } from '../../ports/stores';
import { within, type Database, type Queryable } from '../database';
import { changeState, lockVersion } from './versions';

/** Channel on which a committed move is told; the payload is the model. Listeners read the pointer, since notices can be lost. */
export const CHAMPION_CHANNEL = 'understudy_champion';

const Pointer = z.object({
  model: z.string(),
  version: z.number().nullable(),
  previous: z.number().nullable(),
  epoch: z.number(),
  since: z.string(),
});
const Version = z.object({ version: z.number() });
const Move = z.object({
  from: z.number().nullable(),
  to: z.number(),
  why: z.enum(MOVE_REASONS),
  by: z.string(),
  reason: z.string(),
  epoch: z.number(),
  asOf: z.string(),
  at: z.string(),
});

/** States that a move may not put back into service. An override may, but what is deleted has no file and what was only tried was never judged. */
const NEVER_BY_RULE: ReadonlySet<VersionState> = new Set(['rejected', 'quarantined', ...NEVER_SERVES]);

/** The part of the registry that concerns the pointer. */
export function createChampions(
  database: Database,
  audit: AuditLog,
  outbox: Outbox,
): Pick<ModelRegistry, 'champion' | 'move' | 'moves'> {
  return {
    async champion(model) {
      const [row] = await readPointer(database, model);
      // Before the first move there is no row: nobody serves.
      return row ?? { model, version: null, previous: null, epoch: 0, since: new Date(0).toISOString() };
    },

    async move(tx, request, alert) {
      const pointer = await lockPointer(tx, request);
      await checkTarget(tx, request, pointer);
      const after = await applyMove(tx, request, pointer);
      await record(tx, request, pointer, after, { audit, outbox, alert });
      return after;
    },

    moves: (model) =>
      database.query(
        Move,
        `select from_version as "from", to_version as "to", why, actor as by, reason, epoch, as_of as "asOf", at
         from champion_moves where model = $1 order by epoch`,
        [model],
      ),
  };
}

const readPointer = (sql: Queryable, model: string, lock = '') =>
  sql.query(Pointer, `select model, version, previous, epoch, since from champions where model = $1 ${lock}`, [model]);

/** The pointer, locked; the second of two racing moves waits here and then sees the first one's epoch. */
async function lockPointer(tx: Transaction, { model, expectedEpoch }: PromotionRequest): Promise<ChampionPointer> {
  const sql = within(tx);
  await sql.run('insert into champions (model) values ($1) on conflict (model) do nothing', [model]);
  const [row] = await readPointer(sql, model, 'for update');
  const pointer = row!;
  if (pointer.epoch !== expectedEpoch)
    throw new UnderstudyError(
      'EPOCH_CONFLICT',
      `The champion of ${model} is version ${pointer.version ?? '(none)'} at epoch ${pointer.epoch}; the move expected epoch ${expectedEpoch}.`,
      { model, expected: expectedEpoch, found: pointer.epoch, champion: pointer.version },
    );
  return pointer;
}

async function checkTarget(tx: Transaction, request: PromotionRequest, pointer: ChampionPointer): Promise<void> {
  const { model, version, why, quarantine } = request;
  const refuse = (code: 'VERSION_NOT_ALLOWED' | 'NO_PREVIOUS', message: string) =>
    new UnderstudyError(code, message, { model, version, why, champion: pointer.version, previous: pointer.previous });
  const { state } = await lockVersion(tx, model, version);
  if (version === pointer.version)
    throw refuse('VERSION_NOT_ALLOWED', `Version ${version} already is the champion of ${model}.`);
  if ((why === 'override' ? NEVER_SERVES : NEVER_BY_RULE).has(state))
    throw refuse(
      'VERSION_NOT_ALLOWED',
      `Version ${version} of ${model} is ${state}; a ${why} cannot make it champion.`,
    );
  if (why === 'fallback' && pointer.previous === null)
    throw refuse('NO_PREVIOUS', `${model} has no version before the champion to fall back to.`);
  if (why === 'fallback' && version !== pointer.previous)
    throw refuse(
      'VERSION_NOT_ALLOWED',
      `A fallback of ${model} goes to version ${pointer.previous}, not to ${version}.`,
    );
  if (quarantine !== undefined && (quarantine !== pointer.version || why === 'promotion' || why === 'override'))
    throw refuse(
      'VERSION_NOT_ALLOWED',
      `A ${why} cannot quarantine version ${quarantine}; only a fallback or rollback can, and only the champion.`,
    );
}

/** Changes the states in an order that never has two champions, then the pointer. */
async function applyMove(
  tx: Transaction,
  request: PromotionRequest,
  pointer: ChampionPointer,
): Promise<ChampionPointer> {
  const { model, version } = request;
  const bad = request.why === 'fallback' ? pointer.version : (request.quarantine ?? null);
  if (pointer.version !== null)
    await changeState(tx, model, pointer.version, bad === null ? 'previous' : 'quarantined');
  await changeState(tx, model, version, 'champion');
  const previous = bad === null ? pointer.version : await lastGood(tx, model, version);
  if (pointer.previous !== null && pointer.previous !== version && pointer.previous !== previous)
    await changeState(tx, model, pointer.previous, 'archived');
  if (previous !== null) await changeState(tx, model, previous, 'previous');
  const [moved] = await within(tx).query(
    Pointer,
    `update champions set version = $2, previous = $3, epoch = epoch + 1, since = $4 where model = $1
     returning model, version, previous, epoch, since`,
    [model, version, previous, request.asOf],
  );
  return moved!;
}

/** The version that served last, other than the new champion, and may serve again; null: none. */
async function lastGood(tx: Transaction, model: string, champion: number): Promise<number | null> {
  const [row] = await within(tx).query(
    Version,
    `select v.version from champion_moves m join model_versions v on v.model = m.model and v.version = m.to_version
     where m.model = $1 and v.version <> $2 and v.state in ('previous', 'archived')
     order by m.epoch desc limit 1`,
    [model, champion],
  );
  return row?.version ?? null;
}

async function record(
  tx: Transaction,
  request: PromotionRequest,
  before: ChampionPointer,
  after: ChampionPointer,
  tell: { audit: AuditLog; outbox: Outbox; alert: Alert },
): Promise<void> {
  const { model, version, why, by, reason, asOf } = request;
  const quarantined = why === 'fallback' ? before.version : (request.quarantine ?? null);
  const decision = request.decision ?? null;
  await within(tx).run(
    `insert into champion_moves (model, epoch, from_version, to_version, previous, why, actor, reason, decision, quarantined, as_of)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [model, after.epoch, before.version, version, after.previous, why, by, reason, decision, quarantined, asOf],
  );
  const details = {
    from: before.version,
    to: version,
    previous: after.previous,
    epoch: after.epoch,
    reason,
    decision,
    quarantined,
  };
  await tell.audit.add(tx, { model, asOf, by, action: `champion.${why}`, subject: `version/${version}`, details });
  await tell.outbox.add(tx, tell.alert);
  await within(tx).run('select pg_notify($1, $2)', [CHAMPION_CHANNEL, model]);
}
