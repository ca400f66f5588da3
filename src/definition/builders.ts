// Typed builders for the parts of a definition, so that an editor shows each option with its unit and default.
import type { z } from 'zod';
import type { ContenderPlan, FeatureViewPlan, TablePlan } from '../domain/plan';

type TableInput = z.input<typeof TablePlan>;
type ViewInput = z.input<typeof FeatureViewPlan>;
type ContenderInput = z.input<typeof ContenderPlan>;

/** What every table has, whatever its source: its contract, and when its partitions exist. */
export type TableContract = Omit<TableInput, 'source'>;

/** Options of every table out of files. */
interface FileOptions extends TableContract {
  /**
   * The file of a partition: relative to the model's folder, absolute, `file://…`, `s3://bucket/key` or `https://…`. `{yyyy}`, `{MM}` and `{dd}`
   * stand for its day; `*` matches within one part of a path or key (not on web servers). One file may hold many days.
   */
  readonly path: string;
  /** SQL over the raw columns that gives the day (DATE) to which a row belongs. Default: all rows are of the day in `path`. */
  readonly partitionBy?: string;
  /** How the file is packed. Default: `auto`, by its name (`.gz`, `.zst`). */
  readonly compression?: 'auto' | 'none' | 'gzip' | 'zstd';
}

/** Options of every table out of text files. */
interface TextOptions extends FileOptions {
  /** How the file writes a missing value. Default: an empty field. */
  readonly nullText?: string;
  /** Default: `utf-8`. */
  readonly encoding?: 'utf-8' | 'latin-1' | 'utf-16';
  /** One character between fields. Default: a comma, for `tsvTable` a tab. */
  readonly delimiter?: string;
}

/** A table whose rows come from CSV files. */
export type CsvTableOptions = TextOptions;
/** A table whose rows come from files with tabs between the fields. */
export type TsvTableOptions = TextOptions;
/** A table whose rows come from JSON Lines: one object a line; its keys are the raw columns, nested values are JSON text. */
export type JsonlTableOptions = Omit<TextOptions, 'delimiter' | 'nullText'>;
/** A table whose rows come from Parquet files: `partitionBy` sees typed values, the contract their exact text. */
export type ParquetTableOptions = Omit<FileOptions, 'compression'>;

/** Declares a table out of CSV files: where its rows come from, what they must look like, and when they exist. */
export function csvTable(options: CsvTableOptions): TableInput {
  return fileTable('csv', options);
}

/** Declares a table out of files with tabs between the fields. */
export function tsvTable(options: TsvTableOptions): TableInput {
  return fileTable('tsv', options);
}

/** Declares a table out of JSON Lines files. */
export function jsonlTable(options: JsonlTableOptions): TableInput {
  return fileTable('jsonl', options);
}

/** Declares a table out of Parquet files. */
export function parquetTable(options: ParquetTableOptions): TableInput {
  return fileTable('parquet', options);
}

function fileTable(format: 'csv' | 'tsv' | 'jsonl' | 'parquet', options: TextOptions): TableInput {
  const { path, partitionBy, compression, encoding, delimiter, nullText, ...contract } = options;
  return {
    ...contract,
    source: { format, path, ...given({ partitionBy, compression, encoding, delimiter, nullText }) },
  };
}

/** A table whose rows come from a PostgreSQL database. */
export interface PostgresTableOptions extends TableContract {
  /** Name of the environment variable with the address, such as `SOURCE_ORDERS`: no secret stands in a definition. */
  readonly connection: string;
  /** One SELECT that gives the rows of a day; `$1` and `$2` are the first instant of the day and of the next one (timestamptz). */
  readonly query: string;
  /** Rows fetched at once, from 1 to 1,000,000. Default: 10,000. */
  readonly chunkRows?: number;
  /** How long one statement may take, such as `90 s`. Default: `60 s`. */
  readonly statementTimeout?: string;
}

/** Declares a table out of a PostgreSQL query; each partition is read in one read-only snapshot. */
export function postgresTable(options: PostgresTableOptions): TableInput {
  const { connection, query, chunkRows, statementTimeout, ...contract } = options;
  return {
    ...contract,
    source: { format: 'postgres', connection, query, ...given({ chunkRows, statementTimeout }) },
  };
}

/** A table whose rows are pushed over HTTP. */
export interface PushTableOptions extends TableContract {
  /** The field of a row with its instant in ISO 8601 with a zone: it says to which local day the row belongs. */
  readonly eventTime: string;
  /** New rows are ingested at most this long after they came, once their partition is available. Default: `10 s`. */
  readonly microBatch?: string;
}

/** Declares a table of rows that clients send to `POST /tables/<model>/<table>/rows` of the serving process. */
export function pushTable(options: PushTableOptions): TableInput {
  const { eventTime, microBatch, ...contract } = options;
  return { ...contract, source: { format: 'push', eventTime, ...given({ microBatch }) } };
}

/** A table whose rows come from an async iterator of the author's own. */
export interface HookTableOptions extends TableContract {
  /** The module, relative to the model's folder; its default export is a {@link SourceHook}. */
  readonly module: string;
}

/** Declares a table out of an async iterator in TypeScript: for any source that has no builder of its own. */
export function hookTable(options: HookTableOptions): TableInput {
  const { module, ...contract } = options;
  return { ...contract, source: { format: 'hook', module } };
}

/**
 * Declares a feature view: one SQL query from the partitions in `reads` to features, one row per entity of the day.
 * It sees `reads[table]` earlier days of each table and nothing else, and only what was available at the row's event time.
 */
export function featureView(options: ViewInput): ViewInput {
  return options;
}

/** Options of every contender. */
interface ContenderOptions {
  /** Seed of everything random in the training: a whole number from 0. Default: 1. */
  readonly seed?: number;
  /** Task queue of the machine that trains. Default: the trainer's own. */
  readonly queue?: string;
}

/** Gradient-boosted trees, trained by the Python worker. What is not set here keeps LightGBM's own default. */
export interface LightgbmOptions extends ContenderOptions {
  /** Number of trees, at most (early stopping may end before). Default: 100. */
  readonly iterations?: number;
  /** Share of each tree's correction that is added, from above 0 to 1. Default: 0.1. */
  readonly learningRate?: number;
  /** Leaves of a tree, at most. Default: 31. */
  readonly leaves?: number;
  /** Depth of a tree, at most; -1: no limit. Default: -1. */
  readonly maxDepth?: number;
  /** Rows in a leaf, at least. Default: 20. */
  readonly minLeafRows?: number;
  /** Share of the features that each tree may use, from above 0 to 1. Default: 1. */
  readonly featureShare?: number;
  /** Share of the rows that each tree is trained on, from above 0 to 1; below 1 needs `bagEvery`. Default: 1. */
  readonly rowShare?: number;
  /** Draw new rows for `rowShare` every so many trees; 0: never. Default: 0. */
  readonly bagEvery?: number;
  /** L2 penalty on leaf values, from 0. Default: 0. */
  readonly l2?: number;
  /** Smoothing of categories with few rows, from 0. Default: 10. */
  readonly categorySmoothing?: number;
  /** Keep the last `days` of the training days aside, and stop after `rounds` trees without a better log loss on them. Default: none. */
  readonly earlyStopping?: { readonly days: number; readonly rounds: number };
  /** Any other parameter by LightGBM's own name; the trainer refuses unknown ones. */
  readonly params?: Readonly<Record<string, number | string | boolean>>;
}

/** A contender of gradient-boosted trees with native categories (trainer `lightgbm`). */
export function lightgbm(options: LightgbmOptions = {}): ContenderInput {
  const params = {
    num_iterations: options.iterations,
    learning_rate: options.learningRate,
    num_leaves: options.leaves,
    max_depth: options.maxDepth,
    min_data_in_leaf: options.minLeafRows,
    feature_fraction: options.featureShare,
    bagging_fraction: options.rowShare,
    bagging_freq: options.bagEvery,
    lambda_l2: options.l2,
    cat_smooth: options.categorySmoothing,
  };
  return {
    trainer: 'lightgbm',
    ...common(options),
    params: { ...given(params), ...options.params },
    ...(options.earlyStopping ? { earlyStopping: options.earlyStopping } : {}),
  };
}

/** A penalised logistic regression, trained in TypeScript in a worker thread: an honest, fast baseline. */
export interface LogisticOptions extends ContenderOptions {
  /** Penalty: half of this times the sum of squared weights is added to the sum of log losses; above 0. Default: 1. */
  readonly l2?: number;
  /** Newton steps, at most; from 1 to 1000. Default: 50. */
  readonly maxIterations?: number;
  /** Stop when the next step can lower the loss per row by no more than about this; above 0 and below 1. Default: 1e-10. */
  readonly tolerance?: number;
}

/** A contender of penalised logistic regression (trainer `logistic`). */
export function logistic(options: LogisticOptions = {}): ContenderInput {
  const params = { l2: options.l2, maxIterations: options.maxIterations, tolerance: options.tolerance };
  return { trainer: 'logistic', ...common(options), params: given(params) };
}

function common(options: ContenderOptions): Pick<ContenderInput, 'seed' | 'queue'> {
  return given({ seed: options.seed, queue: options.queue });
}

function given<T extends Record<string, unknown>>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
