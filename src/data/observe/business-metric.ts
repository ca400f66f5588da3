// Computes the author's business metric of a day: one number out of SQL over the day's scored entities.
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan';
import { targetOf, widthOf, type Target } from '../../domain/task';
import { modelSql, type Engine } from '../engine';
import { quoteList, quoteName, quoteText } from '../sql-text';

/** One prediction; `label` is null while it is not known (or never will be). */
export interface ScoredRow {
  readonly key: string;
  /** The numbers of the prediction, as `src/domain/task.ts` says. */
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
  const part = `monitoring.businessMetric ${metric.name}`;
  const target = targetOf(request.plan);
  const outputs = Array.from({ length: widthOf(target) }, (_, index) => `__output_${index}`);
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
    const rows = await modelSql(part, () => connection.rows(metric.sql));
    const values = rows.flatMap((row) => Object.values(row));
    const value = values[0];
    if (values.length === 1 && (value === null || (typeof value === 'number' && Number.isFinite(value)))) return value;
    const found = values.length === 1 ? JSON.stringify(value) : `${rows.length} rows with ${values.length} values`;
    throw new UnderstudyError(
      'MODEL_CODE_FAILED',
      `${part}: not one number (found: ${found}; allowed: one row with one number or NULL)`,
    );
  });
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
