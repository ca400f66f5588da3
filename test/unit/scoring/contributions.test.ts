// Contributions of single predictions against those that LightGBM, XGBoost and shap compute themselves.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linearContributions, meanShares, softmaxShapReport } from '../../../src/scoring/contributions/linear';
import { readLightgbmText } from '../../../src/scoring/contributions/lightgbm-text';
import { predictionOf } from '../../../src/scoring/contributions/parts';
import { treeParts, type TreeSum } from '../../../src/scoring/contributions/tree-sums';
import { readXgboostJson } from '../../../src/scoring/contributions/xgboost-json';
import { predictLogistic, type LogisticModel } from '../../../src/training/logistic-model';
import { predictSoftmax } from '../../../src/training/linear/predict';
import { readExpected, readNumbers } from '../statistics/reference-rows';

const FOLDER = join(__dirname, '../../reference');
const text = (path: string): string => readFileSync(join(FOLDER, path), 'utf8');

/** Contributions, then the base: the form of `pred_contrib`. */
function shapOf(sum: TreeSum, row: ArrayLike<number>): number[] {
  const { base, contributions } = treeParts(sum)(row);
  return [...contributions, base];
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
  const [sum] = readLightgbmText(text('contributions/lightgbm.txt'));
  expect(sum!.factor).toBe(1);
  sample.forEach((row, i) => expect(largestDifference(shapOf(sum!, row), own.lightgbm[i]!)).toBeLessThan(1e-9));
});

it("is XGBoost's pred_contribs to its own float32, with categories, unseen codes and missing values", () => {
  const [sum] = readXgboostJson(text('contributions/xgboost.json'));
  sample.forEach((row, i) => expect(largestDifference(shapOf(sum!, row), own.xgboost[i]!)).toBeLessThan(2e-6));
});

interface OfTask {
  readonly lightgbm: readonly (readonly (readonly number[])[])[];
  readonly xgboost: readonly (readonly (readonly number[])[])[];
  readonly predictions: { readonly lightgbm: readonly number[][]; readonly xgboost: readonly number[][] };
}
const ofTasks = readExpected<{
  readonly rows: readonly (readonly (number | null)[])[];
  readonly multiclass: OfTask;
  readonly regression: OfTask;
}>('contributions/expected-tasks.json');
const TARGETS = {
  multiclass: { task: 'multiclass', classes: ['low', 'middle', 'high'] },
  regression: { task: 'regression' },
} as const;

it.each([
  ['multiclass', 'lightgbm', 1e-9],
  // XGBoost computes them in float32: of values around 200 that is 2e-5.
  ['multiclass', 'xgboost', 2e-6],
  ['regression', 'lightgbm', 1e-9],
  ['regression', 'xgboost', 4e-5],
] as const)('is what the library gives for each value of a %s of %s', (task, trainer, tolerance) => {
  const file = `contributions/${trainer}-${task}.${trainer === 'xgboost' ? 'json' : 'txt'}`;
  const sums = (trainer === 'xgboost' ? readXgboostJson : readLightgbmText)(text(file), TARGETS[task]);
  const expected = ofTasks[task];
  ofTasks.rows.forEach((found, i) => {
    const row = found.map((value) => value ?? Number.NaN);
    expect(sums).toHaveLength(expected[trainer][i]!.length);
    sums.forEach((sum, at) =>
      expect(largestDifference(shapOf(sum, row), expected[trainer][i]![at]!)).toBeLessThan(tolerance),
    );
    const prediction = predictionOf(
      task,
      sums.map((sum) => treeParts(sum)(row)),
    );
    expect(largestDifference(prediction, expected.predictions[trainer][i]!)).toBeLessThan(tolerance);
  });
});

it("is shap's on the flights' model, row by row and in the mean over 2,000 rows", () => {
  const { columns, treeshap } = readExpected<{
    columns: string[];
    treeshap: { expected_value: number; mean_abs: Record<string, number>; first_5_rows: number[][] };
  }>('importance/expected.json');
  const [sum] = readLightgbmText(text('importance/model.txt'));
  const read = readNumbers('importance/data.csv', ...columns);
  const sums = new Float64Array(columns.length);
  for (let row = 0; row < read[0]!.length; row++) {
    const found = shapOf(
      sum!,
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

it('of several linear models is that of each, whose scores have the softmax as probabilities', () => {
  const flat: LogisticModel = { intercept: 0.1, terms: linear.terms.map((term) => ({ ...term, weight: -0.4 })) };
  const other: LogisticModel = { ...linear, intercept: 2 };
  const models = [linear, other, flat];
  const training = Float32Array.from([2, 0, 6, 1, NaN, 1, 0, NaN]);
  const report = softmaxShapReport(models, ['a', 'b', 'c'], training);
  expect(report.classes!.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(report.classes![1]!.base - report.classes![0]!.base).toBeCloseTo(2.25, 12);
  expect(report.meanAbs['x']).toBeCloseTo(report.classes!.reduce((sum, { meanAbs }) => sum + meanAbs['x']!, 0) / 3, 12);
  for (const row of [
    [6, 1],
    [NaN, NaN],
  ]) {
    const parts = models.map((model) => linearContributions(model, meanShares(model, training), row));
    const expected = predictSoftmax(models, Float32Array.from(row), 1);
    expect(largestDifference(predictionOf('multiclass', parts), [...expected])).toBeLessThan(1e-12);
  }
});

it('refuses what is no model of the objective of its task', () => {
  for (const read of [readLightgbmText, readXgboostJson]) {
    for (const found of ['tree\nobjective=regression\n', text('contributions/lightgbm-multiclass.txt'), '{}']) {
      expect(() => read(found)).toThrow(expect.objectContaining({ code: 'CONTRIBUTIONS_UNAVAILABLE' }) as Error);
    }
  }
  const four = { task: 'multiclass', classes: ['a', 'b', 'c', 'd'] } as const;
  expect(() => readLightgbmText(text('contributions/lightgbm-multiclass.txt'), four)).toThrow('no text of LightGBM');
  const two = { task: 'multiclass', classes: ['a', 'b'] } as const;
  expect(() => readXgboostJson(text('contributions/xgboost-multiclass.json'), two)).toThrow('no JSON of XGBoost');
});
