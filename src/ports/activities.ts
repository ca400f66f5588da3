// The contract between workflows and activities: inputs and results are small JSON; data stay behind references (invariant 3).
import type { Arrival } from '../domain/data/arrivals';
import type { Day, IsoTimestamp } from '../domain/days';
import type { DecisionSummary, Evaluation } from '../domain/evaluation/evaluation';
import type { ExperimentMark } from '../domain/evaluation/experiments';
import type { TickKind } from '../domain/ids';
import type { Accepted, ChildOutcome, DuePartition, IngestMessage } from '../domain/lifecycle/lifecycle';
import type { LifecycleSettings } from '../domain/lifecycle/lifecycle-state';
import type { MonitorVerdict } from '../domain/monitoring/monitoring';
import type { SnapshotRef } from '../domain/data/partitions';
import type { Alert, ChampionPointer, PromotionRequest } from '../domain/lifecycle/registry';
import type { ReproducedModel, ReproduceRequest, Reproduction, StoredPart } from '../domain/training/reproduction';
import type { TrainRequest, TrainResult } from '../domain/training/training';
import type {
  StudyEnd,
  StudyStanding,
  TrialOutcome,
  TrialRequest,
  TrialResult,
  TuningResult,
  TuningSettings,
} from '../domain/training/tuning';

/** Names the plan that a step works by, and the instant that its reads are as of. */
export interface StepContext {
  readonly model: string;
  readonly definitionDigest: string;
  readonly asOf: IsoTimestamp;
}

export interface Delivery {
  readonly table: string;
  readonly partition: Day;
  /** Digest of the delivered raw rows of this partition. */
  readonly sha256: string;
  /** The file that the rows came from, for messages. */
  readonly uri: string;
  /** How many deliveries of the partition had been judged when this one was found: the same bytes later may be another delivery. */
  readonly follows: number;
  /** It gave the newest revision or was rejected last, and nothing that decides its verdict has changed since. */
  readonly judged?: 'accepted' | 'rejected';
}

export interface IngestResult {
  readonly table: string;
  readonly partition: Day;
  readonly outcome: 'accepted' | 'unchanged' | 'rejected';
  /** Rejected because the source has nothing for the day. */
  readonly missing?: boolean;
  readonly rows: number;
  readonly quarantinedRows: number;
  /** An accepted partition that follows a rejected or an other revision: its dependants have to be computed again. */
  readonly reopened: boolean;
  readonly message: string;
  /** What the contract warned of, in sentences; people are told once per delivery. */
  readonly warnings: readonly string[];
}

export interface CyclePlan {
  readonly featureDays: readonly Day[];
  readonly missing: readonly { readonly table: string; readonly partition: Day }[];
  readonly contenders: readonly { readonly name: string; readonly queue: string }[];
  /** The newest of the missing ones, at most 50, with the instant that each was due. */
  readonly due: readonly DuePartition[];
  readonly championVersion: number | null;
  /** What to do while partitions are missing; durations in milliseconds. */
  readonly waiting: {
    readonly waitForMs: number;
    readonly everyMs: number;
    readonly then: 'wait' | 'go-on' | 'fail';
  };
}

/** What of a range is not there yet. */
export interface BackfillPlan {
  /** Days with partitions that are due and not stored. */
  readonly ingestDays: readonly Day[];
  /** Days whose stored partitions have features that are not computed. */
  readonly featureDays: readonly Day[];
  /** Partitions of the range that are stored. */
  readonly stored: number;
}

/** What looking for expected partitions gave. */
export interface PollResult {
  readonly found: readonly Delivery[];
  /** Stored meanwhile by other work. */
  readonly stored: readonly { readonly table: string; readonly partition: Day }[];
  /** Something lies there that cannot be read. */
  readonly refused: readonly { readonly table: string; readonly partition: Day; readonly reason: string }[];
}

export interface CycleContext extends StepContext {
  readonly cycle: string;
  readonly logicalTime: Day;
}

/** Runs on the queue `understudy`: the registry, decisions' consequences, messages. Short, no heavy computing. */
export interface ControlActivities {
  /** State of the entity as the database has it: for a lifecycle that is started afresh. */
  loadLifecycle(input: { model: string }): Promise<{
    champion: { version: number; contender: string } | null;
    previous: number | null;
    epoch: number;
    definitionDigest: string | null;
  }>;
  loadSettings(input: { model: string; definitionDigest: string }): Promise<LifecycleSettings>;
  /** The local calendar day of an instant, in the model's time zone. */
  localDayOf(input: { definitionDigest: string; asOf: IsoTimestamp }): Promise<Day>;
  /** Which version a promotion or rollback means; fails with VERSION_NOT_FOUND, VERSION_NOT_ALLOWED or NO_PREVIOUS, a promotion also with ARTIFACT_MISSING or ARTIFACT_CORRUPT. */
  resolveVersion(input: {
    model: string;
    version?: number;
    contender?: string;
    purpose: 'promote' | 'rollback';
    override: boolean;
  }): Promise<{ version: number }>;
  /** Moves the champion pointer once per epoch (ledger), with audit and outbox rows in the same transaction. */
  moveChampion(input: PromotionRequest): Promise<ChampionPointer & { contender: string }>;
  /** Waits (heartbeating) until serving answers with this version; false when it did not within the time. */
  awaitServing(input: {
    model: string;
    version: number;
    withinMs: number;
  }): Promise<{ serving: boolean; milliseconds: number }>;
  raiseAlert(input: Alert): Promise<void>;
  recordApproval(input: {
    model: string;
    digest: string;
    verdict: 'approved' | 'rejected' | 'expired' | 'superseded';
    by: string;
    comment: string;
    asOf: IsoTimestamp;
  }): Promise<void>;
  /**
   * Records what a person decided about the rows that a rule set aside, once (ledger), with an audit row; gives how many rows.
   * Fails with QUARANTINE_REFUSED: no such rows, decided already, or a rule whose rows can never be let in.
   */
  recordQuarantineVerdict(input: {
    model: string;
    table: string;
    partition: Day;
    rule: string;
    verdict: 'released' | 'discarded';
    by: string;
    reason: string;
    asOf: IsoTimestamp;
  }): Promise<{ rows: number }>;
  /** Writes what became of delivery events, each once (by its id). */
  recordArrivals(input: { arrivals: readonly Arrival[] }): Promise<void>;
  /** For children that can no longer report: their outcome, where they have ended. */
  findEnded(input: { ids: readonly string[] }): Promise<{ id: string; outcome: ChildOutcome }[]>;
  /** Hands a scheduled instant to the lifecycle as a `tick` update. */
  deliverTick(input: { model: string; kind: TickKind; asOf: IsoTimestamp }): Promise<Accepted>;
}

/** Runs on the queue `understudy-data`: DuckDB, onnxruntime-node, statistics. */
export interface DataActivities {
  /** What has been delivered for a day (or one partition): splits raw files once. */
  locateDeliveries(
    input: StepContext & { request: IngestMessage; exact: boolean },
  ): Promise<{ found: Delivery[]; missing: DuePartition[] }>;
  /** Looks for expected partitions by their sources. What cannot be read is a finding, not a failure. */
  pollDeliveries(
    input: StepContext & { partitions: readonly { table: string; partition: Day }[] },
  ): Promise<PollResult>;
  /** The delivery that the newest accepted revision of a partition came from; null: nothing is accepted, or its rows are gone. */
  newestDelivery(input: StepContext & { table: string; partition: Day }): Promise<Delivery | null>;
  /** What of a range of days is missing: with nothing to do, the whole answer of a repeated backfill. */
  planBackfill(input: StepContext & { from: Day; to: Day; tables: readonly string[] }): Promise<BackfillPlan>;
  /** Checks and stores delivered partitions, each once (ledger). A rejected one is a result, not a failure. */
  ingestDeliveries(input: StepContext & { deliveries: readonly Delivery[] }): Promise<IngestResult[]>;
  /** Ingests from the templates what is not stored yet; what has no source is reported as rejected. */
  ingestMissing(
    input: StepContext & { partitions: readonly { table: string; partition: Day }[] },
  ): Promise<IngestResult[]>;
  /** Which days' feature partitions exist and depend on these partitions. */
  dependentDays(input: StepContext & { partitions: readonly { table: string; partition: Day }[] }): Promise<Day[]>;
  /** Computes the feature partitions of these days that do not exist yet. `publish` (default: true): brings the online features up to them. */
  featurizeDays(
    input: StepContext & { days: readonly Day[]; publish?: boolean },
  ): Promise<{ computed: number; reused: number }>;
  /**
   * Publishes what deliveries have changed in the features of the newest days. Unless `incomplete` (default: false), nothing happens while the newest day lacks a
   * partition that it may see by now.
   */
  refreshOnline(input: StepContext & { incomplete?: boolean }): Promise<{ rows: number }>;
  planCycle(input: CycleContext): Promise<CyclePlan>;
  /**
   * Partitions are seen as of the cycle's instant; their corrections as of `revisionsAsOf` (default: the same instant): a revision that comes
   * while the snapshot is not fixed enters the cycle.
   */
  fixSnapshot(
    input: CycleContext & { revisionsAsOf?: IsoTimestamp },
  ): Promise<{ snapshot: SnapshotRef; mergedInto: string | null }>;
  /** With `tuning` the parameters are to be searched for first. */
  prepareTraining(
    input: CycleContext & { contender: string; snapshot: SnapshotRef; experiment?: ExperimentMark },
  ): Promise<TrainRequest & { readonly tuning?: TuningSettings }>;
  /** Parity and signature through onnxruntime-node, then saved as a candidate (ledger). */
  saveCandidate(
    input: CycleContext & {
      contender: string;
      snapshot: SnapshotRef;
      request: TrainRequest;
      result: TrainResult;
      /** The search that `request.params` are from. */
      tuning?: Pick<TuningResult, 'study' | 'trial'>;
      /** It is saved in the state `experiment`. */
      experiment?: ExperimentMark;
    },
  ): Promise<{ version: number; parityMaxDifference: number }>;
  /** Scores holdout and truth set through the serving session; stored once per version and snapshot. */
  evaluateVersion(
    input: StepContext & { version: number; snapshot: SnapshotRef },
  ): Promise<Pick<Evaluation, 'version' | 'contender'> & { logLoss: number | null }>;
  /**
   * Explains an evaluated version on its own snapshot: importance, partial dependence, curves; stored once per version.
   * `milliseconds`: how long it took; null: it was there.
   */
  explainVersion(input: StepContext & { version: number }): Promise<{ milliseconds: number | null }>;
  /** Judges the candidates against gates and champion, and records the decision with every number. */
  decideCycle(input: CycleContext & { snapshot: SnapshotRef; versions: readonly number[] }): Promise<DecisionSummary>;
  /** Judges a recorded proposal again, against the champion of now. */
  decideAgain(input: StepContext & { cycle: string; digest: string }): Promise<DecisionSummary>;
  /** Champion against previous on the truth set as of now. */
  compareOnTruth(
    input: StepContext & { version: number; previous: number },
  ): Promise<{ worse: boolean; reason: string }>;
  /** Sends the day's scheduled entities to the serving process, row by row as of their event time, and sees them logged. */
  scoreDay(input: StepContext & { day: Day }): Promise<{ rows: number; version: number | null }>;
  /** `again`: the day was re-opened; where it is a truth day, champion and previous are compared on the revised truth set. */
  monitorDay(
    input: StepContext & { day: Day; holdFallback: boolean; again: boolean },
  ): Promise<{ verdict: MonitorVerdict; reason: string }>;
  /** Puts the feature files of old months together, a file for each version of a view and month; keys and digests stay as they are. */
  compactFeatures(input: StepContext): Promise<{ files: number; partitions: number; kept: number }>;
  /**
   * Archives pushed rows of old days and deletes unreachable artifacts; with `dryRun` only counts both, the days among `unreachable`.
   */
  sweepArtifacts(
    input: StepContext & { dryRun: boolean },
  ): Promise<{ unreachable: number; bytes: number; deleted: number }>;
}

/** A search for a contender's parameters, by the id that `openStudy` gave. */
export interface StudyContext {
  readonly model: string;
  readonly study: string;
  readonly tuning: TuningSettings;
}

/** Runs on the queue `understudy-data`: what a search has to know and to keep. */
export interface TuningActivities {
  /** Gives the study that this training asks for, with what is there of it already, and records that it runs. */
  openStudy(
    input: CycleContext & {
      contender: string;
      snapshot: SnapshotRef;
      request: TrainRequest;
      tuning: TuningSettings;
      workflow: string;
    },
  ): Promise<{ study: string; finished: readonly number[]; standing: StudyStanding }>;
  /** What a trial is asked, with the finished ones before it. Records that it runs. */
  prepareTrial(input: StudyContext & { number: number; request: TrainRequest }): Promise<TrialRequest>;
  /** Keeps how a trial ended, once. */
  recordTrial(input: StudyContext & { number: number; outcome: TrialOutcome }): Promise<StudyStanding>;
  /** Chooses the best and records why the search ended. */
  closeStudy(input: StudyContext & { ended: StudyEnd }): Promise<StudyStanding>;
}

/** Runs on the queue `understudy-data`: a version is trained again, to see whether it comes out the same. Writes nothing but what a repair puts back. */
export interface ReproductionActivities {
  /** What the version's trainer was asked, and where; what is stored of it. `repair` removes damaged files of it. Fails with VERSION_NOT_ALLOWED when it is not known, and ARTIFACT_MISSING when retention has taken what it needs. */
  prepareReproduction(
    input: ReproduceRequest,
  ): Promise<{ request: TrainRequest; queue: string; stored?: readonly StoredPart[] }>;
  /** Compares what came out with what is recorded, the environments where they are known, and what is stored where it was looked at before. */
  compareReproduction(input: ReproducedModel): Promise<Reproduction>;
}

/** Runs on the queue of a trainer that can search; the Python worker's can. Pure: reads artifacts only. */
export interface TrialActivities {
  /** Asks the sampler what to try and tries it, fold by fold; a later attempt tries the same. */
  runTrial(input: TrialRequest): Promise<TrialResult>;
}

/** Runs on the queue `understudy-train-elsewhere`, beside its `train`. */
export interface JobActivities {
  /** Cancels the job of a training of this same workflow; one that has ended, or never began, stays as it is. */
  cancelJob(input: TrainRequest): Promise<void>;
}

/** Runs on a trainer's queue, in any language. Pure: reads and writes artifacts only. */
export interface TrainActivities {
  train(input: TrainRequest): Promise<TrainResult>;
}
