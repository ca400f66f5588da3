// The rows of the entity table that are a model's own: what its plan's `rows` lets through.
// Invariant: a row that the SQL gives no answer for (NULL) is not the model's.
import type { Day } from '../domain/days';
import { dayNumber } from '../domain/days';
import { modelSql, type Connection } from './engine';
import { quoteList, quoteName, quoteText } from './sql-text';

/** What of a plan decides its rows; a plan is one. */
export interface Population {
  readonly entity: { readonly key: string };
  /** SQL over the entity table's columns. Absent: all rows. */
  readonly rows?: string | undefined;
}

/** The entity table of one file, without the rows that are not the model's: a table expression for FROM. */
export function entitiesOf({ rows }: Population, entityPath: string): string {
  const file = `read_parquet(${quoteText(entityPath)})`;
  return rows === undefined ? file : `(SELECT * FROM ${file} WHERE (${rows}))`;
}

/** Runs work whose SQL holds the author's `rows`: its mistakes are told as the author's. Fails with MODEL_CODE_FAILED. */
export async function withRows<T>({ rows }: Population, work: () => Promise<T>): Promise<T> {
  return rows === undefined ? work() : modelSql(`rows (${rows})`, work);
}

/**
 * Makes the temporary table `population` with `__day` and the entity's key: the model's rows of these days.
 * @throws UnderstudyError `MODEL_CODE_FAILED` when the SQL of `rows` fails.
 */
export async function createPopulation(
  connection: Connection,
  population: Population,
  files: readonly (readonly [Day, string])[],
): Promise<void> {
  const key = quoteName(population.entity.key);
  if (files.length === 0) return connection.run(`CREATE TEMP TABLE population(__day INTEGER, ${key} VARCHAR)`);
  const values = files.map(([day, path]) => `(${dayNumber(day)}, ${quoteText(path)})`).join(', ');
  const paths = quoteList([...new Set(files.map(([, path]) => path))]);
  await withRows(population, () =>
    connection.run(`
      CREATE TEMP TABLE population AS
      SELECT d.__day, t.${key}
      FROM (SELECT * FROM read_parquet(${paths}, filename = '__file') WHERE (${population.rows ?? 'true'})) t
      JOIN (VALUES ${values}) d(__day, __file) ON t.__file = d.__file`),
  );
}
