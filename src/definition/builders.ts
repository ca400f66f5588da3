// Typed builders for the tables and views of a definition, so that an editor shows each option with its unit and default.
import type { z } from 'zod';
import type { FeatureViewPlan, TablePlan } from '../domain/plan/plan';
import { given } from './given';

type TableInput = z.input<typeof TablePlan>;
type ViewInput = z.input<typeof FeatureViewPlan>;

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
