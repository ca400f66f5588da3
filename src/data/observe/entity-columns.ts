// Columns of the entity table for given rows, found by day and key.
import { dayNumber, type Day } from '../../domain/days';
import type { Engine } from '../engine';
import { quoteName, quoteText } from '../sql-text';

/** See {@link entityColumns}. */
export interface EntityColumnsRequest {
  /** Day → partition of the entity table. */
  readonly paths: ReadonlyMap<Day, string>;
  readonly entityKey: string;
  readonly names: readonly string[];
  readonly rows: { readonly keys: readonly string[]; readonly days: ArrayLike<number> };
}

/** Column → its value for each row as text; null where it is missing, where the entity has no row, and where its day lacks the column. */
export async function entityColumns(
  engine: Engine,
  { paths, entityKey, names, rows }: EntityColumnsRequest,
): Promise<ReadonlyMap<string, (string | null)[]>> {
  const values = new Map(names.map((name) => [name, new Array<string | null>(rows.keys.length).fill(null)]));
  const places = new Map(rows.keys.map((key, row) => [`${rows.days[row]!} ${key}`, row]));
  await engine.task(async (connection) => {
    for (const [day, path] of paths) {
      const file = `read_parquet(${quoteText(path)})`;
      const there = new Set((await connection.columns(`SELECT * FROM ${file}`)).map(({ name }) => name));
      const wanted = names.filter((name) => there.has(name));
      const texts = wanted.map((name) => `CAST(${quoteName(name)} AS VARCHAR)`);
      const query = `SELECT ${[`CAST(${quoteName(entityKey)} AS VARCHAR)`, ...texts].join(', ')} FROM ${file}`;
      await connection.chunks(query, ({ rows: count, vectors: [key, ...columns] }) => {
        for (let i = 0; i < count; i++) {
          const row = places.get(`${dayNumber(day)} ${key!.getItem(i) as string}`);
          if (row === undefined) continue;
          columns.forEach((column, c) => (values.get(wanted[c]!)![row] = (column.getItem(i) as string | null) ?? null));
        }
      });
    }
  });
  return values;
}
