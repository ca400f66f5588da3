// What the daily monitoring records and what it asks for.
import type { ArtifactRef } from '../data/artifacts';
import type { Day } from '../days';
import type { Task } from '../evaluation/task';

export type MonitorVerdict = 'nothing' | 'alert' | 'retrain' | 'fallback';

export interface FeatureDrift {
  readonly feature: string;
  readonly psi: number | null;
  /** Against the champion's training snapshot, shown beside it. */
  readonly psiTraining: number | null;
  readonly missingShare: number;
  readonly judged: boolean;
  readonly drifted: boolean;
}

/** A version's numbers on one labelled day, all versions of a day on the same rows. */
export interface DailyPerformance {
  readonly version: number;
  readonly contender: string;
  readonly role: 'champion' | 'previous' | 'contender';
  /** The newest version of its contender on that day: what would have served, had the contender always served. */
  readonly newest: boolean;
  readonly n: number;
  /** Mean row loss: log loss, of a regression the scaled squared error, by the training labels of the version that served. */
  readonly logLoss: number;
  /** `binary` only, else null. */
  readonly rocAuc: number | null;
  /** Mean probability of class 1, or mean value; null for `multiclass`. */
  readonly meanPrediction: number | null;
  /** `multiclass` only: mean probability of each class, in the order of `label.classes`. */
  readonly meanProbabilities?: readonly number[];
  /** The metrics that an evaluation of the task reports; absent for `binary`. */
  readonly metrics?: Readonly<Record<string, number | null>>;
}

/** Labelled rows of a day with each version's predictions (of `multiclass` one for each class, row by row), all in the order of `keys`. */
export interface LabelledPredictions {
  readonly keys: readonly string[];
  /** As numbers: 0 or 1, the index of the class, or the value. */
  readonly labels: readonly number[];
  readonly byVersion: Readonly<Record<string, readonly number[]>>;
}

/** Training-serving skew: online values of a day, as published, against the offline features of the same entities and moments. */
export interface SkewReport {
  /** Values (entity × feature) that were compared; 0 when the day's online features are gone, or were never published. */
  readonly compared: number;
  /** Values that differ: numbers after rounding to float32, texts exactly; both missing is equal. */
  readonly differing: number;
  /** A value that is missing or another text on one side, else the largest relative difference; null when nothing differs. */
  readonly worst: {
    readonly feature: string;
    readonly key: string;
    readonly online: number | string | null;
    readonly offline: number | string | null;
  } | null;
}

export interface MonitorReport {
  readonly model: string;
  readonly day: Day;
  /** Absent: `binary`. */
  readonly task?: Task;
  readonly championVersion: number | null;
  readonly rows: number;
  readonly labelledRows: number;
  /** `binary`: share of positives among the labelled rows. */
  readonly lateShare: number | null;
  /** The labels of the day: the share of each class, or their mean; absent for `binary`, and without labels. */
  readonly labels?: { readonly shares: readonly number[] } | { readonly mean: number };
  readonly drift: readonly FeatureDrift[];
  /** By `src/statistics/drift/prediction-drift.ts`. */
  readonly predictionPsi: number | null;
  readonly skew: SkewReport;
  readonly performance: readonly DailyPerformance[];
  /** Versions that were to be compared and that can no longer be fed with what they were trained on, or that predict something else. Absent: none. */
  readonly notFed?: readonly { readonly version: number; readonly reason: string }[];
  /** Mean row loss of always predicting what the labels of the reference days have in common: base rate, shares of the classes, or mean. */
  readonly baseRateLogLoss: number | null;
  readonly businessMetric: { readonly name: string; readonly unit: string; readonly value: number | null } | null;
  /** JSON of {@link LabelledPredictions}: the rows behind `performance`; null without labels. */
  readonly scored: ArtifactRef | null;
  readonly badDay: boolean;
  readonly verdict: MonitorVerdict;
  readonly reasons: readonly string[];
}
