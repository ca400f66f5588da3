// A data-drift report: every column between two samples, p values corrected for the number of columns, and an effect size beside each.
// Invariant: no column is called drifted on its p value alone, nor with too few rows, nor without a number.
import { benjaminiHochbergAdjusted } from '../significance/corrections/multiplicity';
import { categoryDrift, numericDrift, type CategoryDrift, type NumericDrift } from './column-drift';
import type { Category } from './samples';

/** One column of both samples; null (and NaN in numbers) is missing. */
export type DriftColumn =
  | {
      readonly name: string;
      readonly kind: 'number';
      readonly reference: ArrayLike<number | null>;
      readonly current: ArrayLike<number | null>;
    }
  | {
      readonly name: string;
      readonly kind: 'category';
      readonly reference: ArrayLike<Category>;
      readonly current: ArrayLike<Category>;
    };

/** When a column has drifted. */
export interface DriftRules {
  /** Share of false findings among the drifted columns, in (0, 1). Default 0.05. */
  readonly level?: number;
  /** Least PSI that matters however small p is. Default 0.1; by custom 0.25 is a large shift. */
  readonly leastPsi?: number;
  /** Present values that each sample has to have. Default 100. */
  readonly leastRows?: number;
}

/** {@link DriftRules} as they are when not given. */
export const DRIFT_RULES = { level: 0.05, leastPsi: 0.1, leastRows: 100 } as const satisfies Required<DriftRules>;

/** What the report says of one column. */
export interface ColumnVerdict {
  readonly name: string;
  readonly found: NumericDrift | CategoryDrift;
  /** Of the Kolmogorov-Smirnov test of numbers, the chi-squared test of categories. */
  readonly p: number;
  /** Corrected by Benjamini and Hochberg over the judged columns; NaN of a column that is not judged. */
  readonly adjustedP: number;
  /** The PSI, which does not grow with the number of rows. */
  readonly effect: number;
  /** Each sample has enough present values, and p is a number. */
  readonly judged: boolean;
  readonly drifted: boolean;
}

/** A data-drift report with the rules that it was made by. */
export interface DriftReport {
  readonly columns: readonly ColumnVerdict[];
  readonly drifted: number;
  readonly judged: number;
  readonly rules: Required<DriftRules>;
}

/** Compares the columns of two samples. A column with too few values is described, but not judged. */
export function driftReport(columns: readonly DriftColumn[], rules: DriftRules = {}): DriftReport {
  return judgeColumns(
    columns.map(({ name, ...column }) => ({
      name,
      found:
        column.kind === 'number'
          ? numericDrift(column.reference, column.current)
          : categoryDrift(column.reference, column.current),
    })),
    rules,
  );
}

/** The verdicts of {@link driftReport} on columns whose drift is known already. */
export function judgeColumns(
  columns: readonly { readonly name: string; readonly found: NumericDrift | CategoryDrift }[],
  rules: DriftRules = {},
): DriftReport {
  const { level, leastPsi, leastRows } = { ...DRIFT_RULES, ...rules };
  const tested = columns.map(({ name, found }) => {
    const p = found.kind === 'number' ? found.kolmogorovSmirnov.p : found.chiSquared.p;
    const judged = Math.min(found.present.reference, found.present.current) >= leastRows && !Number.isNaN(p);
    return { name, found, p, judged, effect: found.psi };
  });
  const adjusted = benjaminiHochbergAdjusted(tested.map(({ p, judged }) => (judged ? p : Number.NaN)));
  const verdicts = tested.map((column, i) => {
    const adjustedP = adjusted[i]!;
    return { ...column, adjustedP, drifted: column.judged && adjustedP <= level && column.effect >= leastPsi };
  });
  return {
    columns: verdicts,
    drifted: verdicts.filter(({ drifted }) => drifted).length,
    judged: verdicts.filter(({ judged }) => judged).length,
    rules: { level, leastPsi, leastRows },
  };
}
