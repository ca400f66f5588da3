// Contributions of single predictions against those that LightGBM, XGBoost and shap compute themselves.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linearContributions, meanShares } from '../../../src/scoring/contributions/linear';
import { readLightgbmText } from '../../../src/scoring/contributions/lightgbm-text';
import { expectedValue, treeContributions, type ShapTree } from '../../../src/scoring/contributions/tree-shap';
import { readXgboostJson } from '../../../src/scoring/contributions/xgboost-json';
import { predictLogistic, type LogisticModel } from '../../../src/training/logistic-model';
import { readExpected, readNumbers } from '../statistics/reference-rows';

const FOLDER = join(__dirname, '../../reference');
const text = (path: string): string => readFileSync(join(FOLDER, path), 'utf8');

/** Contributions, then the base: the form of `pred_contrib`. */
function shapOf(trees: readonly ShapTree[], row: ArrayLike<number>, start = 0): number[] {
  return [...treeContributions(trees, row), trees.reduce((sum, tree) => sum + expectedValue(tree), start)];
}

function largestDifference(found: readonly number[], expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  return Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));
}

interface Expected {
  readonly rows: readonly (readonly (number | null)[])[];
  readonly lightgbm: readonly (readonly number[])[];
  readonly xgboost: readonly (readonly number[])[];
}
const own = readExpected<Expected>('contributions/expected.json');
const sample = own.rows.map((row) => row.map((value) => value ?? Number.NaN));

it("is LightGBM's pred_contrib to 1e-9, with categories, unseen codes and missing values", () => {
  const { trees, factor } = readLightgbmText(text('contributions/lightgbm.txt'));
  expect(factor).toBe(1);
  sample.forEach((row, i) => expect(largestDifference(shapOf(trees, row), own.lightgbm[i]!)).toBeLessThan(1e-9));
});

it("is XGBoost's pred_contribs to its own float32, with categories, unseen codes and missing values", () => {
  const { trees, start } = readXgboostJson(text('contributions/xgboost.json'));
  sample.forEach((row, i) => expect(largestDifference(shapOf(trees, row, start), own.xgboost[i]!)).toBeLessThan(2e-6));
});

it("is shap's on the flights' model, row by row and in the mean over 2,000 rows", () => {
  const { columns, treeshap } = readExpected<{
    columns: string[];
    treeshap: { expected_value: number; mean_abs: Record<string, number>; first_5_rows: number[][] };
  }>('importance/expected.json');
  const { trees } = readLightgbmText(text('importance/model.txt'));
  const read = readNumbers('importance/data.csv', ...columns);
  const sums = new Float64Array(columns.length);
  for (let row = 0; row < read[0]!.length; row++) {
    const found = shapOf(
      trees,
      read.map((values) => Math.fround(values[row]!)),
    );
    const base = found.pop()!;
    found.forEach((value, i) => (sums[i]! += Math.abs(value)));
    if (row < 5) expect(largestDifference(found, treeshap.first_5_rows[row]!)).toBeLessThan(1e-9);
    expect(Math.abs(base - treeshap.expected_value)).toBeLessThan(1e-9);
  }
  columns.forEach((name, i) => {
    const expected = treeshap.mean_abs[name]!;
    expect(Math.abs(sums[i]! / 2000 - expected)).toBeLessThanOrEqual(1e-4 * expected);
  });
});

const linear: LogisticModel = {
  intercept: -0.25,
  terms: [
    { kind: 'number', name: 'x', mean: 2, scale: 4, weight: 1.5, missingWeight: 0.5 },
    { kind: 'category', name: 'c', categories: ['a', 'b'], weights: [0.3, -0.7] },
  ],
};

it('of a linear model is the share of each column beside its mean, and adds up to the log-odds', () => {
  const training = Float32Array.from([2, 0, 6, 1, NaN, 1, 0, NaN]);
  const means = meanShares(linear, training);
  expect([...means]).toEqual([(0 + 1.5 + 0.5 - 0.75) / 4, (0.3 - 0.7 - 0.7 + 0) / 4]);
  for (const row of [
    [6, 1],
    [NaN, NaN],
    [0, 7],
    [1, -1],
  ]) {
    const { base, contributions } = linearContributions(linear, means, row);
    const probability = predictLogistic(linear, Float32Array.from(row), 1)[0]!;
    expect(base + contributions[0]! + contributions[1]!).toBeCloseTo(Math.log(probability / (1 - probability)), 10);
  }
});

it('refuses what is no model of a binary objective', () => {
  for (const read of [readLightgbmText, readXgboostJson]) {
    expect(() => read('tree\nobjective=regression\n')).toThrow(
      expect.objectContaining({ code: 'CONTRIBUTIONS_UNAVAILABLE' }) as Error,
    );
  }
});
