// How much the evidence of two looks has in common: the correlation of their statistics, from the days that both were judged on.

/** Summed difference of row losses by day (challenger minus champion), by the day's name. */
export type DayDifferences = Readonly<Record<string, number>>;

/**
 * Correlations of the looks' mean differences where nobody is better: for two looks the sum over shared days of (difference at the one) x
 * (difference at the other), over the root of both sums of squares. It is the off-diagonal part of the covariance that is robust to clusters of
 * days (Liang and Zeger 1986), of which the t test by day uses the diagonal, around a mean of 0; and the very correlation of the two sums when
 * champion and challenger change places at random by day, whatever the size of the days and however much the models differ from look to look.
 * Where every day weighs the same and the models are the same it is shared days / sqrt(days of the one x days of the other); without shared days
 * 0. Looks that differ nowhere, or in what is not a number, have nothing in common with any other.
 */
export function dayCorrelations(looks: readonly DayDifferences[]): number[][] {
  const squares = looks.map((look) => Object.values(look).reduce((sum, difference) => sum + difference ** 2, 0));
  return looks.map((look, i) =>
    looks.map((other, j) => {
      if (i === j) return 1;
      // Always the same way round, so that both halves are equal to the last bit.
      const [one, two] = i < j ? [look, other] : [other, look];
      let products = 0;
      for (const [day, difference] of Object.entries(one)) products += difference * (two[day] ?? 0);
      const correlation = products / Math.sqrt(squares[i]! * squares[j]!);
      return Number.isFinite(correlation) ? Math.max(-1, Math.min(1, correlation)) : 0;
    }),
  );
}

/** Days that both looks were judged on. */
export function sharedDays(one: DayDifferences, two: DayDifferences): number {
  return Object.keys(one).filter((day) => two[day] !== undefined).length;
}
