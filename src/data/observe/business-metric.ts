// Computes the author's business metrics: one number out of SQL over scored entities, of one day or of a set of days.
import type { Day } from '../../domain/days';
import { dayNumber } from '../../domain/days';
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan/plan';
import { targetOf, widthOf, type Target } from '../../domain/evaluation/task';
import { modelSql, type Connection, type Engine } from '../engine';
import { quoteList, quoteName, quoteText } from '../sql-text';

/** One prediction; `label` is null while it is not known (or never will be). */
export interface ScoredRow {
  readonly key: string;
  /** The numbers of the prediction, as `src/domain/evaluation/task.ts` says. */
  readonly output: readonly number[];
  readonly label: number | null;
}

/**
 * Runs `monitoring.businessMetric.sql` over the table `scored`: the columns of the entity table (its key among them), and by the task
 * - `binary`: `probability` (DOUBLE) and `label` (INTEGER);
 * - `multiclass`: `predicted` (VARCHAR, the most probable class), `probabilities` (DOUBLE[], in the order of `label.classes`), `label` (VARCHAR);
 * - `regression`: `value` and `label` (DOUBLE).
 *
 * Gives null when the plan has no such metric, or the SQL gives NULL.
 * @param request.entityPath the day's accepted partition of the entity table.
 * @throws UnderstudyError `MODEL_CODE_FAILED` when the SQL fails or does not give one finite number.
 */
export async function computeBusinessMetric(
  engine: Engine,
  request: { readonly plan: ModelPlan; readonly entityPath: string; readonly scored: readonly ScoredRow[] },
): Promise<number | null> {
  const metric = request.plan.monitoring.businessMetric;
  if (!metric) return null;
  const target = targetOf(request.plan);
  const outputs = outputNames(target);
  return engine.task(async (connection) => {
    await connection.run(
      `CREATE TEMP TABLE predicted(__key VARCHAR, ${outputs.map((name) => `${name} DOUBLE`).join(', ')}, __label DOUBLE)`,
    );
    await connection.append(
      'predicted',
      request.scored.map(({ key, output, label }) => [key, ...output, label]),
    );
    const key = quoteName(request.plan.entity.key);
    await connection.run(`
      CREATE TEMP TABLE scored AS SELECT e.*, ${columnsOf(target, outputs)}
      FROM read_parquet(${quoteText(request.entityPath)}) e JOIN predicted p ON e.${key} = p.__key ORDER BY e.${key}`);
    return oneNumber(connection, `monitoring.businessMetric ${metric.name}`, metric.sql);
  });
}

/** Columns of the numbers of one prediction. */
function outputNames(target: Target): string[] {
  return Array.from({ length: widthOf(target) }, (_, index) => `__output_${index}`);
}

function columnsOf({ task, classes = [] }: Target, outputs: readonly string[]): string {
  switch (task) {
    case 'binary':
      return 'p.__output_0 AS probability, CAST(p.__label AS INTEGER) AS label';
    case 'multiclass': {
      const names = quoteList(classes);
      const probabilities = `[${outputs.map((name) => `p.${name}`).join(', ')}]`;
      // Of equal probabilities the first class, as everywhere.
      const predicted = `${names}[list_position(${probabilities}, list_max(${probabilities}))]`;
      return `${predicted} AS predicted, ${probabilities} AS probabilities, ${names}[CAST(p.__label AS INTEGER) + 1] AS label`;
    }
    case 'regression':
      return 'p.__output_0 AS value, p.__label AS label';
  }
}

/** Labelled rows with their predictions; the lists are parallel. */
export interface ScoredRows {
  readonly keys: readonly string[];
  /** Days since 1970-01-01. */
  readonly days: ArrayLike<number>;
  /** Row by row, as `src/domain/evaluation/task.ts` says. */
  readonly predictions: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/** A metric on all rows, and without each day in turn. */
export interface MetricByDay {
  readonly value: number | null;
  readonly n: number;
  readonly withoutDay: readonly (number | null)[];
}

/**
 * Runs the SQL of a metric over the table `scored`, which is as {@link computeBusinessMetric} says, with every label known. Then once more without each day that has rows, the earliest first. A row whose entity the partitions lack does not count.
 * @param request.entityPaths day → accepted partition of the entity table.
 * @throws UnderstudyError `MODEL_CODE_FAILED` when the SQL fails or does not give one finite number or NULL.
 */
export async function metricByDay(
  engine: Engine,
  request: {
    readonly part: string;
    readonly sql: string;
    readonly entityKey: string;
    readonly target: Target;
    readonly entityPaths: ReadonlyMap<Day, string>;
    readonly rows: ScoredRows;
  },
): Promise<MetricByDay> {
  const { part, sql, entityKey, entityPaths, target, rows } = request;
  const outputs = outputNames(target);
  return engine.task(async (connection) => {
    await connection.run(
      `CREATE TEMP TABLE predicted(__key VARCHAR, __day INTEGER, ${outputs.map((name) => `${name} DOUBLE`).join(', ')}, __label DOUBLE)`,
    );
    await connection.append(
      'predicted',
      rows.keys.map((key, row) => [
        key,
        rows.days[row]!,
        ...outputs.map((_, k) => rows.predictions[row * outputs.length + k]!),
        rows.labels[row]!,
      ]),
    );
    const key = quoteName(entityKey);
    const parts = [...entityPaths].map(
      ([day, path]) => `
        SELECT e.*, ${columnsOf(target, outputs)}, p.__day
        FROM read_parquet(${quoteText(path)}) e JOIN predicted p ON e.${key} = p.__key AND p.__day = ${dayNumber(day)}`,
    );
    if (parts.length === 0) return { value: null, n: 0, withoutDay: [] };
    // By name: columns may have been added to the table between two of the days.
    await connection.run(`CREATE TEMP TABLE every_day AS ${parts.join(' UNION ALL BY NAME ')} ORDER BY __day, ${key}`);
    const found = await connection.rows('SELECT __day AS day, count(*) AS n FROM every_day GROUP BY 1 ORDER BY 1');
    const over = async (where: string): Promise<number | null> => {
      await connection.run(
        `CREATE OR REPLACE TEMP VIEW scored AS SELECT * EXCLUDE (__day) FROM every_day WHERE ${where}`,
      );
      return oneNumber(connection, part, sql);
    };
    const value = await over('true');
    const withoutDay: (number | null)[] = [];
    for (const { day } of found) withoutDay.push(await over(`__day <> ${Number(day)}`));
    return { value, n: found.reduce((sum, { n }) => sum + Number(n), 0), withoutDay };
  });
}

async function oneNumber(connection: Connection, part: string, sql: string): Promise<number | null> {
  const rows = await modelSql(part, () => connection.rows(sql));
  const values = rows.flatMap((row) => Object.values(row));
  const value = values[0];
  if (values.length === 1 && (value === null || (typeof value === 'number' && Number.isFinite(value)))) return value;
  const found = values.length === 1 ? JSON.stringify(value) : `${rows.length} rows with ${values.length} values`;
  throw new UnderstudyError(
    'MODEL_CODE_FAILED',
    `${part}: not one number (found: ${found}; allowed: one row with one number or NULL)`,
  );
}
