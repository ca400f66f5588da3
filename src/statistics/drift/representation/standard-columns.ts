// Columns of numbers on one scale, as every comparison of whole rows needs them.
import { requireSameLength } from '../../inputs';

/** The columns of some rows: entry i of each belongs to row i. NaN is missing. */
export type NumericColumns = readonly ArrayLike<number>[];

/** Mean and standard deviation (of the population) of the present values of the kept columns. */
export interface Standard {
  /** Columns that vary in the reference, by index. */
  readonly kept: readonly number[];
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** Number of rows. @throws UnderstudyError `INTERNAL` when columns differ in length. */
export function rowsOf(columns: NumericColumns): number {
  requireSameLength('columns', Object.fromEntries(columns.map((column, i) => [`column ${i}`, column.length])));
  return columns[0]?.length ?? 0;
}

/** What brings each column to mean 0 and deviation 1; a column that is constant, empty or infinite is not kept. */
export function standardOf(columns: NumericColumns): Standard {
  const moments = columns.map((column) => {
    let [count, mean, squares] = [0, 0, 0];
    for (let i = 0; i < column.length; i += 1) {
      const value = column[i]!;
      if (Number.isNaN(value)) continue;
      count += 1;
      const apart = value - mean;
      mean += apart / count;
      squares += apart * (value - mean);
    }
    return { mean, deviation: Math.sqrt(squares / count) };
  });
  const kept = moments.flatMap(({ deviation }, i) => (deviation > 0 && Number.isFinite(deviation) ? [i] : []));
  return {
    kept,
    means: Float64Array.from(kept, (i) => moments[i]!.mean),
    deviations: Float64Array.from(kept, (i) => moments[i]!.deviation),
  };
}

/** The kept columns of one row in standard deviations; a missing value is at the mean. */
export function standardRow(
  columns: NumericColumns,
  { kept, means, deviations }: Standard,
  row: number,
  into: Float64Array,
): void {
  for (let k = 0; k < kept.length; k += 1) {
    const value = columns[kept[k]!]![row]!;
    into[k] = Number.isNaN(value) ? 0 : (value - means[k]!) / deviations[k]!;
  }
}
