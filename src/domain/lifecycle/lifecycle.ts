// Messages of the lifecycle workflow and its answers: plain JSON, the public Temporal interface. Names are a contract (a test snapshots them).
import type { ExpectedPartition } from '../data/arrivals';
import type { Day, IsoTimestamp } from '../days';
import type { DecisionSummary } from '../evaluation/evaluation';
import type { TickKind } from '../ids';
import type { EndedWork, HealthReason } from './ended-work';

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
export interface QuarantineMessage {
  readonly table: string;
  readonly partition: Day;
  readonly rule: string;
  /** `released`: the rows are let in, the partition is checked again; `discarded`: they stay out for good. */
  readonly verdict: 'released' | 'discarded';
  readonly by: string;
  readonly reason: string;
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
  /** What the sender should know of it, such as that the same work exists already; absent: nothing. */
  readonly note?: string;
}

// ---- children ---------------------------------------------------------------------------------------------------------------
export type ChildKind = 'ingest' | 'cycle' | 'score' | 'monitor' | 'rollout' | 'backfill' | 'retention';

export interface ChildFinished {
  readonly kind: ChildKind;
  readonly id: string;
  readonly outcome: ChildOutcome;
  /** Partitions that are due and that the work found nothing for: the lifecycle expects them from now on. */
  readonly missing?: readonly DuePartition[];
}

/** A partition whose rows should be there. */
export interface DuePartition {
  readonly table: string;
  readonly partition: Day;
  readonly availableAt: IsoTimestamp;
  /** Something lies there that cannot be read. */
  readonly unreadable?: boolean;
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

// ---- answers ---------------------------------------------------------------------------------------------------------------
export interface OpenWork {
  readonly kind: ChildKind;
  readonly id: string;
  readonly since: IsoTimestamp;
  readonly logicalTime: Day | null;
  /** The champion's epoch when the work was started: its verdict is about that champion. */
  readonly epoch: number;
  /** The id with which a person's request for it was accepted. */
  readonly request?: string;
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

export type LifecyclePhase = 'starting' | 'idle' | 'working' | 'awaiting-approval' | 'paused';
export type LifecycleHealth = 'good' | 'degraded' | 'needs-human';

/** Answer of the `status` query. */
export interface LifecycleStatus {
  readonly model: string;
  readonly clock: Clock;
  readonly phase: LifecyclePhase;
  readonly health: LifecycleHealth;
  /** Why the health is not good; null: it is, or what made it so was not recorded. */
  readonly healthReason: HealthReason | null;
  readonly definitionDigest: string | null;
  readonly champion: { readonly version: number; readonly contender: string } | null;
  readonly previous: number | null;
  readonly epoch: number;
  readonly now: IsoTimestamp | null;
  readonly queued: number;
  readonly open: readonly OpenWork[];
  readonly approval: PendingApproval | null;
  /** Partitions that are due and have not come. */
  readonly expected: readonly ExpectedPartition[];
  readonly refused: readonly { readonly name: string; readonly why: string }[];
  /** How the last work ended, newest last; of daily work only what failed. At most 20. */
  readonly ended: readonly EndedWork[];
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
  'quarantine',
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
