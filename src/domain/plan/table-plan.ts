// A table of a plan: where its rows come from, what they must look like (its contract), when they exist, and when they are late.
import { z } from 'zod';
import { Duration, Name, Share, Sql } from './plan-words';

export const FILE_FORMATS = ['csv', 'tsv', 'jsonl', 'parquet'] as const;

/** Files by path template or glob, of one day or of many. */
const FileSource = z
  .object({
    format: z.enum(FILE_FORMATS),
    /**
     * A path relative to the model's folder, an absolute one, `file://`, `s3://bucket/key` or `https://…`. `{yyyy}`, `{MM}` and `{dd}` stand
     * for the partition's day; `*` matches within one part of a path or key, and all matches together are the delivery.
     */
    path: z.string().min(1),
    /** `auto`: by the file's name (`.gz`, `.zst`). */
    compression: z.enum(['auto', 'none', 'gzip', 'zstd']).default('auto'),
    encoding: z.enum(['utf-8', 'latin-1', 'utf-16']).default('utf-8'),
    /** One character; default: a comma, for `tsv` a tab. */
    delimiter: z.string().length(1).optional(),
    nullText: z.string().default(''),
    /** SQL over the raw columns (text; of Parquet: typed) that gives the day (DATE) of a row. Default: all rows are of the day in the path. */
    partitionBy: Sql.optional(),
  })
  .readonly();

/** Rows of a PostgreSQL database, read in one read-only snapshot. */
const PostgresSource = z
  .object({
    format: z.literal('postgres'),
    /** The environment variable that holds the address, so that no secret stands in a definition. */
    connection: z.string().regex(/^SOURCE_[A-Z0-9_]+$/, 'must be the name of a variable such as SOURCE_ORDERS'),
    /** `$1` and `$2` are the first instant of the day and of the next one (timestamptz). */
    query: Sql,
    /** Rows fetched at once. */
    chunkRows: z.number().int().min(1).max(1_000_000).default(10_000),
    statementTimeout: Duration.default('60 s'),
  })
  .readonly();

/** Rows that clients send over HTTP, put together by the day of their event time. */
const PushSource = z
  .object({
    format: z.literal('push'),
    /** The field of a row with its instant in ISO 8601. */
    eventTime: z.string().min(1),
    /** New rows are ingested at most this long after they came. */
    microBatch: Duration.default('10 s'),
  })
  .readonly();

/** Rows of an async iterator in TypeScript. */
const HookSource = z
  .object({
    format: z.literal('hook'),
    /** Relative to the model's folder; its default export is called with `{ partition, from, to, signal }` and yields plain objects. */
    module: z.string().min(1),
  })
  .readonly();

export const SourcePlan = z.discriminatedUnion('format', [FileSource, PostgresSource, PushSource, HookSource]);
export type SourcePlan = z.infer<typeof SourcePlan>;
export type FileSourcePlan = Extract<SourcePlan, { readonly path: string }>;
export type PostgresSourcePlan = Extract<SourcePlan, { readonly format: 'postgres' }>;
export type PushSourcePlan = Extract<SourcePlan, { readonly format: 'push' }>;
export type HookSourcePlan = Extract<SourcePlan, { readonly format: 'hook' }>;

export const ColumnPlan = z
  .object({
    type: z.enum(['string', 'category', 'integer', 'number', 'boolean', 'date', 'timestamp']),
    /** SQL over the raw text columns; default: the raw column of the same name. */
    sql: Sql.optional(),
    nullable: z.boolean().default(false),
    min: z.number().optional(),
    max: z.number().optional(),
    pattern: z.string().optional(),
    values: z.array(z.string()).optional(),
    /** Timestamps without an offset are local times of this IANA zone; default: UTC. Stored as UTC. */
    zone: z.string().optional(),
    /** Every value must be one of that column in the newest accepted partition of the other table that is not after the day. */
    references: z.object({ table: Name, column: Name }).readonly().optional(),
    /** Categories only: what to do with a value that no recent partition had. */
    unseen: z.enum(['accept', 'warn', 'quarantine']).default('accept'),
  })
  .readonly();
export type ColumnPlan = z.infer<typeof ColumnPlan>;

const Bound = { min: z.number().optional(), max: z.number().optional() };

/** Something that the author relies on; looked at again for each new partition (and the days before it). */
export const AssumptionPlan = z
  .object({
    name: Name,
    description: z.string().default(''),
    /** The partition itself, or the window of so many days that ends with it. */
    overDays: z.number().int().positive().default(1),
    check: z.discriminatedUnion('test', [
      /** SQL over `rows` (the typed rows of the window, with `partition_day`) that gives one number. */
      z.object({ test: z.literal('sql'), sql: Sql, ...Bound }).readonly(),
      /** Jarque–Bera test of normality: holds while p is at least `level`. */
      z.object({ test: z.literal('normal'), column: Name, level: z.number().gt(0).lt(1).default(0.01) }).readonly(),
      /** Two-sample Kolmogorov–Smirnov test against the `referenceDays` before the window: holds while p is at least `level`. */
      z
        .object({
          test: z.literal('same-distribution'),
          column: Name,
          referenceDays: z.number().int().positive().default(28),
          level: z.number().gt(0).lt(1).default(0.001),
        })
        .readonly(),
      /** Every value (of the columns together) once in the window. */
      z.object({ test: z.literal('unique'), columns: z.array(Name).min(1) }).readonly(),
    ]),
    /** `warn`: alert; `reject`: the partition is rejected. */
    consequence: z.enum(['warn', 'reject']).default('warn'),
  })
  .readonly();
export type AssumptionPlan = z.infer<typeof AssumptionPlan>;

const PartitionRules = z
  .object({
    minRows: z.number().int().nonnegative().default(1),
    /** Bounds on rows divided by the median of the recent partitions. */
    rowsAgainstRecent: z
      .object({ min: z.number().nonnegative(), max: z.number().positive() })
      .readonly()
      .default({ min: 0.2, max: 5 }),
    maxRows: z.number().int().positive().optional(),
    maxNullShare: z.record(Name, Share).default({}),
    maxQuarantineShare: Share.default(0.05),
    /** Columns whose spread (p90 - p10) may change at most by this factor against the recent partitions: catches changes of unit. */
    jump: z
      .object({ columns: z.array(Name), maxRatio: z.number().gt(1) })
      .readonly()
      .optional(),
    /** Columns whose distribution may differ from that of the recent partitions together by at most this population stability index. */
    distribution: z
      .object({ columns: z.array(Name), maxPsi: z.number().positive() })
      .readonly()
      .optional(),
    /** The newest value of a timestamp or date column must be at most this long before the end of the day. */
    freshness: z.object({ column: Name, within: Duration }).readonly().optional(),
    /** The largest share of rows whose timestamp or date lies outside of the partition's local day. */
    period: z
      .object({ column: Name, maxShareOutside: Share.default(0) })
      .readonly()
      .optional(),
    /** No number column may tell the label by itself: its ROC AUC (or 1 - AUC) against the label, where the label is known, stays below. */
    labelMirror: z
      .object({ maxAuc: z.number().gt(0.5).lte(1).default(0.995), except: z.array(Name).default([]) })
      .readonly()
      .optional(),
    /** How many earlier partitions `recent` means. */
    recent: z.number().int().positive().default(7),
  })
  .readonly();

export const TablePlan = z
  .object({
    source: SourcePlan,
    /** When the partition of day D exists for the product: `D 00:00` or `D+1 06:30`, local time. */
    availableAt: z.string().regex(/^D(\+\d+)? \d{2}:\d{2}$/, 'must be such as "D 00:00" or "D+1 06:30"'),
    /** SQL over the table's columns that gives the instant (TIMESTAMP, UTC) a single row exists; then a view may bind the day itself. */
    rowAvailableAt: Sql.optional(),
    /** After `availableAt`: how long a partition is waited for before people are told, and how often its source is looked at meanwhile. */
    arrival: z
      .object({ deadline: Duration.default('0 s'), poll: Duration.default('5 minutes') })
      .readonly()
      .prefault({}),
    columns: z.record(Name, ColumnPlan),
    /** Raw columns that no column of the contract uses. */
    extraColumns: z.enum(['ignore', 'warn', 'fail']).default('ignore'),
    key: z.array(Name).min(1),
    /** SQL over the typed columns that is true for a good row; others go to quarantine under the rule's name. */
    rowRules: z.array(z.object({ name: Name, sql: Sql }).readonly()).default([]),
    partitionRules: PartitionRules.prefault({}),
    assumptions: z.array(AssumptionPlan).default([]),
  })
  .readonly();
export type TablePlan = z.infer<typeof TablePlan>;
/** A table as it is written, before defaults. */
export type TablePlanInput = z.input<typeof TablePlan>;
