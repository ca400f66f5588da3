// What the command line is told that needs predictions and matrices: a decision made again, a version judged, versions side by side.
import type { BusinessDifference } from '../domain/plan/business-metric';
import type { Decision, Estimate, GateResult, Measures } from '../domain/evaluation/evaluation';
import type { EvaluationPlan } from '../domain/plan/evaluation-plan';
import type { SnapshotRef } from '../domain/data/partitions';

/** A recorded decision beside the one that its stored predictions give now. */
export interface Recomputation {
  readonly recorded: Decision;
  readonly found: Decision;
  /** Both have the same digest, so every number, threshold and verdict is the same. */
  readonly identical: boolean;
  /** What differs, each in a sentence; empty when identical. */
  readonly differences: readonly string[];
}

/** A decision that cannot be made again, because the rows that it was made on are gone. */
export interface GoneDecision {
  readonly recorded: Decision;
  readonly gone: {
    readonly snapshot: string;
    /** The instant of the retention that took them; null: before that was recorded. */
    readonly sweptAt: string | null;
    /** One sentence on what is gone and what can still be told. */
    readonly message: string;
  };
}

/** How a version is to be judged. */
export interface EvaluationRequest {
  readonly model: string;
  readonly version: number;
  readonly snapshot: SnapshotRef;
  /** Bounds beside those of the definition. */
  readonly bounds: EvaluationPlan['gates'];
  /** Judge by the gates of the definition in force, too: absolute ones, and those against the champion. */
  readonly byDefinition: boolean;
  /** Score again also what was scored before. Default false: recorded predictions are judged, and the model is opened and timed all the same. */
  readonly fresh?: boolean;
}

/** Where the predictions of a report are from. */
export interface ScoredBy {
  /** `recorded`: by the evaluation of that instant. `now`: by the model as it lies in the artifact store. */
  readonly predictions: 'recorded' | 'now';
  /** When the recorded predictions were made; null: there are none. */
  readonly recordedAt: string | null;
  /** SHA-256 of the ONNX graph that was opened; its bytes have it. */
  readonly onnx: string;
  /** Scored now beside the recorded ones, by set; absent: not both are there. */
  readonly differences?: Readonly<Record<'holdout' | 'truth', PredictionDifference>>;
}

/** Two scorings of the same rows. */
export interface PredictionDifference {
  /** Numbers in all, and how many are not the same to the bit. */
  readonly numbers: number;
  readonly different: number;
  /** The largest distance; 0: all are the same. */
  readonly largest: number;
}

/** One version on the rows of one snapshot. */
export interface VersionReport {
  readonly measures: Measures;
  readonly scored: ScoredBy;
  /** Whom it was compared with; null: nobody, or it is the champion itself. */
  readonly champion: number | null;
  readonly gates: readonly GateResult[];
  readonly notJudged: readonly string[];
  /** Every gate passed. */
  readonly passed: boolean;
}

/** One version minus the first one on exactly the same rows. */
export interface VersionDifference {
  readonly version: number;
  readonly minus: number;
  readonly metrics: Readonly<Record<'holdout' | 'truth', Readonly<Record<string, Estimate>>>>;
  /** One-sided p, by day, that its mean row loss is smaller: log loss, of a `regression` the scaled squared error. */
  readonly pSmallerLoss: Readonly<Record<'holdout' | 'truth', number | null>>;
  /** Of the business metric, where there is one. */
  readonly business?: Readonly<Record<'holdout' | 'truth', BusinessDifference>>;
}

/** Versions side by side. */
export interface ComparisonReport {
  readonly snapshot: string;
  readonly versions: readonly Measures[];
  readonly differences: readonly VersionDifference[];
  /** Versions that were trained on days of the holdout: their numbers are too good. */
  readonly trainedOnHoldout: readonly number[];
}

/** Reads stores and artifacts; moves no champion and records no decision or evaluation. */
export interface DecisionReports {
  /** Judges a recorded decision's candidates again, or says that retention has taken the rows. Fails with ARTIFACT_MISSING for any other loss. */
  recompute(model: string, decision: Decision): Promise<Recomputation | GoneDecision>;
  /** Opens the version's model, whatever is recorded. Fails with VERSION_NOT_FOUND, FEATURES_CHANGED, ARTIFACT_MISSING, ARTIFACT_CORRUPT. */
  evaluate(request: EvaluationRequest): Promise<VersionReport>;
  /** Fails also with VERSION_NOT_ALLOWED when a version is named twice. */
  compare(model: string, versions: readonly number[], snapshot: SnapshotRef): Promise<ComparisonReport>;
}
