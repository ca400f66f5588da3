// The lifecycle's state and the few pure operations on it. Everything here survives continue-as-new as JSON.
import { addDays, type Day, type IsoTimestamp } from '../../domain/days';
import type { EndedWork, HealthReason } from '../../domain/lifecycle/ended-work';
import type { Accepted, Clock, LifecyclePhase, LifecycleStatus } from '../../domain/lifecycle/lifecycle';
import type {
  LifecycleInput,
  LifecycleRequest,
  LifecycleState,
  MoveRequest,
} from '../../domain/lifecycle/lifecycle-state';
import type { Alert } from '../../domain/lifecycle/registry';
import { ENDS_KEPT, isWorthKeeping, LONGEST_SENTENCE } from './ended';

/** How much is remembered: half a year of ticks, and small enough that the state stays below 64 KB. */
const KEEP = { handled: 1000, ticks: 700, ended: 50, cycles: 60, decisions: 50, refused: 20 } as const;

export interface Entity {
  readonly model: string;
  readonly clock: Clock;
  readonly state: LifecycleState;
  /** A person asked for a new run, or Temporal suggests one. */
  rollOver: boolean;
  /** Expected partitions are being looked for. */
  polling: boolean;
  /** The request whose delivery is being looked for, beside everything else. */
  locating: string | null;
  /** What was found is being started: the entity must not go on in a new run in the middle of it. */
  launching: boolean;
}

export function createEntity(input: LifecycleInput): Entity {
  return {
    model: input.model,
    clock: input.clock,
    state: input.state ?? freshState(),
    rollOver: false,
    polling: false,
    locating: null,
    launching: false,
  };
}

function freshState(): LifecycleState {
  return {
    stateVersion: 1,
    loaded: false,
    definitionDigest: null,
    settings: null,
    paused: false,
    health: 'good',
    champion: null,
    previous: null,
    epoch: 0,
    reservedEpoch: null,
    now: null,
    queue: [],
    open: [],
    outcomes: [],
    approval: null,
    ended: [],
    handled: [],
    expected: [],
    arrivals: 0,
    told: 0,
    looks: 0,
    notices: [],
    moveAttempts: 0,
    cycles: [],
    lastRetrainAskedAt: null,
    holdFallbackUntil: null,
    decisions: [],
    refused: [],
    healthReason: null,
    lately: [],
  };
}

/** The entity's now: the wall clock (as recorded by Temporal), or the instant of the last request on a simulated one. */
export function nowOf({ clock, state }: Entity): IsoTimestamp {
  return clock === 'wall' ? new Date(Date.now()).toISOString() : (state.now ?? new Date(0).toISOString());
}

/**
 * The instant of a person's request about days before `day`: now, and on a simulated clock that is behind, the noon of that day in UTC, when what
 * they are about is available in most time zones. So a person's requests move a simulated clock, never back and never beyond the end of the data.
 */
export function instantFor(entity: Entity, day: Day): IsoTimestamp {
  const now = nowOf(entity);
  if (entity.clock === 'wall') return now;
  const end = entity.state.settings?.dataEndDay;
  const last = end && day > addDays(end, 1) ? addDays(end, 1) : day;
  const noon = `${last}T12:00:00.000Z`;
  return noon > now ? noon : now;
}

export function nowMs(entity: Entity): number {
  return Date.parse(nowOf(entity));
}

export function later(instant: IsoTimestamp, milliseconds: number): IsoTimestamp {
  return new Date(Date.parse(instant) + milliseconds).toISOString();
}

/** Queues a request unless its id was handled before; requests are kept in the order of their instant, equal ones as they came. */
export function accept(entity: Entity, request: LifecycleRequest): Accepted {
  const { state } = entity;
  if (!rememberHandled(entity, request.id)) return { id: request.id, duplicate: true };
  const at = state.queue.findIndex((queued) => queued.asOf > request.asOf);
  state.queue.splice(at < 0 ? state.queue.length : at, 0, request);
  return { id: request.id, duplicate: false };
}

/** Marks a request that needs nothing more as handled; false: it was. */
export function rememberHandled({ state }: Entity, id: string): boolean {
  if (state.handled.includes(id)) return false;
  remember(state.handled, id, KEEP.handled + 1);
  if (state.handled.length > KEEP.handled) {
    // Ticks are asked for by name months later; thousands of deliveries must not push them out.
    const isTick = (known: string): boolean => known.startsWith('tick/');
    const ticks = state.handled.filter(isTick).length;
    state.handled.splice(
      ticks > KEEP.ticks ? state.handled.findIndex(isTick) : state.handled.findIndex((known) => !isTick(known)),
      1,
    );
  }
  return true;
}

/** Reserves the next epoch for a move, at once, so that a second one with the same expectation is refused. */
export function reserveMove(entity: Entity, id: string, move: MoveRequest): Accepted {
  const accepted = accept(entity, { type: 'move', id, asOf: nowOf(entity), move });
  if (!accepted.duplicate) entity.state.reservedEpoch = move.expectedEpoch + 1;
  return accepted;
}

export function alertLater(entity: Entity, alert: Omit<Alert, 'model' | 'asOf'>): void {
  entity.state.notices.push({ type: 'alert', alert: { ...alert, model: entity.model, asOf: nowOf(entity) } });
}

export function refuse(entity: Entity, name: string, why: string): void {
  remember(entity.state.refused, { name, why }, KEEP.refused);
}

/** Keeps how work ended for `status`, where a person may look for it. */
export function rememberEnd({ state }: Entity, end: EndedWork): void {
  state.lately ??= [];
  if (isWorthKeeping(end)) remember(state.lately, end, ENDS_KEPT);
}

/** A health that is not good, with its reason; the last one counts. */
export function worsen(entity: Entity, health: HealthReason['health'], why: string): void {
  const { state } = entity;
  state.health = health;
  state.healthReason = { health, since: nowOf(entity), why: why.slice(0, LONGEST_SENTENCE) };
}

export function recover({ state }: Entity, from: HealthReason['health']): void {
  if (state.health !== from) return;
  state.health = 'good';
  state.healthReason = null;
}

export function rememberEnded({ state }: Entity, proposal: LifecycleState['ended'][number]): void {
  remember(state.ended, proposal, KEEP.ended);
}

export function rememberCycle({ state }: Entity, cycle: LifecycleState['cycles'][number]): void {
  remember(state.cycles, cycle, KEEP.cycles);
}

export function rememberDecision({ state }: Entity, decision: LifecycleState['decisions'][number]): void {
  remember(state.decisions, decision, KEEP.decisions);
}

function remember<T>(list: T[], item: T, keep: number): void {
  list.push(item);
  if (list.length > keep) list.splice(0, list.length - keep);
}

export function phaseOf({ state, locating }: Entity): LifecyclePhase {
  if (state.paused) return 'paused';
  if (!state.loaded || state.definitionDigest === null) return 'starting';
  if (state.open.length > 0 || locating !== null) return 'working';
  return state.approval ? 'awaiting-approval' : 'idle';
}

export function statusOf(entity: Entity, historyLength: number): LifecycleStatus {
  const { state, model, clock } = entity;
  const { health, definitionDigest, champion, previous, epoch, open, approval, expected, refused } = state;
  return {
    model,
    clock,
    phase: phaseOf(entity),
    health,
    healthReason: state.healthReason ?? null,
    definitionDigest,
    champion,
    previous,
    epoch,
    now: clock === 'wall' ? nowOf(entity) : state.now,
    queued: state.queue.length + state.outcomes.length + state.notices.length,
    open,
    approval,
    expected,
    refused,
    ended: state.lately ?? [],
    runs: { historyLength },
  };
}
