// Samples of features over several days, for the comparison of a current window with a reference window.
import type { Engine } from '../engine';
import { quoteList, quoteName } from '../sql-text';

/** One feature's values in day and key order. */
export type FeatureSample =
  | { readonly kind: 'number'; /** NaN for missing. */ readonly numbers: Float64Array }
  | { readonly kind: 'category'; /** null for missing. */ readonly values: readonly (string | null)[] };

/** Reads features out of one view's files. `features`: names and kinds, all of that view. No paths: empty samples. */
export function featureSamples(
  engine: Engine,
  request: { readonly paths: readonly string[]; readonly features: Readonly<Record<string, 'number' | 'category'>> },
): Promise<Record<string, FeatureSample>> {
  const entries = Object.entries(request.features);
  return engine.task(async (connection) => {
    const numbers = entries.map((): Float64Array[] => []);
    const values = entries.map((): (string | null)[] => []);
    if (request.paths.length > 0 && entries.length > 0) {
      const columns = entries.map(([name, kind]) =>
        kind === 'number' ? `coalesce(${quoteName(name)}, 'NaN'::DOUBLE)` : quoteName(name),
      );
      // Files are read in the given order, rows in the file's: no sort is needed.
      const query = `SELECT ${columns.join(', ')} FROM read_parquet(${quoteList(request.paths)})`;
      await connection.chunks(query, (chunk) => {
        chunk.vectors.forEach((vector, column) => {
          if (entries[column]![1] === 'number') {
            const part = new Float64Array(chunk.rows);
            for (let i = 0; i < chunk.rows; i++) part[i] = vector.getItem(i) as number;
            numbers[column]!.push(part);
          } else {
            for (let i = 0; i < chunk.rows; i++) values[column]!.push(vector.getItem(i) as string | null);
          }
        });
      });
    }
    return Object.fromEntries(
      entries.map(([name, kind], i): [string, FeatureSample] => [
        name,
        kind === 'number' ? { kind, numbers: concatenate(numbers[i]!) } : { kind, values: values[i]! },
      ]),
    );
  });
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}
