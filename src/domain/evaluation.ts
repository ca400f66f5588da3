// What an evaluation of one version records, and the decision that gates draw from evaluations.
import type { ArtifactRef } from './artifacts';
import type { Day } from './days';
import type { MetricName } from './plan';

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
  readonly positives: number;
  readonly metrics: Readonly<Record<MetricName, Estimate>>;
}

export interface SliceMetrics {
  readonly column: string;
  readonly value: string;
  readonly n: number;
  readonly logLoss: Estimate;
}

export interface Evaluation {
  readonly version: number;
  readonly contender: string;
  readonly snapshot: string;
  readonly holdout: MetricSet;
  readonly truth: MetricSet;
  readonly slices: readonly SliceMetrics[];
  /** Log loss of always predicting the training rows' base rate. */
  readonly baseRate: { readonly rate: number; readonly holdoutLogLoss: number; readonly truthLogLoss: number };
  /** Parquet with `__key`, `__day`, `__label`, `p` for the holdout and truth rows: what the metrics were computed from. */
  readonly predictions: { readonly holdout: ArtifactRef; readonly truth: ArtifactRef };
}

/** One gate of a decision: everything needed to recompute its verdict. */
export interface GateResult {
  readonly gate: string;
  readonly on: 'holdout' | 'truth' | 'data';
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly threshold: number;
  readonly comparison: '<=' | '>=' | '<' | '>';
  readonly n: number;
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
