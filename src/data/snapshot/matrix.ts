// Joins feature partitions and labels into the matrices that a cycle trains and evaluates on, with the signature that serving will see.
// Invariant: numbers are float32 here already, categories are coded by the training rows alone, and equal inputs give equal bytes.
import { join } from 'node:path';
import { dayNumber, dayOfNumber, type Day } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { DayRoles } from '../../domain/data/partitions';
import { targetOf, type Task } from '../../domain/evaluation/task';
import {
  MATRIX_DAY,
  MATRIX_KEY,
  MATRIX_LABEL,
  MATRIX_WEIGHT,
  type ModelColumn,
  type ModelSignature,
} from '../../domain/training/training';
import { modelSql, type Connection, type Engine } from '../engine';
import { labelNumber, requireLabels } from '../label-sql';
import { createPopulation, type Population } from '../population';
import { copyToParquet, quoteList, quoteName, quoteText } from '../sql-text';
import { DAY, featureRows, type FeatureFile } from '../derive/feature-files';
import { targetRecord } from './label-statistics';

/** What of a plan decides a matrix; a plan is one. */
export interface MatrixLayout extends Population {
  readonly task: Task;
  readonly label: {
    readonly table: string;
    readonly sql: string;
    readonly classes?: string[] | undefined;
    readonly weight?: string | undefined;
  };
  /** In the order of the columns. */
  readonly features: readonly {
    readonly name: string;
    readonly features: Readonly<Record<string, 'number' | 'category'>>;
  }[];
}

export interface MatrixRequest {
  readonly plan: MatrixLayout;
  readonly days: DayRoles;
  /** View → day → its features, for every day of every role. */
  readonly featureFiles: Readonly<Record<string, Readonly<Record<Day, FeatureFile>>>>;
  /** Day → accepted partition of the label's table, for every day of every role. */
  readonly labelPaths: Readonly<Record<Day, string>>;
  /** Day → accepted partition of the entity table, for every day of every role. Needed where the plan has `rows`. */
  readonly entityPaths?: Readonly<Record<Day, string>>;
  /** An existing directory for `train.parquet`, `holdout.parquet` and `truth.parquet`. */
  readonly outDir: string;
}

/** One matrix: `__key`, `__day`, `__label`, then the signature's columns as FLOAT, sorted by day and key. */
export interface Matrix {
  readonly path: string;
  readonly rows: number;
  /** Rows with label 1; means nothing for other tasks than `binary`. */
  readonly positives: number;
  /** Days with at least one row. */
  readonly days: number;
}

export interface Matrices {
  readonly train: Matrix;
  readonly holdout: Matrix;
  readonly truth: Matrix;
  readonly signature: ModelSignature;
  /** `binary`: share of label 1 among the training rows; null without rows, and for other tasks, whose signature has the labels' statistics. */
  readonly baseRate: number | null;
}

const ROLES = ['train', 'holdout', 'truth'] as const;

/**
 * Builds the three matrices. Rows without a label are left out, and those that are not the model's; a category that no training row has is missing (NULL).
 * @throws UnderstudyError `PARTITION_MISSING` when a day of a role has no file; `MODEL_CODE_FAILED` when `label.sql` or `rows` fails;
 * `INTERNAL` when a day has two roles.
 */
export async function buildMatrices(engine: Engine, request: MatrixRequest): Promise<Matrices> {
  requireDisjoint(request.days);
  return engine.task(async (connection) => {
    await connection.run('CREATE TEMP TABLE days(__day INTEGER, role VARCHAR)');
    const roles = ROLES.flatMap((role) => request.days[role].map((day): [number, string] => [dayNumber(day), role]));
    await connection.append('days', roles);
    await joinLabels(connection, request);
    if (request.plan.rows !== undefined) await keepOwnRows(connection, request);
    await joinViews(connection, request);
    const signature = {
      ...(await signatureOf(connection, request.plan)),
      ...(await targetRecord(connection, request.plan)),
    };
    const matrices = { train: await write('train'), holdout: await write('holdout'), truth: await write('truth') };
    const { rows, positives } = matrices.train;
    return { ...matrices, signature, baseRate: rows === 0 || request.plan.task !== 'binary' ? null : positives / rows };

    async function write(role: (typeof ROLES)[number]): Promise<Matrix> {
      const path = join(request.outDir, `${role}.parquet`);
      const columns = signature.columns.map(coded).join(', ');
      const weight = request.plan.label.weight === undefined ? '' : ` ${MATRIX_WEIGHT},`;
      const query = `SELECT ${MATRIX_KEY}, ${MATRIX_DAY}, ${MATRIX_LABEL},${weight} ${columns} FROM joined WHERE role = '${role}' ORDER BY ${MATRIX_DAY}, ${MATRIX_KEY}`;
      await connection.run(copyToParquet(query, path));
      const [counts] = await connection.rows(
        `SELECT count(*) AS n, count(*) FILTER (${MATRIX_LABEL} = 1) AS ones, count(DISTINCT ${MATRIX_DAY}) AS days FROM joined WHERE role = '${role}'`,
      );
      return { path, rows: Number(counts!['n']), positives: Number(counts!['ones']), days: Number(counts!['days']) };
    }
  });
}

function requireDisjoint({ train, holdout, truth }: DayRoles): void {
  const seen = new Set<Day>();
  const twice = [...train, ...holdout, ...truth].find((day) => seen.size === seen.add(day).size);
  if (twice !== undefined) throw new UnderstudyError('INTERNAL', `day ${twice} has two roles`, { day: twice });
}

/** Files of all days of all roles, in day order. */
function filesOf<F>(days: DayRoles, paths: Readonly<Record<Day, F>> | undefined, what: string): [Day, F][] {
  const wanted = ROLES.flatMap((role) => [...days[role]]).sort();
  const missing = wanted.filter((day) => paths?.[day] === undefined);
  if (missing.length > 0) {
    const message = `${what}: no partition for ${missing.length} of ${wanted.length} days (found none for: ${missing.slice(0, 5).join(', ')}; allowed: one for each day)`;
    throw new UnderstudyError('PARTITION_MISSING', message, { what, missing: missing.slice(0, 100) });
  }
  return wanted.map((day) => [day, paths![day]!]);
}

async function joinLabels(connection: Connection, { plan, days, labelPaths }: MatrixRequest): Promise<void> {
  const files = filesOf(days, labelPaths, `label table ${plan.label.table}`);
  const key = quoteName(plan.entity.key);
  const { weight } = plan.label;
  const weighted = weight === undefined ? '' : `, ${MATRIX_WEIGHT} FLOAT`;
  const empty = `CREATE TEMP TABLE labels(__day INTEGER, ${key} VARCHAR, ${MATRIX_LABEL} FLOAT${weighted})`;
  if (files.length === 0) return connection.run(empty);
  const values = files.map(([day, path]) => `(${dayNumber(day)}, ${quoteText(path)})`).join(', ');
  const paths = [...new Set(files.map(([, path]) => path))];
  const target = targetOf(plan);
  await requireLabels(connection, target, { sql: plan.label.sql, from: `read_parquet(${quoteList(paths)})` });
  await modelSql(`label.sql (${plan.label.sql})`, () =>
    connection.run(`
      CREATE TEMP TABLE labels AS
      SELECT d.__day, t.${key}, ${labelNumber(target, plan.label.sql)} AS ${MATRIX_LABEL}
      FROM read_parquet(${quoteList(paths)}, filename = '__file') t
      JOIN (VALUES ${values}) d(__day, __file) ON t.__file = d.__file
      WHERE (${plan.label.sql}) IS NOT NULL`),
  );
  if (weight === undefined) return;
  await modelSql(`label.weight (${weight})`, () => addWeights(connection, weight, key, { paths, values }));
}

/** Fails with MODEL_CODE_FAILED for a labelled row without a weight from 0. */
async function addWeights(
  connection: Connection,
  weight: string,
  key: string,
  { paths, values }: { readonly paths: readonly string[]; readonly values: string },
): Promise<void> {
  await connection.run(`ALTER TABLE labels ADD COLUMN ${MATRIX_WEIGHT} FLOAT`);
  await connection.run(`
    UPDATE labels SET ${MATRIX_WEIGHT} = w.weight FROM (
      SELECT d.__day, t.${key}, TRY_CAST((${weight}) AS FLOAT) AS weight
      FROM read_parquet(${quoteList(paths)}, filename = '__file') t JOIN (VALUES ${values}) d(__day, __file) ON t.__file = d.__file
    ) w WHERE labels.__day = w.__day AND labels.${key} = w.${key}`);
  const [bad] = await connection.rows(
    `SELECT count(*) AS n, first(${key}) AS example, first(__day) AS day FROM labels
     WHERE ${MATRIX_WEIGHT} IS NULL OR NOT (${MATRIX_WEIGHT} >= 0 AND isfinite(${MATRIX_WEIGHT}))`,
  );
  if (Number(bad!['n']) === 0) return;
  const where = `row ${String(bad!['example'])} of ${dayOfNumber(Number(bad!['day']))}`;
  throw new UnderstudyError(
    'MODEL_CODE_FAILED',
    `label.weight (${weight}): found ${Number(bad!['n'])} labelled rows without a weight, such as ${where}; allowed is a number from 0`,
  );
}

/** Drops the labels of rows that are not the model's; the views are joined to what is left. */
async function keepOwnRows(connection: Connection, { plan, days, entityPaths }: MatrixRequest): Promise<void> {
  const key = quoteName(plan.entity.key);
  await createPopulation(connection, plan, filesOf(days, entityPaths, 'the entity table'));
  await connection.run(
    `DELETE FROM labels WHERE NOT EXISTS (SELECT 1 FROM population p WHERE p.__day = labels.__day AND p.${key} = labels.${key})`,
  );
}

async function joinViews(connection: Connection, { plan, days, featureFiles }: MatrixRequest): Promise<void> {
  const key = quoteName(plan.entity.key);
  const columns = plan.features.flatMap((view) =>
    Object.entries(view.features).map(([name, kind]) => {
      const value = `${quoteName(view.name)}.${quoteName(name)}`;
      return `${kind === 'number' ? `TRY_CAST(${value} AS FLOAT)` : value} AS ${quoteName(name)}`;
    }),
  );
  const joins = plan.features.map((view) => {
    const files = filesOf(days, featureFiles[view.name], `feature view ${view.name}`).map(([, file]) => file);
    const names = [DAY, key, ...Object.keys(view.features).map(quoteName)].join(', ');
    return `JOIN (${files.length === 0 ? emptyView(view, key) : featureRows(files, names)}) ${quoteName(view.name)} USING (${DAY}, ${key})`;
  });
  await connection.run(`
    CREATE TEMP TABLE joined AS
    SELECT days.role, ${key} AS ${MATRIX_KEY}, __day AS ${MATRIX_DAY}, labels.${MATRIX_LABEL},${plan.label.weight === undefined ? '' : ` labels.${MATRIX_WEIGHT},`} ${columns.join(', ')}
    FROM labels JOIN days USING (__day) ${joins.join(' ')}`);
}

function emptyView(view: MatrixLayout['features'][number], key: string): string {
  const columns = Object.entries(view.features).map(
    ([name, kind]) => `CAST(NULL AS ${kind === 'number' ? 'DOUBLE' : 'VARCHAR'}) AS ${quoteName(name)}`,
  );
  return `SELECT CAST(NULL AS INTEGER) AS ${DAY}, CAST(NULL AS VARCHAR) AS ${key}, ${columns.join(', ')} LIMIT 0`;
}

async function signatureOf(connection: Connection, plan: MatrixLayout): Promise<ModelSignature> {
  const features = plan.features.flatMap((view) => Object.entries(view.features));
  const columns: ModelColumn[] = [];
  for (const [name, kind] of features) {
    if (kind === 'number') columns.push({ kind, name });
    else {
      const c = quoteName(name);
      const rows = await connection.rows(
        `SELECT DISTINCT ${c} AS value FROM joined WHERE role = 'train' AND ${c} IS NOT NULL ORDER BY value`,
      );
      columns.push({ kind, name, categories: rows.map((row) => String(row['value'])) });
    }
  }
  return { columns };
}

/** SQL of a matrix column over the raw one of the same name: the number, or the index of the category. */
export function coded(column: ModelColumn): string {
  const c = quoteName(column.name);
  if (column.kind === 'number') return c;
  if (column.categories.length === 0) return `CAST(NULL AS FLOAT) AS ${c}`;
  const known = column.categories.map(quoteText).join(', ');
  return `CAST(enum_code(TRY_CAST(${c} AS ENUM (${known}))) AS FLOAT) AS ${c}`;
}
