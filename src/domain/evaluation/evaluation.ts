// What an evaluation of one version records, and the decision that gates draw from evaluations.
import type { ArtifactRef } from '../data/artifacts';
import type { BusinessMeasures } from '../plan/business-metric';
import type { Day } from '../days';
import type { ProductionReport } from './production';
import type { LabelStatistics, Task } from './task';

/** A number with its interval (level in the record), from a day-clustered jackknife. JSON has no NaN: a bound that cannot be had is null. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Metrics of one version on one set of rows. */
export interface MetricSet {
  readonly n: number;
  readonly days: number;
  /** `binary`: rows with label 1. */
  readonly positives?: number;
  /** `multiclass`: rows of each class, in the order of the classes. */
  readonly classRows?: readonly number[];
  /** `regression`: mean and population variance of these rows' labels. */
  readonly labels?: { readonly mean: number; readonly variance: number };
  /** By name as a plan has it: those of `REPORTED_METRICS`, and those that the plan's rank and gates name. */
  readonly metrics: Readonly<Record<string, Estimate>>;
  /** Of a `regression`: mean scaled squared error; that of the other tasks is their log loss. */
  readonly rowLoss?: Estimate;
}

export interface SliceMetrics {
  readonly column: string;
  readonly value: string;
  readonly n: number;
  /** Mean row loss: log loss, of a `regression` the scaled squared error. */
  readonly logLoss: Estimate;
}

/** How long scoring took through the session that would serve, on the machine that evaluated, in ms; nearest-rank percentiles of the runs. */
export interface Latency {
  /** Rows of one run. */
  readonly rows: number;
  readonly runs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What serving a version takes. */
export interface Footprint {
  /** Size of the ONNX graph. */
  readonly bytes: number;
  readonly oneRow: Latency;
  readonly batch: Latency;
}

/** What is measured of one version on the rows of one snapshot. */
export interface Measures {
  readonly version: number;
  readonly contender: string;
  readonly snapshot: string;
  readonly holdout: MetricSet;
  readonly truth: MetricSet;
  readonly slices: readonly SliceMetrics[];
  /** Rows counted by the label's weight, those of weight 0 not at all. Absent: every row counted the same. */
  readonly weighted?: true;
  /** Absent: `binary`. */
  readonly task?: Task;
  /** `multiclass` only: names of the classes, in the order of the probabilities. */
  readonly classes?: readonly string[];
  /** Mean row loss (log loss, of a `regression` the scaled squared error) of always predicting what the training rows' labels have in common. */
  readonly baseRate: {
    /** `binary`: the share of positives. */
    readonly rate?: number;
    /** The other tasks. */
    readonly labels?: LabelStatistics;
    readonly holdoutLogLoss: number;
    readonly truthLogLoss: number;
  };
  /** Absent in evaluations of before it was measured. */
  readonly footprint?: Footprint;
  /** Absent without such a metric in the plan. */
  readonly business?: BusinessMeasures;
}

/** Measures that are kept, with what they were computed from. */
export interface Evaluation extends Measures {
  /** float32, little-endian, in the row order of the snapshot's matrices: a probability, the probabilities of all classes, or a value per row. */
  readonly predictions: { readonly holdout: ArtifactRef; readonly truth: ArtifactRef };
}

/** The test behind a gate: corrected for all tests of the decision, and where it looks again and again, for all looks. */
export interface GateTest {
  /** One-sided. */
  readonly p: number | null;
  /** By Holm, over `tests` tests. */
  readonly pAdjusted: number | null;
  readonly tests: number;
  /** What was tested: mean row loss minus that of the other version, with its 95 % interval by day. */
  readonly difference: Estimate;
  /** Of a switch: this is look `number` of `of` of this champion's contender, which all together have the stated level. */
  readonly look?: LookRecord;
  /** Of a switch that is not shown: days with which the same difference would be found with chance 0.8; null: more than ten years, or none. */
  readonly daysNeeded?: number | null;
}

/** Which look a test of a switch was, and what its critical p (the gate's threshold) was solved from. */
export interface LookRecord {
  readonly number: number;
  readonly of: number;
  /** The part of the level that earlier looks of the round have spent. This and all below: absent in decisions of before exact boundaries. */
  readonly spentBefore?: number;
  /** The part that this look may spend. */
  readonly spends?: number;
  /** The earlier looks that the critical p was solved with, jointly normal. */
  readonly jointly?: readonly { readonly number: number; readonly sharedDays: number; readonly correlation: number }[];
  /** Why earlier looks were left out, which makes the critical p smaller; null: none was. */
  readonly leftOut?: string | null;
  /** Summed difference of row losses (candidate minus champion) by holdout day: later looks are correlated with it. Against the champion only. */
  readonly differences?: Readonly<Record<Day, number>>;
}

/** One gate of a decision: everything needed to recompute its verdict. */
export interface GateResult {
  readonly gate: string;
  readonly on: 'holdout' | 'truth' | 'production' | 'data' | 'model';
  /** The part of the rows that it is about, such as `carrier = AA`; null: all. */
  readonly of: string | null;
  /** The version that it compares with; null: none. */
  readonly against: number | null;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly threshold: number;
  readonly comparison: '<=' | '>=' | '<' | '>';
  /** Rows, or runs of the model. */
  readonly n: number;
  /** Days of the rows, where they are its clusters. */
  readonly days: number | null;
  readonly test: GateTest | null;
  readonly passed: boolean;
  /** One sentence for a person. */
  readonly explanation: string;
}

/** `promote` a version, `keep` the champion, or `reject` all (nothing may serve: there is no champion and no contender passed). */
export type Verdict = 'promote' | 'keep' | 'reject';
/** `first`: no champion yet. `refresh`: the champion's own contender on newer data. `switch`: another contender. */
export type PromotionKind = 'first' | 'refresh' | 'switch';

export interface CandidateJudgement {
  readonly contender: string;
  readonly version: number;
  readonly kind: PromotionKind;
  readonly passed: boolean;
  readonly gates: readonly GateResult[];
  /** Slices and groups that are too small to be judged, each in a clause. */
  readonly notJudged: readonly string[];
}

export interface Decision {
  /** Hash of everything below: what an approver is shown and approves. */
  readonly digest: string;
  readonly model: string;
  readonly cycle: string;
  readonly logicalTime: Day;
  readonly snapshot: string;
  readonly definitionDigest: string;
  readonly champion: { readonly version: number; readonly contender: string; readonly epoch: number } | null;
  readonly verdict: Verdict;
  readonly proposed: { readonly version: number; readonly contender: string; readonly kind: PromotionKind } | null;
  readonly candidates: readonly CandidateJudgement[];
  /** Where the plan asks for it and the champion has served such rows. */
  readonly production?: ProductionReport;
  readonly reasons: readonly string[];
}

/** The small part of a decision that workflows branch on. */
export interface DecisionSummary {
  readonly digest: string;
  readonly verdict: Verdict;
  readonly version: number | null;
  readonly contender: string | null;
  readonly kind: PromotionKind | null;
  readonly needsApproval: boolean;
  /** The champion's epoch that the decision compared with; another one now means that it is stale. */
  readonly championEpoch: number;
  readonly reason: string;
}
