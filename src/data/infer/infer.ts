// Drafts a table contract from a delivered file: types, bounds, categories, key and day that the file itself fulfils.
// Invariant: the draft passes the schema of tables, and the file passes the draft.
import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ColumnPlan, FileSourcePlan, TablePlanInput } from '../../domain/plan/table-plan';
import { UnderstudyError } from '../../domain/failures';
import type { Engine } from '../engine';
import { makeReadable } from '../read/readable';
import { quoteName, quoteText } from '../sql-text';
import { proposeKey, proposePartition, type ProposedKey } from './key';
import { likelyNullText, profileColumn, type ColumnProfile } from './profile';

/** Rows that a draft looks at, at most. */
export const MAX_INFERRED_ROWS = 1_000_000;
/** A category with at most so many values gets a list of them. */
const LISTED_VALUES = 12;
const MAX_NAME = 63;

export interface InferRequest {
  readonly path: string;
  /** Default: by the file's name, else csv. */
  readonly format?: FileSourcePlan['format'];
  readonly encoding?: FileSourcePlan['encoding'];
  readonly delimiter?: string;
  /** How the file writes a missing value. Default: the most frequent of the usual ways. */
  readonly nullText?: string;
  /** Default: {@link MAX_INFERRED_ROWS}. */
  readonly maxRows?: number;
  /** An existing directory for temporary files. */
  readonly tempDir: string;
  readonly signal?: AbortSignal;
}

export interface InferredColumn extends ColumnProfile {
  /** In the contract. */
  readonly name: string;
  readonly plan: Partial<ColumnPlan> & Pick<ColumnPlan, 'type'>;
}

/** The fields of a file source that a draft sets. */
export interface InferredSource extends Partial<Pick<FileSourcePlan, 'encoding' | 'nullText'>> {
  readonly format: FileSourcePlan['format'];
  readonly path: string;
  readonly delimiter?: string;
  readonly partitionBy?: string;
}

export interface InferredTable {
  readonly name: string;
  readonly file: string;
  readonly rows: number;
  /** Whether these are the first rows only. */
  readonly partial: boolean;
  readonly columns: readonly InferredColumn[];
  readonly key: ProposedKey;
  readonly source: InferredSource;
  /** The draft as a definition's table; its source is `source`. */
  readonly table: TablePlanInput;
}

/**
 * Reads a file and drafts its contract.
 * @throws UnderstudyError `SOURCE_NOT_FOUND`, or `SOURCE_UNREADABLE` for a damaged file or one without a row or column.
 */
export async function inferTable(engine: Engine, request: InferRequest): Promise<InferredTable> {
  const file = { path: request.path, name: basename(request.path) };
  const format = request.format ?? formatOf(file.name);
  const typed = format === 'parquet' || format === 'jsonl';
  const maxRows = request.maxRows ?? MAX_INFERRED_ROWS;
  const workDir = await mkdtemp(join(request.tempDir, 'infer-'));
  const dialect = {
    ...(request.encoding ? { encoding: request.encoding } : {}),
    ...(request.delimiter ? { delimiter: request.delimiter } : {}),
  };
  try {
    return await engine.task(async (connection) => {
      // Text sources keep all texts at first, to see how they write a missing value.
      const source = { format, nullText: typed ? '' : '\u0001', ...dialect };
      const readable = await makeReadable(connection, file, 0, {
        source,
        workDir,
        maxRows: maxRows + 1,
        signal: request.signal,
      });
      if (readable.rows === 0) {
        const message = `${file.name}: nothing to draft from (found: no row; allowed: a file with rows)`;
        throw new UnderstudyError('SOURCE_UNREADABLE', message, { file: file.name });
      }
      const texts = readable.columns.map((name) => `${readable.text(name)} AS ${quoteName(name)}`);
      await connection.run(
        `CREATE TEMP TABLE sample AS SELECT ${texts.join(', ')} FROM (${readable.query}) LIMIT ${maxRows}`,
      );
      const nullText = request.nullText ?? (typed ? '' : await likelyNullText(connection, readable.columns));
      if (!typed || nullText !== '') {
        const set = readable.columns.map(
          (name) => `nullif(${quoteName(name)}, ${quoteText(nullText)}) AS ${quoteName(name)}`,
        );
        await connection.run(`CREATE OR REPLACE TEMP TABLE sample AS SELECT ${set.join(', ')} FROM sample`);
      }
      const profiles: ColumnProfile[] = [];
      for (const name of readable.columns) profiles.push(await profileColumn(connection, name));
      const key = await proposeKey(connection, profiles);
      const columns = contractColumns(profiles);
      const partitionBy = proposePartition(profiles);
      const fileSource = {
        format,
        path: request.path,
        ...dialect,
        ...(nullText === '' ? {} : { nullText }),
        ...(partitionBy === null ? {} : { partitionBy }),
      };
      const table: TablePlanInput = {
        source: fileSource,
        availableAt: 'D+1 00:00',
        columns: Object.fromEntries(columns.map(({ name, plan }) => [name, plan])),
        key: key.columns.map((raw) => columns.find((column) => column.raw === raw)!.name),
      };
      const rows = Math.min(readable.rows, maxRows);
      const partial = readable.rows > maxRows;
      const name = nameFor(file.name.replace(/[.].*$/, ''), []);
      return { name, file: file.name, rows, partial, columns, key, source: fileSource, table };
    }, request.signal);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

function formatOf(name: string): FileSourcePlan['format'] {
  const plain = name.toLowerCase().replace(/[.](gz|zst)$/, '');
  if (plain.endsWith('.tsv') || plain.endsWith('.tab')) return 'tsv';
  if (/[.](jsonl|ndjson)$/.test(plain)) return 'jsonl';
  return plain.endsWith('.parquet') ? 'parquet' : 'csv';
}

function contractColumns(profiles: readonly ColumnProfile[]): InferredColumn[] {
  const names: string[] = [];
  return profiles.map((profile) => {
    const name = nameFor(profile.raw, names);
    names.push(name);
    return { ...profile, name, plan: planOf(profile, name) };
  });
}

function planOf(profile: ColumnProfile, name: string): InferredColumn['plan'] {
  const { type, min, max } = profile;
  const safe = [min, max].every((bound) => typeof bound === 'number' && Math.abs(bound) <= Number.MAX_SAFE_INTEGER);
  const listed = type === 'category' && profile.distinct <= LISTED_VALUES;
  return {
    type,
    ...(name === profile.raw ? {} : { sql: quoteName(profile.raw) }),
    ...(profile.nulls > 0 ? { nullable: true } : {}),
    ...(safe ? { min: min as number, max: max as number } : {}),
    ...(listed ? { values: profile.top.map(({ value }) => value).sort() } : {}),
  };
}

/** A name that the schema accepts, as near to the file's as can be, and not one of `taken`. */
function nameFor(raw: string, taken: readonly string[]): string {
  const snake = raw
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const base = (/^[a-z]/.test(snake) ? snake : `c_${snake}`).slice(0, MAX_NAME - 4);
  let name = base;
  for (let i = 2; taken.includes(name); i++) name = `${base}_${i}`;
  return name;
}
