// Partial dependence of a function that is known, and the drift of importances against scipy's Spearman.
import { importanceDrift } from '../../../../src/statistics/explanation/importance-drift';
import { partialDependence } from '../../../../src/statistics/explanation/partial-dependence';
import type { ScoreMatrix } from '../../../../src/statistics/explanation/permutation';

/** x + the code of c / 10; missing counts as -1. */
const sum: ScoreMatrix = async (matrix, rows) =>
  Float64Array.from({ length: rows }, (_, row) => {
    const [x, c] = [matrix[2 * row]!, matrix[2 * row + 1]!];
    return (Number.isNaN(x) ? -1 : x) + (Number.isNaN(c) ? -1 : c / 10);
  });
const xs = [0, 0, 1, 2, 3, 4, NaN, NaN];
const codes = [2, 2, 2, 0, 0, 1, 2, NaN];
const features = Float32Array.from(xs.flatMap((x, row) => [x, codes[row]!]));
const meanX = (10 - 2) / 8;
const meanC = (0.9 - 1) / 8;

it('is the mean prediction over all rows with the column at each quantile, and one point for missing values', async () => {
  const found = await partialDependence({ score: sum, features, columns: 2, column: 0, kind: 'number', points: 3 });
  expect(found.map(({ value, rows }) => [value, rows])).toEqual([
    [0, 3],
    [2, 2],
    [4, 1],
    [null, 2],
  ]);
  [0, 2, 4, -1].forEach((x, i) => expect(found[i]!.mean).toBeCloseTo(x + meanC, 6));
});

it('takes the most frequent categories first, and no more than asked for', async () => {
  const asked = { score: sum, features, columns: 2, column: 1, kind: 'category' } as const;
  const found = await partialDependence({ ...asked, points: 2 });
  expect(found.map(({ value, rows }) => [value, rows])).toEqual([
    [2, 4],
    [0, 2],
    [null, 1],
  ]);
  [0.2, 0, -1].forEach((share, i) => expect(found[i]!.mean).toBeCloseTo(share + meanX, 6));
  const none = { ...asked, features: new Float32Array(0) };
  expect(await partialDependence(none)).toEqual([]);
  await expect(partialDependence({ ...asked, column: 2 })).rejects.toThrow('column 2');
});

it("is Spearman's correlation with ties, with the features that moved most", () => {
  const before = { a: 5, b: 4, c: 3, d: 3, gone: 1 };
  const after = { a: 4, b: 5, c: 1, d: 2, fresh: 9 };
  const drift = importanceDrift(before, after, 2);
  // scipy.stats.spearmanr([5, 4, 3, 3], [4, 5, 1, 2])
  expect(drift.rankCorrelation).toBeCloseTo(0.7378647873726218, 12);
  expect(drift.movers.map(({ name, rankBefore, rankAfter }) => [name, rankBefore, rankAfter])).toEqual([
    ['a', 1, 2],
    ['b', 2, 1],
  ]);
  expect([drift.common, drift.added, drift.removed]).toEqual([4, ['fresh'], ['gone']]);
});

it('knows no correlation of one feature or of equal importances', () => {
  expect(importanceDrift({ a: 1 }, { a: 2 }).rankCorrelation).toBeNull();
  expect(importanceDrift({ a: 1, b: 1 }, { a: 2, b: 3 }).rankCorrelation).toBeNull();
});

it('has the mean of every class where a prediction has several values', async () => {
  const features = Float32Array.of(1, 2, 3, 4);
  const score = async (matrix: Float32Array, rows: number) =>
    Promise.resolve(Float64Array.from({ length: rows * 3 }, (_, at) => matrix[Math.floor(at / 3)]! * ((at % 3) + 1)));
  const [first, ...others] = await partialDependence({
    score,
    features,
    columns: 1,
    column: 0,
    kind: 'number',
    width: 3,
  });
  expect(first).toEqual({ value: 1, mean: 1, means: [1, 2, 3], rows: 1 });
  expect(others.map(({ means }) => means)).toEqual([
    [2, 4, 6],
    [3, 6, 9],
    [4, 8, 12],
  ]);
});
