// The plan: all of a definition that is data. Recorded, digested, and the only part of a definition that workflows ever see.
import { z } from 'zod';
import { ContenderPlan } from './contender-plan';
import { EvaluationPlan } from './evaluation-plan';
import { Duration, Name, Sql } from './plan-words';
import { TablePlan } from './table-plan';
import { LEAST_CLASSES, MOST_CLASSES, TASKS } from '../evaluation/task';

export { EvaluationPlan, MetricName } from './evaluation-plan';
export { ColumnPlan, SourcePlan, TablePlan } from './table-plan';
export type { AssumptionPlan, FileSourcePlan } from './table-plan';
export { Duration };

const Cron = z.string().regex(/^(\S+ ){4}\S+$/, 'must be a cron expression of five fields, such as "0 2 * * 1"');

export const FeatureViewPlan = z
  .object({
    name: Name,
    description: z.string().default(''),
    owner: z.string().default(''),
    /** Table or other view → how many earlier days it may see. Only these partitions are bound, and only those available at the day's event times. */
    reads: z.record(Name, z.number().int().min(0).max(400)),
    /**
     * One row per entity of the day: the entity's key, then features. The day is `getvariable('logical_day')`; every bound table has
     * the columns `partition_day` (DATE) and `available_at` (TIMESTAMP, UTC).
     */
    sql: Sql,
    /** Features and their kind, in the model's column order. */
    features: z.record(Name, z.enum(['number', 'category'])),
  })
  .readonly();
export type FeatureViewPlan = z.infer<typeof FeatureViewPlan>;

export const MonitoringPlan = z
  .object({
    drift: z
      .object({
        currentDays: z.number().int().positive().default(7),
        referenceDays: z.number().int().positive().default(28),
        psiAlert: z.number().positive().default(0.25),
        minRows: z.number().int().positive().default(500),
        /** Features that change with the season on purpose: shown, never judged. */
        seasonal: z.array(Name).default([]),
      })
      .readonly()
      .prefault({}),
    predictionDrift: z
      .object({
        psi: z.number().positive().default(0.25),
        k: z.number().int().positive().default(5),
        n: z.number().int().positive().default(7),
      })
      .readonly()
      .prefault({}),
    performance: z
      .object({
        /** A day is bad when the champion's log loss is above that of always predicting the base rate of the reference days, plus this. */
        worseThanBaseRateBy: z.number().default(0),
        k: z.number().int().positive().default(3),
        n: z.number().int().positive().default(7),
        minRows: z.number().int().positive().default(200),
      })
      .readonly()
      .prefault({}),
    /** One number per day, as SQL over `scored` (entity key, probability, label, and the entity table's columns). */
    businessMetric: z.object({ name: Name, unit: z.string(), sql: Sql }).readonly().optional(),
    /** No second retraining is asked for within this time of the last. */
    retrainCooldown: Duration.default('7 days'),
    fallback: z
      .object({
        /** Champion worse than previous on the truth set by more than this falls back; at least as wide as the gate's margin. */
        truthMargin: z.number().positive().default(0.02),
        /** On labelled days after the promotion: at least so many days and rows, and this two-sided level, divided by the looks so far. */
        minDays: z.number().int().min(2).default(5),
        minRows: z.number().int().positive().default(2000),
        level: z.number().gt(0).lt(0.5).default(0.05),
        margin: z.number().nonnegative().default(0.02),
      })
      .readonly()
      .prefault({}),
  })
  .readonly();
export type MonitoringPlan = z.infer<typeof MonitoringPlan>;

export const ModelPlan = z
  .object({
    name: Name,
    /** `binary`: the label is true or false; `multiclass`: one of `label.classes`; `regression`: a number. */
    task: z.enum(TASKS),
    description: z.string().default(''),
    /** Who answers for the model: a person or a team. */
    owner: z.string().default(''),
    timeZone: z.string(),
    /** Another model whose tables these are: its partitions are read, its folder has the files. Default: the model's own. */
    dataOf: Name.optional(),
    tables: z.record(Name, TablePlan),
    /** What is predicted: one row of this table; its key (one text column) and the instant of its prediction. */
    entity: z.object({ table: Name, key: Name, eventTime: Name }).readonly(),
    /** Which rows of the entity table are this model's: SQL over the table's columns that is true for them. Default: all. */
    rows: Sql.optional(),
    label: z
      .object({
        table: Name,
        /** `binary`: a BOOLEAN; `multiclass`: a text, one of `classes`; `regression`: a finite number. NULL: no label (yet). */
        sql: Sql,
        /** `multiclass` only: the names of the classes, in the order of the model's probabilities. */
        classes: z.array(z.string().min(1).max(100)).min(LEAST_CLASSES).max(MOST_CLASSES).optional(),
        /** How much a labelled row counts in every training, a number from 0 as SQL over the label's row; no model sees it. */
        weight: Sql.optional(),
      })
      .readonly(),
    features: z.array(FeatureViewPlan).min(1),
    contenders: z.record(Name, ContenderPlan),
    /** Whose version serves while there is no own champion: it is taken when the model is deployed. Default: nobody's. */
    borrow: z
      .object({
        model: Name,
        /** Default: its champion at that moment. */
        version: z.number().int().positive().optional(),
      })
      .readonly()
      .optional(),
    snapshot: z
      .object({
        /** `expanding`: all days since `start`; else the last days, such as `180 days`. */
        window: z.union([z.literal('expanding'), z.string().regex(/^\d+ days$/)]).default('expanding'),
        /** The first day of the data. */
        start: z.iso.date(),
        /** The last day of the data, where there is one: a simulated clock never runs beyond the day after. */
        end: z.iso.date().optional(),
        holdoutDays: z.number().int().positive().default(14),
        truthSet: z
          .object({ everyNthDay: z.number().int().min(2) })
          .readonly()
          .default({ everyNthDay: 10 }),
        minTrainRows: z.number().int().positive().default(1000),
        minHoldoutRows: z.number().int().positive().default(500),
        minTruthRows: z.number().int().positive().default(500),
        /** What a cycle does while partitions that are due have not arrived: it waits so long without holding a worker, then follows the rule. */
        missing: z
          .object({
            waitFor: Duration.default('0 s'),
            /** How often it looks again meanwhile. */
            every: Duration.default('5 minutes'),
            /** `wait`: alert once and wait on; `go-on`: train without them; `fail`: end with an alert. */
            then: z.enum(['wait', 'go-on', 'fail']).default('go-on'),
          })
          .readonly()
          .prefault({}),
      })
      .readonly(),
    evaluation: EvaluationPlan.prefault({}),
    approval: z
      .object({
        when: z.enum(['always', 'on-contender-change', 'never']).default('never'),
        approvers: z.array(z.string()).default([]),
        quorum: z.number().int().positive().default(1),
        expiresAfter: Duration.default('3 days'),
        remindBefore: Duration.default('1 day'),
      })
      .readonly()
      .prefault({}),
    monitoring: MonitoringPlan.prefault({}),
    schedules: z
      .object({ ingest: Cron, score: Cron, retrain: Cron, monitor: Cron, retention: Cron })
      .readonly()
      .default({
        ingest: '0 1 * * *',
        score: '30 1 * * *',
        retrain: '0 4 * * 1',
        monitor: '0 3 * * *',
        retention: '0 5 * * 0',
      }),
    /** The latest features of each entity in PostgreSQL, so that a client can ask for a prediction by entity key. */
    online: z
      .object({
        enabled: z.boolean().default(true),
        /** Entities whose day is older than the newest by more than this are dropped. */
        keepDays: z.number().int().positive().default(2),
      })
      .readonly()
      .prefault({}),
    retention: z
      .object({
        /** Feature files of days older than the newest by this are put together, a file for each view and month; 0: never. */
        compactAfterDays: z.number().int().nonnegative().default(60),
        keepVersions: z.number().int().positive().default(10),
        keepDays: z.number().int().positive().default(90),
        /** Pushed rows of ingested days that are older than this leave PostgreSQL for an archive; names of batches are known for as long. */
        pushedDays: z.number().int().positive().default(30),
      })
      .readonly()
      .prefault({}),
  })
  .readonly();
/** A validated plan with every default filled in. */
export type ModelPlan = z.infer<typeof ModelPlan>;
/** What an author may write: defaults may be left out. */
export type ModelPlanInput = z.input<typeof ModelPlan>;
