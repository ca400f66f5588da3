// Versions, the champion pointer and what is known of how a version came to be.
import type { ArtifactRef } from '../data/artifacts';
import type { Day, IsoTimestamp } from '../days';
import type { ExperimentMark } from '../evaluation/experiments';
import type { StartedFrom } from '../plan/start-from';
import type { TrainRequest, TrainResult } from '../training/training';

export const VERSION_STATES = [
  'candidate',
  'experiment',
  'rejected',
  'champion',
  'previous',
  'archived',
  'quarantined',
  'deleted',
] as const;
export type VersionState = (typeof VERSION_STATES)[number];

/** From which state a version may go to which; the database has the same table as a trigger. */
export const VERSION_TRANSITIONS: Readonly<Record<VersionState, readonly VersionState[]>> = {
  candidate: ['champion', 'rejected', 'deleted'],
  // Tried by a person beside the cycles: nothing makes it champion.
  experiment: ['deleted'],
  rejected: ['champion', 'deleted'],
  champion: ['previous', 'archived', 'quarantined'],
  previous: ['champion', 'archived', 'quarantined'],
  archived: ['champion', 'previous', 'deleted'],
  quarantined: ['champion', 'deleted'],
  deleted: [],
};

/** States of versions that can never serve, not even by an override. */
export const NEVER_SERVES: ReadonlySet<VersionState> = new Set(['experiment', 'deleted']);

/** How a version came to be: enough to make it again. */
export interface Lineage {
  readonly codeCommit: string;
  readonly definitionDigest: string;
  readonly cycle: string;
  readonly logicalTime: Day;
  readonly snapshot: string;
  readonly trainer: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly seed: number;
  readonly threads: number;
  readonly libraries: Readonly<Record<string, string>>;
  /** The search that its parameters are from; `trial` null: it was ended before any was complete, so they are the contender's own. */
  readonly tuning?: { readonly study: string; readonly trial: number | null };
  /** What its trainer was asked, word for word. Absent: it was trained before this was kept. */
  readonly request?: TrainRequest;
  /** Of a borrowed version: whose it is, and the logical time there. All else is the lender's, but the logical time and the cycle. */
  readonly borrowed?: { readonly model: string; readonly version: number; readonly logicalTime: Day };
  /** The version that its training went on from. Absent: it started from nothing. */
  readonly startFrom?: StartedFrom;
  /** Present exactly on versions that were made by an experiment. */
  readonly experiment?: ExperimentMark;
  /** The champion when this version was trained; null: none. */
  readonly parent: number | null;
}

export interface ModelVersion {
  readonly model: string;
  readonly version: number;
  readonly contender: string;
  readonly state: VersionState;
  readonly onnx: ArtifactRef;
  readonly signature: ArtifactRef;
  readonly training: TrainResult;
  readonly lineage: Lineage;
  readonly createdAt: IsoTimestamp;
}

/** Who serves. `epoch` grows by one with each move and guards it (compare-and-set). */
export interface ChampionPointer {
  readonly model: string;
  readonly version: number | null;
  readonly previous: number | null;
  readonly epoch: number;
  /** Logical instant of the last move. */
  readonly since: IsoTimestamp;
}

export const MOVE_REASONS = ['promotion', 'override', 'fallback', 'rollback'] as const;
export type MoveReason = (typeof MOVE_REASONS)[number];

/** One move of the champion pointer: written with its audit and outbox rows in the same transaction. */
export interface PromotionRequest {
  readonly model: string;
  readonly version: number;
  /** The pointer's epoch that the caller saw; the move makes it one higher. */
  readonly expectedEpoch: number;
  readonly why: MoveReason;
  readonly by: string;
  readonly reason: string;
  /** Decision that allowed it; absent for override, fallback and rollback. */
  readonly decision?: string;
  readonly asOf: IsoTimestamp;
  /** The version that a fallback takes out of service. */
  readonly quarantine?: number;
}

export interface AuditEntry {
  readonly id: number;
  readonly model: string;
  readonly at: IsoTimestamp;
  readonly asOf: IsoTimestamp;
  readonly by: string;
  readonly action: string;
  readonly subject: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What people are told, once per `key`, in the log and by web hook. */
export interface Alert {
  /** Business key: the same happening always has the same key, so it is told once. */
  readonly key: string;
  readonly model: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly event: string;
  readonly what: string;
  readonly why: string;
  /** The command with which a person acts on it; empty: nothing to do. */
  readonly command: string;
  readonly asOf: IsoTimestamp;
}
