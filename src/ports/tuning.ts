// What the product needs of its database to search for parameters: studies and their trials.
import type { ArtifactRef } from '../domain/data/artifacts';
import type { StudyEnd, StudyRecord, TrialOutcome, TrialRecord } from '../domain/training/tuning';

export interface StudyStore {
  /** Records a study as running; one that has ended before runs again, with what it is asked now. */
  open(study: Omit<StudyRecord, 'ended' | 'best' | 'startedAt' | 'endedAt'>): Promise<void>;
  /** Records why it ended and its best trial; trials that still run are stopped. A study that has ended stays as it is. */
  end(model: string, study: string, ended: StudyEnd, best: number | null): Promise<void>;
  /** Records that a trial runs; one that is complete, pruned or failed stays as it is, and a study that has ended gets none. */
  startTrial(
    model: string,
    study: string,
    trial: { readonly number: number; readonly seed: number; readonly history: ArtifactRef },
  ): Promise<void>;
  /** Records how a trial ended; the first end counts. */
  endTrial(model: string, study: string, number: number, outcome: TrialOutcome): Promise<void>;
  /** By their numbers. */
  trials(model: string, study: string): Promise<TrialRecord[]>;
  /** Of one model or of all, the newest first. */
  list(model?: string): Promise<StudyRecord[]>;
  /** null: there is none. */
  load(model: string, study: string): Promise<StudyRecord | null>;
}
