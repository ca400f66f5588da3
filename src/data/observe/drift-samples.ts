// Samples of features over several days, for the comparison of a current window with a reference window.
import type { Engine } from '../engine';
import type { Population } from '../population';
import { quoteList, quoteName, quoteText } from '../sql-text';

/** One feature's values in day and key order. */
export type FeatureSample =
  | { readonly kind: 'number'; /** NaN for missing. */ readonly numbers: Float64Array }
  | { readonly kind: 'category'; /** null for missing. */ readonly values: readonly (string | null)[] };

/** Reads features out of one view's files. `features`: names and kinds, all of that view. No paths: empty samples. */
export function featureSamples(
  engine: Engine,
  request: {
    readonly paths: readonly string[];
    readonly features: Readonly<Record<string, 'number' | 'category'>>;
    /** Where the plan has `rows`: it, and for each path the day's partition of the entity table. Absent: all rows. */
    readonly own?: { readonly population: Population; readonly entityPaths: readonly string[] };
  },
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
      const query = `SELECT ${columns.join(', ')} FROM ${rowsOf(request.paths, request.own)}`;
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

/** With `own` the order is any: what is compared are distributions. */
function rowsOf(
  paths: readonly string[],
  own: { readonly population: Population; readonly entityPaths: readonly string[] } | undefined,
): string {
  if (!own || own.population.rows === undefined) return `read_parquet(${quoteList(paths)})`;
  const { population, entityPaths } = own;
  const key = quoteName(population.entity.key);
  const pairs = paths.map((path, at) => `(${quoteText(path)}, ${quoteText(entityPaths[at]!)})`).join(', ');
  const features = `read_parquet(${quoteList([...new Set(paths)])}, filename = '__file')`;
  const entities = `read_parquet(${quoteList([...new Set(entityPaths)])}, filename = '__entities')`;
  return `(SELECT f.* FROM ${features} f JOIN (VALUES ${pairs}) p(__file, __entities) ON f.__file = p.__file
    JOIN (SELECT ${key}, __entities FROM ${entities} WHERE (${population.rows})) e ON e.__entities = p.__entities AND e.${key} = f.${key})`;
}

/** Some rows of a sample; numbers are copied, so that the whole need not be kept. */
export function slicedSample(sample: FeatureSample, from: number, to: number): FeatureSample {
  return sample.kind === 'number'
    ? { kind: 'number', numbers: sample.numbers.slice(from, to) }
    : { kind: 'category', values: sample.values.slice(from, to) };
}

/** Samples of one feature as one, in their order. */
export function concatenated(kind: FeatureSample['kind'], parts: readonly FeatureSample[]): FeatureSample {
  return kind === 'number'
    ? { kind, numbers: concatenate(parts.flatMap((part) => (part.kind === 'number' ? [part.numbers] : []))) }
    : { kind, values: parts.flatMap((part) => (part.kind === 'category' ? part.values : [])) };
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
