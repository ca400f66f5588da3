// The checks that every statistic makes on its inputs, so that a bug of the caller ends in an error and not in a plausible number.
import { UnderstudyError } from '../domain/failures';

/**
 * Refuses arrays of different lengths.
 * @throws UnderstudyError `INTERNAL`: rows were lost or doubled before the call; no number would mean anything.
 */
export function requireSameLength(statistic: string, lengths: Readonly<Record<string, number>>): void {
  if (new Set(Object.values(lengths)).size > 1) {
    const found = Object.entries(lengths).map(([name, length]) => `${name} ${String(length)}`);
    throw new UnderstudyError('INTERNAL', `${statistic}: arrays differ in length (${found.join(', ')}).`, {
      ...lengths,
    });
  }
}

/**
 * Refuses labels and scores of different lengths, and any label other than 0 and 1.
 * @returns how many labels are 1, and whether some score is NaN (a statistic of such rows is NaN).
 * @throws UnderstudyError `INTERNAL`: a missing label or another class must be removed by the caller, who knows why it is there.
 */
export function inspectBinary(
  statistic: string,
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
): { readonly positives: number; readonly hasNaN: boolean } {
  if (labels.length !== scores.length) {
    requireSameLength(statistic, { labels: labels.length, scores: scores.length });
  }
  let positives = 0;
  let hasNaN = false;
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1) {
      throw new UnderstudyError(
        'INTERNAL',
        `${statistic}: row ${String(i)} has label ${String(label)}; allowed: 0 and 1.`,
        {
          row: i,
          label,
        },
      );
    }
    positives += label;
    hasNaN ||= Number.isNaN(scores[i]!);
  }
  return { positives, hasNaN };
}
