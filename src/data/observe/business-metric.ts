// Computes the author's business metric of a day: one number out of SQL over the day's scored entities.
import { UnderstudyError } from '../../domain/failures';
import type { ModelPlan } from '../../domain/plan';
import { modelSql, type Engine } from '../engine';
import { quoteName, quoteText } from '../sql-text';

/** One prediction; `label` is null while it is not known (or never will be). */
export interface ScoredRow {
  readonly key: string;
  readonly probability: number;
  readonly label: 0 | 1 | null;
}

/**
 * Runs `monitoring.businessMetric.sql` over the table `scored`: the columns of the entity table (its key among them), `probability`
 * (DOUBLE) and `label` (INTEGER). Gives null when the plan has no such metric, or the SQL gives NULL.
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
  return engine.task(async (connection) => {
    await connection.run('CREATE TEMP TABLE predicted(__key VARCHAR, probability DOUBLE, label INTEGER)');
    await connection.append(
      'predicted',
      request.scored.map(({ key, probability, label }) => [key, probability, label]),
    );
    const key = quoteName(request.plan.entity.key);
    await connection.run(`
      CREATE TEMP TABLE scored AS SELECT e.*, p.probability, p.label
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
