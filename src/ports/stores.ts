// What the product needs of its database: one interface per noun, implemented in stores/ on PostgreSQL.
import type { ArtifactRef } from '../domain/data/artifacts';
import type { Day, IsoTimestamp } from '../domain/days';
import type { Decision, Evaluation } from '../domain/evaluation/evaluation';
import type { Clock } from '../domain/lifecycle/lifecycle';
import type { MonitorReport } from '../domain/monitoring/monitoring';
import type { ColumnSketch, ColumnStatistics, PartitionRevision, QuarantineSummary } from '../domain/data/partitions';
import type { ModelPlan } from '../domain/plan/plan';
import type { LoggedOutput } from '../domain/evaluation/predictions';
import type { CheckStore } from './checks';
import type { ArrivalStore, WatermarkStore } from './arrivals';
import type { ExplanationStore } from './explanations';
import type { FeatureStore, FeatureViewStore } from './features';
import type { OnlineStore } from './online';
import type { PartitionSketchStore } from './partition-sketches';
import type { PushStore } from './push';
import type { QuarantineStore } from './quarantine';
import type { TrainingJobStore } from './training-jobs';
import type { StudyStore } from './tuning';
import type {
  Alert,
  AuditEntry,
  ChampionPointer,
  ModelVersion,
  PromotionRequest,
  VersionState,
} from '../domain/lifecycle/registry';

/**
 * Runs an effect once per business key. The key names model, logical time and step, never a run or an attempt. A second call with the same
 * key and inputs returns the first one's result without running the effect; with other inputs it fails with DUPLICATE_EFFECT.
 */
export interface EffectLedger {
  /**
   * The effect runs in a transaction that the server ends after 60 s without a statement: long work belongs before it. The result goes
   * through JSON for the first caller too (undefined becomes null).
   */
  once<T>(
    key: string,
    inputDigest: string,
    effect: (tx: Transaction) => Promise<T>,
  ): Promise<{ result: T; first: boolean }>;
  count(model: string): Promise<number>;
}

/** An open database transaction; opaque outside of stores/. */
export interface Transaction {
  readonly opaque: unique symbol;
}

export interface DefinitionStore {
  /** Records the plan under its digest; the same digest twice is one row. */
  save(digest: string, plan: ModelPlan, codeCommit: string): Promise<void>;
  load(digest: string): Promise<{ plan: ModelPlan; codeCommit: string }>;
  /** Model row: clock and the digest in force. The first call fixes the clock; another one later is USAGE. */
  setCurrent(model: string, clock: Clock, digest: string): Promise<void>;
  current(model: string): Promise<{ clock: Clock; digest: string } | null>;
  models(): Promise<string[]>;
}

export interface PartitionStore {
  /** What splitting a raw file gave, by the file's digest and the split's own digest (partition expression): day → raw Parquet. */
  saveSplit(fileSha256: string, splitDigest: string, days: Readonly<Record<Day, ArtifactRef>>): Promise<void>;
  loadSplit(fileSha256: string, splitDigest: string, day: Day): Promise<{ known: boolean; data: ArtifactRef | null }>;
  /** Forgets splits older than this that no partition needs any more, such as those of superseded deliveries; gives their number. */
  forgetSplits(olderThanMs: number): Promise<number>;
  /**
   * Adds a revision (the next number) unless the newest has the same data digest; returns the stored one and whether it is new.
   * `asOf`: the instant of the delivery; a later revision than the first is available from then on, if that is after the table's rule.
   */
  accept(
    tx: Transaction,
    revision: Omit<PartitionRevision, 'revision'> & { readonly asOf?: IsoTimestamp },
    statistics: Readonly<Record<string, ColumnStatistics>>,
    quarantined: readonly QuarantineSummary[],
    sketches?: Readonly<Record<string, ColumnSketch>>,
  ): Promise<{ revision: PartitionRevision; isNew: boolean; replaced: boolean }>;
  reject(tx: Transaction, model: string, table: string, partition: Day, sha256: string, message: string): Promise<void>;
  /**
   * Newest accepted revisions of a table, by day, from `from` to `to`. With `asOf` a later revision than the first counts only when it was
   * available by then; when the first one is, the table's rule says.
   */
  newest(model: string, table: string, from: Day, to: Day, asOf?: IsoTimestamp): Promise<PartitionRevision[]>;
  /** Of the `limit` newest partitions before a day, the newest day first; newest revisions. Sketches are null unless asked for (and kept). */
  statistics(
    model: string,
    table: string,
    before: Day,
    limit: number,
    withSketches?: boolean,
  ): Promise<
    {
      partition: Day;
      rows: number;
      columns: Readonly<Record<string, ColumnStatistics>>;
      sketches: Readonly<Record<string, ColumnSketch>> | null;
    }[]
  >;
  rejections(
    model: string,
  ): Promise<{ table: string; partition: Day; sha256: string; message: string; at: IsoTimestamp }[]>;
  /** For a summary. `ingested`: partitions; `reopened`: accepted revisions above 1 or after a rejection; rows: those of the newest revisions. */
  totals(
    model: string,
  ): Promise<{ ingested: number; rejected: number; reopened: number; rows: number; quarantinedRows: number }>;
}

export interface ModelRegistry {
  /** Reserves the next version number and saves the candidate (an experiment's: in that state), in the ledger's transaction. */
  saveCandidate(tx: Transaction, version: Omit<ModelVersion, 'version' | 'state' | 'createdAt'>): Promise<ModelVersion>;
  load(model: string, version: number): Promise<ModelVersion>;
  list(model: string): Promise<ModelVersion[]>;
  /** The newest version of a contender that is not deleted and no experiment. */
  newestOf(model: string, contender: string): Promise<ModelVersion | null>;
  /** For versions that the pointer does not name; VERSION_NOT_ALLOWED for an illegal transition and for what only a move may do. */
  setState(tx: Transaction, model: string, version: number, state: VersionState): Promise<void>;
  /** Before the first move: version and previous null, epoch 0, since 1970. */
  champion(model: string): Promise<ChampionPointer>;
  /**
   * Compare-and-set of the pointer with its state changes, audit row and outbox row, all in `tx`.
   * Fails with EPOCH_CONFLICT when the pointer's epoch is not `expectedEpoch`, VERSION_NOT_FOUND, VERSION_NOT_ALLOWED (already champion,
   * deleted; rejected or quarantined unless an override; a fallback elsewhere than to previous), NO_PREVIOUS.
   */
  move(tx: Transaction, request: PromotionRequest, alert: Alert): Promise<ChampionPointer>;
  moves(model: string): Promise<
    {
      from: number | null;
      to: number;
      why: string;
      by: string;
      reason: string;
      epoch: number;
      asOf: IsoTimestamp;
      at: IsoTimestamp;
    }[]
  >;
  saveEvaluation(model: string, evaluation: Evaluation): Promise<void>;
  evaluation(model: string, version: number, snapshot: string): Promise<Evaluation | null>;
  /** The instant at which an evaluation was first recorded; null: there is none. */
  evaluatedAt(model: string, version: number, snapshot: string): Promise<string | null>;
  saveDecision(tx: Transaction, decision: Decision, approval: { by: string; comment: string } | null): Promise<void>;
  /** Verdicts are added; the last one counts. Gives the version that the decision proposed. DIGEST_MISMATCH when the model has no such decision. */
  recordApproval(
    tx: Transaction,
    model: string,
    digest: string,
    verdict: 'approved' | 'rejected' | 'expired' | 'superseded',
    by: string,
    comment: string,
  ): Promise<number | null>;
  decisions(
    model: string,
    limit: number,
  ): Promise<(Decision & { approval: { verdict: string; by: string; comment: string } | null; at: IsoTimestamp })[]>;
  findCycle(model: string, snapshot: string, definitionDigest: string): Promise<string | null>;
}

export interface AuditLog {
  add(tx: Transaction, entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void>;
  list(model: string, limit: number): Promise<AuditEntry[]>;
  /** Entries that were written more than once (same action, subject, instant and details): effects that happened twice. Empty is good. */
  duplicates(model: string): Promise<{ action: string; subject: string; asOf: IsoTimestamp; times: number }[]>;
}

/** Rows to be told to the outside, written in the effect's transaction and delivered afterwards, once per key. */
export interface Outbox {
  add(tx: Transaction, alert: Alert): Promise<void>;
  /** Takes up to `limit` undelivered rows that are due, hands them to `deliver`, and records what came of each (with back-off). */
  deliverDue(limit: number, deliver: (alert: Alert, id: number) => Promise<void>): Promise<number>;
  pending(): Promise<number>;
  /** Rows of a model, newest first, with what came of them. */
  list(
    model: string,
    limit: number,
  ): Promise<
    { id: number; alert: Alert; attempts: number; deliveredAt: IsoTimestamp | null; lastError: string | null }[]
  >;
}

/** What was predicted: exactly one of the three, by the task of the model. */
export interface LoggedPrediction extends LoggedOutput {
  readonly model: string;
  readonly version: number;
  readonly partition: Day;
  readonly entityKey: string;
  readonly asOf: IsoTimestamp;
}

export interface PredictionLog {
  /** Once per (model, partition, entity key): a repeated row is ignored. */
  append(rows: readonly LoggedPrediction[]): Promise<number>;
  count(model: string, partition: Day): Promise<number>;
  list(model: string, from: Day, to: Day): Promise<LoggedPrediction[]>;
  /** What was predicted on each day that has a prediction, by day; within a day in any order. Much cheaper than `list`. */
  outputs(model: string, from: Day, to: Day): Promise<{ readonly partition: Day; readonly outputs: LoggedOutput[] }[]>;
}

export interface MonitorStore {
  save(tx: Transaction, report: MonitorReport): Promise<void>;
  list(model: string, from: Day, to: Day): Promise<MonitorReport[]>;
}

/** Everything on PostgreSQL, and a transaction of its own where no ledger key applies. */
export interface Stores {
  readonly ledger: EffectLedger;
  readonly definitions: DefinitionStore;
  readonly partitions: PartitionStore;
  readonly features: FeatureStore;
  readonly featureViews: FeatureViewStore;
  readonly registry: ModelRegistry;
  readonly audit: AuditLog;
  readonly outbox: Outbox;
  readonly predictions: PredictionLog;
  readonly monitoring: MonitorStore;
  readonly online: OnlineStore;
  readonly pushes: PushStore;
  readonly quarantine: QuarantineStore;
  readonly checks: CheckStore;
  readonly partitionSketches: PartitionSketchStore;
  readonly arrivals: ArrivalStore;
  readonly explanations: ExplanationStore;
  readonly watermarks: WatermarkStore;
  readonly studies: StudyStore;
  readonly trainingJobs: TrainingJobStore;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Artifact digests that anything alive refers to: roots of retention (invariant 7). `keepVersions` newest versions are alive. */
  reachableArtifacts(model: string, keepVersions: number, keepSinceDay: Day): Promise<Set<string>>;
  /** Versions that the same rule does not keep alive and that are not deleted yet: retention sets them to `deleted`. */
  expiredVersions(model: string, keepVersions: number, keepSinceDay: Day): Promise<number[]>;
  close(): Promise<void>;
}
