// What a lifecycle carries from run to run: plain JSON, bounded, so that it stays small for years.
import type { Arrival, ArrivalSource, ExpectedPartition } from '../data/arrivals';
import type { Day, IsoTimestamp } from '../days';
import type {
  BackfillMessage,
  ChildFinished,
  Clock,
  IngestMessage,
  LifecycleHealth,
  OpenWork,
  PendingApproval,
  RetrainMessage,
  TickMessage,
} from './lifecycle';
import type { EndedWork, HealthReason } from './ended-work';
import type { Alert, MoveReason } from './registry';

export interface LifecycleInput {
  readonly model: string;
  readonly clock: Clock;
  /** Carried by continue-as-new only. */
  readonly state?: LifecycleState;
}

/** Something to do, in the order of its instant. */
export type LifecycleRequest = { readonly id: string; readonly asOf: IsoTimestamp } & (
  | { readonly type: 'tick'; readonly tick: TickMessage }
  | { readonly type: 'retrain'; readonly retrain: RetrainMessage }
  | {
      readonly type: 'ingest';
      readonly ingest: IngestMessage;
      readonly source: ArrivalSource;
      /** The quarantine rule that was released: the partition's newest delivery is checked again. */
      readonly released?: string;
    }
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

/** The settings of the plan that the workflow itself needs, recorded by `configure`; durations in milliseconds. */
export interface LifecycleSettings {
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly approvalExpiresMs: number;
  readonly remindBeforeMs: number;
  readonly retrainCooldownMs: number;
  readonly tables: readonly string[];
  /** Tables in the order in which they are checked: those of a step refer to tables of earlier steps only. */
  readonly ingestSteps: readonly (readonly string[])[];
  /** Of each table: how long after its instant a partition is waited for before people are told, and how often it is looked for. */
  readonly arrival: Readonly<Record<string, { readonly deadlineMs: number; readonly pollMs: number }>>;
  /** Tables whose rows are sent to us: an announcement of theirs comes as an `ingest` update. */
  readonly pushTables: readonly string[];
  /** The last day of the data, for a simulated clock; null: none. */
  readonly dataEndDay: Day | null;
}

export interface LifecycleState {
  readonly stateVersion: 1;
  definitionDigest: string | null;
  settings: LifecycleSettings | null;
  paused: boolean;
  health: LifecycleHealth;
  /** Why the health is not good. Absent in a state of before it was kept. */
  healthReason?: HealthReason | null;
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
  /** Partitions that are due and have not come, soonest deadline first; bounded. */
  expected: ExpectedPartition[];
  /** Deliveries told of so far: numbers their records. */
  arrivals: number;
  /** Deliveries announced by signal and queued so far: keeps requests for the same bytes apart. */
  told: number;
  /** Days that were looked at again so far: keeps the workflow ids of their looks apart. */
  looks: number;
  /** Alerts, approvals and arrivals that are still to be written, in order. */
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
  /** How the last work ended, newest last; bounded. Absent in a state of before it was kept. */
  lately?: EndedWork[];
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
    }
  | ({ readonly type: 'arrival' } & Omit<Arrival, 'model'>);
