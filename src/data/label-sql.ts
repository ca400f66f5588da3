// The label of a row as a number, by task: the one SQL of training, checks and monitoring, and the refusal of values that are no label.
import { UnderstudyError } from '../domain/failures';
import type { Target } from '../domain/evaluation/task';
import { modelSql, type Connection } from './engine';
import { quoteList, quoteText } from './sql-text';

/** Bad values that a message names. */
const MOST_SHOWN = 5;

/**
 * SQL expression (FLOAT) of the label out of an author's `label.sql`: 0 or 1, the index of the class, or the value as float32. NULL where there is no
 * label, and for a value that is none: call {@link requireLabels} first.
 */
export function labelNumber(target: Target, sql: string): string {
  switch (target.task) {
    case 'binary':
      return `CAST(CAST((${sql}) AS BOOLEAN) AS FLOAT)`;
    case 'multiclass':
      return `CAST(nullif(list_position(${quoteList(target.classes ?? [])}, CAST((${sql}) AS VARCHAR)), 0) - 1 AS FLOAT)`;
    case 'regression': {
      const value = `TRY_CAST((${sql}) AS FLOAT)`;
      return `CASE WHEN isfinite(${value}) THEN ${value} END`;
    }
  }
}

/**
 * Refuses rows of a relation whose `label.sql` is neither NULL nor a label of the task. A `binary` one needs no look: its cast fails by itself.
 * @throws UnderstudyError `MODEL_CODE_FAILED` with the values, how many rows have them, and what is allowed.
 */
export async function requireLabels(
  connection: Connection,
  target: Target,
  { sql, from }: { readonly sql: string; readonly from: string },
): Promise<void> {
  if (target.task === 'binary') return;
  const part = `label.sql (${sql})`;
  const bad = await modelSql(part, () =>
    connection.rows(
      `SELECT CAST((${sql}) AS VARCHAR) AS value, count(*) AS n FROM ${from}
       WHERE (${sql}) IS NOT NULL AND ${labelNumber(target, sql)} IS NULL GROUP BY value ORDER BY n DESC, value`,
    ),
  );
  if (bad.length === 0) return;
  const rows = bad.reduce((sum, { n }) => sum + Number(n), 0);
  const shown = bad.slice(0, MOST_SHOWN).map(({ value }) => quoteText(String(value)));
  const more = bad.length > MOST_SHOWN ? ` and ${bad.length - MOST_SHOWN} more` : '';
  const allowed =
    target.task === 'multiclass'
      ? `one of the classes ${(target.classes ?? []).join(', ')}, or NULL for no label`
      : 'a finite number within float32, or NULL for no label';
  throw new UnderstudyError(
    'MODEL_CODE_FAILED',
    `${part}: found ${shown.join(', ')}${more} in ${rows} rows, allowed is ${allowed}`,
    { part },
  );
}
