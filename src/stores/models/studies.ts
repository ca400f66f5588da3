// Searches for parameters on PostgreSQL. Invariant: a trial that is complete, pruned or failed never changes, however often its end is told.
import { z } from 'zod';
import {
  STUDY_ENDS,
  TRIAL_STATES,
  type FoldScore,
  type Params,
  type StudyRecord,
  type TrialRecord,
  type TuningSettings,
} from '../../domain/training/tuning';
import type { StudyStore } from '../../ports/tuning';
import { jsonOf, toJson, type Database } from '../database';

const Study: z.ZodType<StudyRecord> = z.object({
  model: z.string(),
  study: z.string(),
  contender: z.string(),
  logicalTime: z.string(),
  snapshot: z.string(),
  workflow: z.string(),
  settings: jsonOf<TuningSettings>(),
  ended: z.enum(STUDY_ENDS).nullable(),
  best: z.number().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
});
const STUDY = `select model, study, contender, logical_time as "logicalTime", snapshot, workflow, settings, ended, best,
  started_at as "startedAt", ended_at as "endedAt" from studies`;

const Trial: z.ZodType<TrialRecord> = z.object({
  number: z.number(),
  state: z.enum(TRIAL_STATES),
  seed: z.number(),
  params: jsonOf<Params | null>(),
  value: z.number().nullable(),
  folds: jsonOf<readonly FoldScore[]>(),
  seconds: z.number().nullable(),
  message: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
});

const OPEN = `
  insert into studies (model, study, contender, logical_time, snapshot, workflow, settings) values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (model, study) do update set
    logical_time = excluded.logical_time, snapshot = excluded.snapshot, workflow = excluded.workflow, settings = excluded.settings,
    ended = null, ended_at = null, best = null`;

/** Not in a study that has ended: a cancelled attempt may come too late. */
const START = `
  insert into trials (model, study, number, state, seed, history)
  select s.model, s.study, $3::integer, 'running', $4::bigint, $5::json from studies s
  where s.model = $1 and s.study = $2 and s.ended is null
  on conflict (model, study, number) do update
  set state = 'running', history = excluded.history, started_at = now(), ended_at = null
  where trials.state in ('running', 'stopped')`;

const END_TRIAL = `
  update trials set state = $4, params = $5, value = $6, folds = $7, seconds = $8, message = $9, history = null, ended_at = now()
  where model = $1 and study = $2 and number = $3 and state in ('running', 'stopped')`;

/** The studies of all models. */
export function createStudyStore(database: Database): StudyStore {
  return {
    async open({ model, study, contender, logicalTime, snapshot, workflow, settings }) {
      await database.run(OPEN, [model, study, contender, logicalTime, snapshot, workflow, toJson(settings)]);
    },

    async end(model, study, ended, best) {
      const values = [model, study];
      // In this order: a study that has ended has no running trial.
      await database.run(
        `update trials set state = 'stopped', history = null, ended_at = now() where model = $1 and study = $2 and state = 'running'`,
        values,
      );
      await database.run(
        'update studies set ended = $3, best = $4, ended_at = now() where model = $1 and study = $2 and ended is null',
        [...values, ended, best],
      );
    },

    async startTrial(model, study, { number, seed, history }) {
      await database.run(START, [model, study, number, seed, toJson(history)]);
    },

    async endTrial(model, study, number, outcome) {
      const failed = outcome.state === 'failed';
      await database.run(END_TRIAL, [
        ...[model, study, number, outcome.state],
        outcome.params === null ? null : toJson(outcome.params),
        failed ? null : outcome.value,
        toJson(failed ? [] : outcome.folds),
        failed ? null : outcome.seconds,
        failed ? `${outcome.code}: ${outcome.message}` : null,
      ]);
    },

    trials: (model, study) =>
      database.query(
        Trial,
        `select number, state, seed, params, value, folds, seconds, message, started_at as "startedAt", ended_at as "endedAt"
         from trials where model = $1 and study = $2 order by number`,
        [model, study],
      ),

    list: (model) =>
      database.query(
        Study,
        `${STUDY} where $1::text is null or model = $1 order by started_at desc, model collate "C", study`,
        [model ?? null],
      ),

    async load(model, study) {
      const [found] = await database.query(Study, `${STUDY} where model = $1 and study = $2`, [model, study]);
      return found ?? null;
    },
  };
}
