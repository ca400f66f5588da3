// Whether two versions look at the same features: rank correlation of their importances, and what moved most.
import type { ImportanceDrift, Mover } from '../../domain/evaluation/explanation';

/**
 * Compares importances by feature. Spearman's coefficient with ties: Pearson's of the mean ranks, as `scipy.stats.spearmanr`.
 * @param most - how many movers. Default 5.
 */
export function importanceDrift(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  most = 5,
): ImportanceDrift {
  const names = Object.keys(after).filter((name) => Object.hasOwn(before, name));
  const [ranksBefore, ranksAfter] = [ranks(names.map((n) => before[n]!)), ranks(names.map((n) => after[n]!))];
  const moved = names.map((name, i) => ({
    ...{ name, before: before[name]!, after: after[name]! },
    ...{ rankBefore: ranksBefore[i]!, rankAfter: ranksAfter[i]! },
  }));
  const step = (mover: Mover): number => Math.abs(mover.rankAfter - mover.rankBefore);
  const change = (mover: Mover): number => Math.abs(mover.after - mover.before);
  return {
    common: names.length,
    rankCorrelation: correlation(ranksBefore, ranksAfter),
    movers: moved
      .filter((mover) => step(mover) > 0)
      .sort((a, b) => step(b) - step(a) || change(b) - change(a))
      .slice(0, most),
    added: Object.keys(after).filter((name) => !Object.hasOwn(before, name)),
    removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)),
  };
}

function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const above = values.filter((other) => other > value).length;
    const same = values.filter((other) => other === value).length;
    return above + (same + 1) / 2;
  });
}

function correlation(a: readonly number[], b: readonly number[]): number | null {
  const n = a.length;
  if (n < 2) return null;
  const middle = (n + 1) / 2;
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    both += (a[i]! - middle) * (b[i]! - middle);
    squaresA += (a[i]! - middle) ** 2;
    squaresB += (b[i]! - middle) ** 2;
  }
  return squaresA === 0 || squaresB === 0 ? null : both / Math.sqrt(squaresA * squaresB);
}
