// Studies and trials: what a search is asked, what one trial gives, and what is known of the best so far.
import { z } from 'zod';
import type { ArtifactRef } from '../data/artifacts';
import type { TrainerParams } from '../plan/contender-plan';
import type { Day, IsoTimestamp } from '../days';
import type { TrainRequest } from './training';
import type { TuningMetric, TuningPlan } from '../plan/tuning-plan';

export type Params = Readonly<z.infer<typeof TrainerParams>>;

/** How a search is done, with every default filled in and times in milliseconds. Part of no history but its own. */
export interface TuningSettings {
  readonly space: TuningPlan['space'];
  readonly trials: number;
  /** null: no limit. */
  readonly timeLimitMs: number | null;
  readonly parallel: number;
  readonly folds: number;
  readonly foldDays: number;
  readonly metric: TuningMetric;
  readonly randomTrials: number;
  readonly pruneAfter: TuningPlan['pruneAfter'];
}

/** One trial, as the activity `runTrial` of a trainer's queue is asked. */
export interface TrialRequest {
  readonly study: string;
  /** From 0. */
  readonly number: number;
  /** The contender's training: trainer, matrix, seed; `params` are what is not tried. */
  readonly train: TrainRequest;
  readonly tuning: TuningSettings;
  /** Of what is drawn: a hash of study and number, so that it is the same whenever and wherever the trial runs. */
  readonly seed: number;
  /** What is tried without being asked for: the contender's own parameters, in the first trial; null: what is suggested. */
  readonly first: Params | null;
  /** JSON: a list of TrialHistory, the finished trials before this one in the order of their numbers. */
  readonly history: ArtifactRef;
}

/** What later trials are told of an earlier one. */
export interface TrialHistory {
  readonly number: number;
  readonly state: 'complete' | 'pruned';
  readonly params: Params;
  readonly value: number;
  /** Of each fold that was done. */
  readonly scores: readonly number[];
}

const FoldScore = z
  .object({
    score: z.number(),
    /** Rows that it was judged on, and those that it was trained on. */
    rows: z.number().int(),
    trainRows: z.number().int(),
    iterations: z.number().int(),
    /** Of the fit alone, and of the fold with reading, scoring and all. */
    fitSeconds: z.number(),
    seconds: z.number(),
  })
  .readonly();
export type FoldScore = z.infer<typeof FoldScore>;

/** What a trial gives back. `pruned`: given up after its last fold here. */
export const TrialResult = z
  .object({
    state: z.enum(['complete', 'pruned']),
    params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
    /** Mean of the folds' scores. */
    value: z.number(),
    folds: z.array(FoldScore).min(1).readonly(),
    /** Of the last attempt, from its start to its end. */
    seconds: z.number(),
  })
  .readonly();
export type TrialResult = z.infer<typeof TrialResult>;

/** How a trial ended. */
export type TrialOutcome =
  | TrialResult
  | { readonly state: 'failed'; readonly params: Params | null; readonly code: string; readonly message: string };

/** `stopped`: it ran when its study was ended. */
export const TRIAL_STATES = ['running', 'complete', 'pruned', 'failed', 'stopped'] as const;
export type TrialState = (typeof TRIAL_STATES)[number];

/** A trial as it is kept, for ever. */
export interface TrialRecord {
  readonly number: number;
  readonly state: TrialState;
  readonly seed: number;
  /** null while it runs. */
  readonly params: Params | null;
  /** Mean over the folds that were done; null where there is none. */
  readonly value: number | null;
  readonly folds: readonly FoldScore[];
  readonly seconds: number | null;
  /** Of a failed one: code and sentence. */
  readonly message: string | null;
  readonly startedAt: IsoTimestamp;
  readonly endedAt: IsoTimestamp | null;
}

/** Why a search ended; `budget`: all trials are done. */
export const STUDY_ENDS = ['budget', 'time-limit', 'stopped', 'cancelled', 'failed'] as const;
export type StudyEnd = (typeof STUDY_ENDS)[number];

/** A search as it is kept. */
export interface StudyRecord {
  readonly model: string;
  /** Twelve hexadecimal digits: the same training data, trainer, fixed parameters, space and folds give the same. */
  readonly study: string;
  readonly contender: string;
  readonly logicalTime: Day;
  readonly snapshot: string;
  /** The workflow that runs it, or ran it last. */
  readonly workflow: string;
  readonly settings: TuningSettings;
  /** null: it runs. */
  readonly ended: StudyEnd | null;
  readonly best: number | null;
  readonly startedAt: IsoTimestamp;
  readonly endedAt: IsoTimestamp | null;
}

/** A trial and what it was worth. */
export interface BestTrial {
  readonly trial: number;
  readonly value: number;
  readonly params: Params;
}

/** Where a study stands. */
export interface StudyStanding {
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  /** The best complete trial; null: there is none yet. */
  readonly best: BestTrial | null;
  /** What the last failed trial said; null: none has failed. */
  readonly failure: string | null;
}

/** What the query `progress` of a `tuneModel` workflow answers. */
export interface TuningProgress extends StudyStanding {
  /** null until the study is open. */
  readonly study: string | null;
  readonly metric: TuningMetric;
  readonly of: number;
  /** Numbers of the trials that run. */
  readonly running: readonly number[];
  readonly startedAt: IsoTimestamp;
  /** When the time limit ends the search; null: there is none. */
  readonly endsBy: IsoTimestamp | null;
  /** null: it goes on. */
  readonly ending: 'stopped' | 'time-limit' | null;
}

/** What a search found. `trial` is null when it was ended before any trial was complete: the contender's own parameters are used. */
export interface TuningResult {
  readonly study: string;
  readonly trial: number | null;
  readonly value: number | null;
  readonly params: Params;
}

/** Where the best trial stands first: by value, then by number. */
export function bestOf(
  trials: readonly Pick<TrialRecord, 'number' | 'state' | 'value' | 'params'>[],
  lowerIsBetter: boolean,
): BestTrial | null {
  let best: BestTrial | null = null;
  for (const { number: trial, state, value, params } of [...trials].sort((a, b) => a.number - b.number)) {
    if (state !== 'complete' || value === null || params === null) continue;
    if (best === null || (lowerIsBetter ? value < best.value : value > best.value)) best = { trial, value, params };
  }
  return best;
}

/** Counts and the best of a study's trials. */
export function standingOf(
  trials: readonly Pick<TrialRecord, 'number' | 'state' | 'value' | 'params' | 'message'>[],
  lowerIsBetter: boolean,
): StudyStanding {
  const count = (wanted: TrialState): number => trials.filter(({ state }) => state === wanted).length;
  const failures = trials.filter(({ state }) => state === 'failed');
  return {
    complete: count('complete'),
    pruned: count('pruned'),
    failed: failures.length,
    best: bestOf(trials, lowerIsBetter),
    failure: failures.at(-1)?.message ?? null,
  };
}

/** What a trial is told of those before it: the finished ones with a lower number, so that a search in sequence is always the same. */
export function historyFor(number: number, trials: readonly TrialRecord[]): TrialHistory[] {
  return trials
    .flatMap((trial): TrialHistory[] => {
      const { state, params, value } = trial;
      const finished = state === 'complete' || state === 'pruned';
      if (trial.number >= number || !finished || params === null || value === null) return [];
      return [{ number: trial.number, state, params, value, scores: trial.folds.map(({ score }) => score) }];
    })
    .sort((a, b) => a.number - b.number);
}

/** The contender's own parameters where they lie inside the space, every one of it: worth the first trial. null: they do not. */
export function ownParams(space: TuningPlan['space'], params: Params): Params | null {
  const own = Object.keys(space).map((name) => [name, params[name]] as const);
  const fits = own.every(([name, value]) => value !== undefined && isInside(space[name]!, value));
  return fits ? (Object.fromEntries(own) as Params) : null;
}

function isInside({ choices, low, high, step }: TuningPlan['space'][string], value: Params[string]): boolean {
  if (choices !== undefined) return choices.includes(value);
  if (typeof value !== 'number' || low === undefined || high === undefined || value < low || value > high) return false;
  const steps = step === undefined ? 0 : (value - low) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-9;
}

/** Messages of the workflow type `tuneModel`. Names are a contract. */
export const TUNING_SIGNAL_NAMES = ['stopTuning'] as const;
export const TUNING_QUERY_NAMES = ['progress'] as const;
