// What explaining one version records: which features matter, how the prediction depends on them, and the curves of its evaluation.
import { z } from 'zod';
import type { ArtifactRef } from '../data/artifacts';

/** What {@link ShapReport} says of one of several classes. */
const ClassShap = z
  .object({
    name: z.string(),
    base: z.number(),
    meanAbs: z.record(z.string(), z.number()),
    means: z.record(z.string(), z.number()).optional(),
  })
  .readonly();

/**
 * What a trainer says in its report under `shap`: mean absolute Shapley values on a sample of the training rows, in log-odds; of several classes in
 * the scores that their softmax is taken of, of a regression in the label's unit. A trainer that has none leaves it out.
 */
export const ShapReport = z
  .object({
    /** `path-dependent`: trees, with the training rows in the nodes as background; `linear`: columns taken as independent. */
    method: z.enum(['path-dependent', 'linear']),
    /** Rows of the sample. */
    rows: z.number().int().positive(),
    /** What the contributions are added to; of several classes each has its own. */
    base: z.number().optional(),
    /** By feature; of several classes the mean over them. */
    meanAbs: z.record(z.string(), z.number()),
    /** `linear` only: the mean share of each feature, which contributions are counted from. */
    means: z.record(z.string(), z.number()).optional(),
    /** `multiclass` only: each class, in the order of the classes. */
    classes: z.array(ClassShap).optional(),
  })
  .readonly();
export type ShapReport = z.infer<typeof ShapReport>;

/** A point of the training's curve: log loss (of a regression what the trainer says) on the training rows, and on those of the early-stopping days. */
export const TrainingPoint = z
  .object({ iteration: z.number(), train: z.number().optional(), valid: z.number().optional() })
  .readonly();
export type TrainingPoint = z.infer<typeof TrainingPoint>;

/** The parts of a training report that people are shown; reports of users' own trainers may lack any. */
export const TrainingReport = z.object({
  /** As used, defaults included. */
  parameters: z.record(z.string(), z.unknown()).catch({}),
  shap: ShapReport.optional().catch(undefined),
  curve: z.array(TrainingPoint).catch([]),
  earlyStopping: z.object({ rows: z.number().int() }).optional().catch(undefined),
});

/** Loss of the metric when the values of a feature, or of all features of a view, are dealt to other rows. JSON has no NaN: null. */
export interface Importance {
  readonly name: string;
  readonly mean: number | null;
  /** Standard deviation over repeats. */
  readonly deviation: number | null;
}

/** The mean prediction when a feature has one value in every row. */
export interface Dependence {
  readonly feature: string;
  readonly kind: 'number' | 'category';
  /** `value`: null is missing. `rows`: of the sample, with this value (numbers: from it on, and below the next). */
  readonly points: readonly {
    readonly value: number | string | null;
    /** `multiclass`: of the first class. */
    readonly mean: number;
    /** `multiclass` only: the mean probability of each class. */
    readonly means?: readonly number[];
    readonly rows: number;
  }[];
}

/** Pairs of numbers, to draw. */
export type Curve = readonly (readonly [x: number, y: number])[];

/** One bin of a calibration plot. */
export interface CalibrationPoint {
  readonly meanProbability: number;
  readonly positiveShare: number;
  readonly n: number;
}

/** Whether probabilities can be taken at their word. */
export interface Reliability {
  /** Ten equal bins, (a, b]; those without rows are left out. */
  readonly bins: readonly CalibrationPoint[];
  /** Expected calibration error over these bins; null without rows. */
  readonly ece: number | null;
}

/** Every class against the rest, and which is taken for which. */
export interface ClassCurves {
  /** In the order of the classes. ROC: false positive rate, true positive rate; null where the class has no rows, or all. */
  readonly against: readonly {
    readonly name: string;
    readonly roc: Curve | null;
    readonly rocAuc: number | null;
    /** Of the class's probability; absent in explanations that were made before there was one. */
    readonly calibration?: Reliability;
  }[];
  /** Of the most probable class: its probability, and how often it is the true one. Absent as `calibration`. */
  readonly topLabel?: Reliability;
  /** Row: the true class; column: the most probable one; rows of the holdout. */
  readonly confusion: readonly (readonly number[])[];
}

/** Predicted values beside the true ones. */
export interface ValueCurves {
  /** Of a sample of the rows that is always the same: true value, predicted value. */
  readonly pairs: Curve;
  /** The rows by rising prediction in (at most) ten parts of as equal size as can be; equal predictions are in one part. */
  readonly parts: readonly {
    readonly n: number;
    readonly meanPrediction: number;
    readonly meanLabel: number;
    /** Mean of prediction - label, and the quantiles 0.1 and 0.9 of it. */
    readonly residual: { readonly mean: number; readonly low: number; readonly high: number };
  }[];
}

/** The explanation of one version, made once, on the rows that it was evaluated on. */
export interface Explanation {
  readonly model: string;
  readonly version: number;
  readonly contender: string;
  /** The snapshot whose holdout rows it was made with. */
  readonly snapshot: string;
  readonly importance: {
    readonly metric: string;
    /** Rows of the holdout that were used, of so many. */
    readonly rows: number;
    readonly of: number;
    readonly repeats: number;
    readonly seed: number;
    readonly baseline: number | null;
    /** Most important first. */
    readonly features: readonly Importance[];
    /** All features of a view together: what features that say the same hide from each other shows here. */
    readonly views: readonly Importance[];
  };
  /** Of the training as they were used, defaults included; from the trainer's report. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** From the trainer; null: it gives none. */
  readonly shap: ShapReport | null;
  /** Of the most important features, in that order, on so many rows. */
  readonly dependence: { readonly rows: number; readonly features: readonly Dependence[] };
  /** Of the holdout; of two classes, null where one is missing. */
  readonly curves: {
    /** False positive rate, true positive rate. */
    readonly roc: Curve | null;
    /** Recall, precision. */
    readonly precisionRecall: Curve | null;
    readonly calibration: readonly CalibrationPoint[] | null;
    readonly training: readonly TrainingPoint[];
    /** `multiclass` only. */
    readonly classes?: ClassCurves;
    /** `regression` only. */
    readonly values?: ValueCurves;
  };
  /** What could not be said, in sentences. */
  readonly notes: readonly string[];
}

/** A stored explanation. */
export interface StoredExplanation {
  readonly version: number;
  /** JSON of an {@link Explanation}. */
  readonly artifact: ArtifactRef;
}

/** A feature's importance in two versions. */
export interface Mover {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** Ranks from 1, the most important first; features of equal importance share their mean rank. */
  readonly rankBefore: number;
  readonly rankAfter: number;
}

/** How importances moved from one version to another. */
export interface ImportanceDrift {
  /** Features that both versions have. */
  readonly common: number;
  /** Spearman's correlation of their importances, from -1 to 1; null with fewer than 2 of them, or where all of a version's are equal. */
  readonly rankCorrelation: number | null;
  /** The largest changes of rank first, those of equal change by the change of importance; features that did not move are left out. */
  readonly movers: readonly Mover[];
  /** Features of the later version only, and of the earlier one only. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What every {@link Contributions} say. */
interface Contributed {
  readonly model: string;
  readonly version: number;
  readonly contender: string;
  readonly key: string;
  readonly method: ShapReport['method'];
}

/** A feature, and what the model was given; null is missing (for a category also: not seen in training). */
interface GivenFeature {
  readonly feature: string;
  readonly value: number | string | null;
}

/** How a probability came about. */
export interface BinaryContributions extends Contributed {
  readonly task: 'binary';
  readonly probability: number;
  /** Log-odds of the training rows' mean; with all contributions it adds up to `logOdds`. */
  readonly base: number;
  readonly logOdds: number;
  /** In log-odds, the largest first. */
  readonly features: readonly (GivenFeature & { readonly contribution: number })[];
}

/** How a value came about, in the label's unit. */
export interface ValueContributions extends Contributed {
  readonly task: 'regression';
  /** What the model that serves says. */
  readonly prediction: number;
  /** Mean of the training rows' predictions; with all contributions it adds up to the prediction. */
  readonly base: number;
  /** The largest first. */
  readonly features: readonly (GivenFeature & { readonly contribution: number })[];
}

/** How the probabilities of several classes came about: each class has a score, and the softmax of the scores are the probabilities. */
export interface ClassContributions extends Contributed {
  readonly task: 'multiclass';
  /** In the order of the classes; `base`, with the contributions to that class, adds up to `score`. */
  readonly classes: readonly {
    readonly name: string;
    readonly probability: number;
    readonly base: number;
    readonly score: number;
  }[];
  /** The largest first, by what they add to the most probable class; `contributions`: to each class's score, in the order of the classes. */
  readonly features: readonly (GivenFeature & { readonly contributions: readonly number[] })[];
}

/** How one prediction came about. */
export type Contributions = BinaryContributions | ValueContributions | ClassContributions;
