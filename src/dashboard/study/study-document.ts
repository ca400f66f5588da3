// The document of a search for parameters, as plain JSON: what was tried, how it was judged, what each trial was worth. Pure.
import { isLowerBetter } from '../../domain/plan/tuning-plan';
import {
  standingOf,
  type BestTrial,
  type StudyRecord,
  type TrialRecord,
  type TrialState,
} from '../../domain/training/tuning';

/** One trial, without what only its worker needs. */
export type TrialDocument = Pick<TrialRecord, 'number' | 'state' | 'params' | 'value' | 'seconds' | 'message'> & {
  /** Score of each fold that was done. */
  readonly scores: readonly number[];
};

export type StudyDocument = Pick<
  StudyRecord,
  'study' | 'model' | 'contender' | 'logicalTime' | 'snapshot' | 'ended' | 'startedAt' | 'endedAt'
> &
  Pick<StudyRecord['settings'], 'space' | 'metric' | 'folds' | 'foldDays' | 'parallel'> & {
    readonly better: 'lower' | 'higher';
    /** Trials at most. */
    readonly of: number;
    /** Trials by state; states that none is in are left out. */
    readonly states: Readonly<Partial<Record<TrialState, number>>>;
    /** null: no trial is complete. */
    readonly best: BestTrial | null;
    /** Of all trials together. */
    readonly trialSeconds: number;
    readonly trials: readonly TrialDocument[];
  };

/** The document of a study with its trials, which are put in the order of their numbers. */
export function studyDocument(record: StudyRecord, found: readonly TrialRecord[]): StudyDocument {
  const { study, model, contender, logicalTime, snapshot, ended, startedAt, endedAt, settings } = record;
  const { space, metric, folds, foldDays, parallel, trials: of } = settings;
  const lower = isLowerBetter(metric);
  const trials = [...found].sort((a, b) => a.number - b.number);
  const states: Partial<Record<TrialState, number>> = {};
  for (const { state } of trials) states[state] = (states[state] ?? 0) + 1;
  return {
    ...{ study, model, contender, logicalTime, snapshot, ended, startedAt, endedAt },
    ...{ space, metric, better: lower ? 'lower' : 'higher', folds, foldDays, parallel, of, states },
    best: standingOf(trials, lower).best,
    trialSeconds: trials.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
    trials: trials.map(({ number, state, params, value, seconds, message, folds: done }) => {
      return { number, state, params, value, seconds, message, scores: done.map(({ score }) => score) };
    }),
  };
}
