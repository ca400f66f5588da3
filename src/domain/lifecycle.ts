// Messages and state of the lifecycle workflow: plain JSON, the public Temporal interface. Names are a contract (a test snapshots them).
import type { Day, IsoTimestamp } from './days';
import type { DecisionSummary } from './evaluation';
import type { TickKind } from './ids';
import type { Alert, MoveReason } from './registry';

export type Clock = 'wall' | 'simulated';

// ---- messages -------------------------------------------------------------------------------------------------------------
export interface TickMessage {
  readonly kind: TickKind;
  readonly logicalTime: Day;
  readonly asOf: IsoTimestamp;
}
export interface RetrainMessage {
  readonly logicalTime?: Day;
  readonly reason: string;
  readonly by: string;
}
export interface IngestMessage {
  /** Default: every table. */
  readonly table?: string;
  readonly partition: Day;
  /** A file that replaces the template's for this delivery, relative to the model's folder or absolute. */
  readonly uri?: string;
  readonly sha256?: string;
}
export interface BackfillMessage {
  readonly from: Day;
  readonly to: Day;
  readonly by: string;
}
export interface DecideMessage {
  readonly cycle: string;
  readonly decision: 'approve' | 'reject';
  readonly by: string;
  readonly comment?: string;
  readonly digest: string;
}
export interface ApprovalSignal {
  readonly by: string;
  readonly digest: string;
  readonly comment?: string;
  readonly cycle?: string;
}
export interface PromoteMessage {
  readonly version?: number;
  /** The newest version of this contender, when no version is given. */
  readonly contender?: string;
  readonly expectedEpoch: number;
  readonly by: string;
  readonly reason: string;
  /** Skip the gates (never the fallback). */
  readonly override?: boolean;
  readonly holdFallbackUntil?: IsoTimestamp;
}
export interface RollbackMessage {
  readonly to?: number;
  readonly by: string;
  readonly reason: string;
}
export interface DataArrivedSignal {
  readonly table: string;
  readonly partition: Day;
  readonly uri: string;
  readonly sha256: string;
}
export interface ConfigureMessage {
  readonly definitionDigest: string;
}
export interface PauseMessage {
  readonly by?: string;
  readonly reason?: string;
}

/** What an update answers: the id under which the request is known, and whether it was known already. */
export interface Accepted {
  readonly id: string;
  readonly duplicate: boolean;
}

export interface LifecycleInput {
  readonly model: string;
  readonly clock: Clock;
  /** Carried by continue-as-new only. */
  readonly state?: LifecycleState;
}

// ---- children ---------------------------------------------------------------------------------------------------------------
export type ChildKind = 'ingest' | 'cycle' | 'score' | 'monitor' | 'rollout' | 'backfill' | 'retention';

export interface ChildFinished {
  readonly kind: ChildKind;
  readonly id: string;
  readonly outcome: ChildOutcome;
}

export type ChildOutcome =
  | { readonly type: 'done'; readonly note: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | { readonly type: 'decided'; readonly decision: DecisionSummary }
  | { readonly type: 'merged'; readonly into: string }
  | {
      readonly type: 'ingested';
      readonly accepted: readonly string[];
      readonly rejected: readonly string[];
      readonly reopened: readonly string[];
    }
  | {
      readonly type: 'monitored';
      readonly day: Day;
      readonly verdict: 'nothing' | 'alert' | 'retrain' | 'fallback';
      readonly reason: string;
    }
  | ({ readonly type: 'moved' } & MoveResult)
  | { readonly type: 'not-moved'; readonly code: string; readonly message: string };

/** What a move of the champion pointer led to. `fallback`: why the new champion must go again; null: it stays. */
export interface MoveResult {
  readonly version: number;
  readonly contender: string;
  readonly previous: number | null;
  readonly epoch: number;
  readonly fallback: string | null;
}

// ---- state --------------------------------------------------------------------------------------------------------------------
/** Something to do, in the order of its instant. */
export type LifecycleRequest = { readonly id: string; readonly asOf: IsoTimestamp } & (
  | { readonly type: 'tick'; readonly tick: TickMessage }
  | { readonly type: 'retrain'; readonly retrain: RetrainMessage }
  | { readonly type: 'ingest'; readonly ingest: IngestMessage }
  | { readonly type: 'backfill'; readonly backfill: BackfillMessage }
  | { readonly type: 'move'; readonly move: MoveRequest }
);

export interface MoveRequest {
  readonly version: number;
  readonly expectedEpoch: number;
  readonly why: MoveReason;
  readonly by: string;
  readonly reason: string;
  readonly decision?: string;
  readonly quarantine?: number;
  /** Check champion against previous on the truth set after the move. */
  readonly checkAfter: boolean;
}

export interface OpenWork {
  readonly kind: ChildKind;
  readonly id: string;
  readonly since: IsoTimestamp;
  readonly logicalTime: Day | null;
  /** The champion's epoch when the work was started: its verdict is about that champion. */
  readonly epoch: number;
}

export interface PendingApproval {
  readonly cycle: string;
  readonly digest: string;
  readonly version: number;
  readonly contender: string;
  readonly kind: string;
  readonly championEpoch: number;
  readonly requestedAt: IsoTimestamp;
  readonly expiresAt: IsoTimestamp;
  readonly remindAt: IsoTimestamp;
  readonly reminded: boolean;
  readonly approvedBy: readonly string[];
}

/** The settings of the plan that the workflow itself needs, recorded by `configure`; durations in milliseconds. */
export interface LifecycleSettings {
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly approvalExpiresMs: number;
  readonly remindBeforeMs: number;
  readonly retrainCooldownMs: number;
  readonly tables: readonly string[];
  /** The last day of the data, for a simulated clock; null: none. */
  readonly dataEndDay: Day | null;
}

export type LifecyclePhase = 'starting' | 'idle' | 'working' | 'awaiting-approval' | 'paused';
export type LifecycleHealth = 'good' | 'degraded' | 'needs-human';

export interface LifecycleState {
  readonly stateVersion: 1;
  definitionDigest: string | null;
  settings: LifecycleSettings | null;
  paused: boolean;
  health: LifecycleHealth;
  /** False until the state was loaded from the database, once per entity. */
  loaded: boolean;
  champion: { readonly version: number; readonly contender: string } | null;
  previous: number | null;
  epoch: number;
  /** The epoch that a promotion in flight has reserved; null: none. */
  reservedEpoch: number | null;
  /** The latest asOf of any tick: the simulated clock's now. */
  now: IsoTimestamp | null;
  queue: LifecycleRequest[];
  open: OpenWork[];
  /** Reports of children that are still to be acted on. */
  outcomes: ChildFinished[];
  approval: PendingApproval | null;
  /** Proposals that ended without a promotion; bounded. */
  ended: { readonly digest: string; readonly verdict: 'rejected' | 'expired' | 'superseded' }[];
  /** Ids of handled requests; bounded. */
  handled: string[];
  /** Alerts and approval records that are still to be written, in order. */
  notices: Notice[];
  /** Moves refused since the last one that succeeded: keeps their workflow ids apart. */
  moveAttempts: number;
  /** Cycles that are open or were, newest last; bounded. */
  cycles: {
    readonly id: string;
    readonly logicalTime: Day;
    readonly definitionDigest: string;
    readonly round: number;
  }[];
  lastRetrainAskedAt: IsoTimestamp | null;
  holdFallbackUntil: IsoTimestamp | null;
  decisions: {
    readonly cycle: string;
    readonly digest: string;
    readonly verdict: string;
    readonly version: number | null;
  }[];
  refused: { readonly name: string; readonly why: string }[];
}

/** Something to write to the database from the main loop, so that handlers stay synchronous. */
export type Notice =
  | { readonly type: 'alert'; readonly alert: Alert }
  | {
      readonly type: 'approval';
      readonly digest: string;
      readonly verdict: 'approved' | 'rejected' | 'expired' | 'superseded';
      readonly by: string;
      readonly comment: string;
      readonly asOf: IsoTimestamp;
    };

/** Answer of the `status` query. */
export interface LifecycleStatus {
  readonly model: string;
  readonly clock: Clock;
  readonly phase: LifecyclePhase;
  readonly health: LifecycleHealth;
  readonly definitionDigest: string | null;
  readonly champion: { readonly version: number; readonly contender: string } | null;
  readonly previous: number | null;
  readonly epoch: number;
  readonly now: IsoTimestamp | null;
  readonly queued: number;
  readonly open: readonly OpenWork[];
  readonly approval: PendingApproval | null;
  readonly refused: readonly { readonly name: string; readonly why: string }[];
  readonly runs: { readonly historyLength: number };
}

export const UPDATE_NAMES = [
  'tick',
  'retrain',
  'ingest',
  'backfill',
  'decide',
  'promote',
  'rollback',
  'pause',
  'resume',
  'configure',
] as const;
export const SIGNAL_NAMES = [
  'approve',
  'reject',
  'dataArrived',
  'labelsArrived',
  'childFinished',
  'continueAsNew',
] as const;
export const QUERY_NAMES = ['status', 'decisions'] as const;
