// What a search has to know and to keep: its study, what each trial is told of those before it, how each ended, and which is the best.
// Invariant: what a trial tries depends on the study, its number and the trials before it alone, so a search in sequence repeats itself.
import { createHash } from 'node:crypto';
import { durationMs } from '../../definition/settings';
import { MEDIA_TYPES } from '../../domain/data/artifacts';
import type { TrainRequest } from '../../domain/training/training';
import {
  historyFor,
  ownParams,
  standingOf,
  TrialResult,
  type TrialOutcome,
  type TrialRecord,
  type TuningSettings,
} from '../../domain/training/tuning';
import { isLowerBetter, type TuningPlan } from '../../domain/plan/tuning-plan';
import type { StudyContext, TuningActivities } from '../../ports/activities';
import type { DataDependencies } from '../dependencies';
import { digestOf } from '../digest';

const STUDY_DIGITS = 12;
/** Seeds of the sampler are 32-bit. */
const SEED_BYTES = 4;

/** The settings of a search with durations read and defaults that follow from the plan filled in. */
export function settingsOf(tuning: TuningPlan, holdoutDays: number): TuningSettings {
  const { timeLimit, foldDays, ...rest } = tuning;
  return {
    ...rest,
    timeLimitMs: timeLimit === undefined ? null : durationMs(timeLimit),
    foldDays: foldDays ?? holdoutDays,
  };
}

export function createTuningActivities({
  stores: { studies },
  artifacts,
}: Pick<DataDependencies, 'stores' | 'artifacts'>): TuningActivities {
  const standing = async ({ model, study, tuning }: StudyContext) =>
    standingOf(await studies.trials(model, study), isLowerBetter(tuning.metric));

  return {
    async openStudy({ model, contender, logicalTime, snapshot, request, tuning, workflow }) {
      const study = studyOf(request, tuning);
      await studies.open({ model, study, contender, logicalTime, snapshot: snapshot.id, workflow, settings: tuning });
      const trials = await studies.trials(model, study);
      const finished = trials.filter(isFinished).map(({ number }) => number);
      return { study, finished, standing: standingOf(trials, isLowerBetter(tuning.metric)) };
    },

    async prepareTrial({ model, study, number, request, tuning }) {
      const earlier = historyFor(number, await studies.trials(model, study));
      const history = await artifacts.put(Buffer.from(JSON.stringify(earlier)), MEDIA_TYPES.json);
      const seed = seedOf(study, number);
      await studies.startTrial(model, study, { number, seed, history });
      const first = number === 0 ? ownParams(tuning.space, request.params) : null;
      const threads = Math.max(1, Math.floor(request.threads / tuning.parallel));
      return { study, number, train: { ...request, threads }, tuning, seed, first, history };
    },

    async recordTrial({ number, outcome, ...context }) {
      await studies.endTrial(context.model, context.study, number, checked(outcome));
      return standing(context);
    },

    async closeStudy({ ended, ...context }) {
      const found = await standing(context);
      await studies.end(context.model, context.study, ended, found.best?.trial ?? null);
      return found;
    },
  };
}

/** A trainer may be somebody else's program: what it gives back is checked like any input. */
function checked(outcome: TrialOutcome): TrialOutcome {
  if (outcome.state === 'failed') return outcome;
  const parsed = TrialResult.safeParse(outcome);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = `bad result of the trial: ${issue?.path.join('.')}: ${issue?.message}`;
  return { state: 'failed', params: null, code: 'TRAINING_FAILED', message };
}

/** A trial that was running or stopped is run again. */
function isFinished({ state }: TrialRecord): boolean {
  return state === 'complete' || state === 'pruned' || state === 'failed';
}

/**
 * The same for the same training rows, trainer, fixed parameters, space and folds. How many trials there may be, for how long and how many at
 * once is left out: a study that is given more trials goes on where it ended.
 */
export function studyOf(request: TrainRequest, tuning: TuningSettings): string {
  const {
    matrix,
    signature,
    model: _model,
    threads: _threads,
    resources: _resources,
    warmStart: _start,
    ...training
  } = request;
  const { trials: _trials, timeLimitMs: _limit, parallel: _parallel, ...search } = tuning;
  const decides = { ...training, matrix: matrix.sha256, signature: signature.sha256, search };
  return digestOf(decides).slice(0, STUDY_DIGITS);
}

/** The sampler's seed of one trial: its own state is kept nowhere, so it must not need any. */
function seedOf(study: string, number: number): number {
  return createHash('sha256').update(`${study}/${number}`).digest().readUIntBE(0, SEED_BYTES);
}
