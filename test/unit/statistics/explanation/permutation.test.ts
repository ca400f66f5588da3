// Permutation importance against scikit-learn's through the same ONNX model, and what has to hold of any.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { parseMetric, type MetricRef } from '../../../../src/domain/evaluation/metrics';
import { randomNumbers } from '../../../../src/domain/random';
import { SESSION_OPTIONS } from '../../../../src/scoring/session';
import { permutationImportance, type ScoreMatrix } from '../../../../src/statistics/explanation/permutation';
import { readExpected, readNumbers } from '../reference-rows';

interface Expected {
  readonly columns: readonly string[];
  readonly permutation_importance: Readonly<
    Record<
      'roc_auc' | 'neg_log_loss' | 'accuracy',
      {
        readonly baseline_score: number;
        readonly mean: Readonly<Record<string, number>>;
        readonly std_over_repeats: Readonly<Record<string, number>>;
        readonly n_repeats: number;
      }
    >
  >;
}
const expected = readExpected<Expected>('importance/expected.json');
const REPEATS = 10;

function metric(name: string): MetricRef<'binary'> {
  const parsed = parseMetric('binary', name);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.metric;
}

async function referenceModel(): Promise<{ score: ScoreMatrix; features: Float32Array; labels: Float64Array }> {
  const { columns } = expected;
  const read = readNumbers('importance/data.csv', ...columns, 'target');
  const labels = read.pop()!;
  const features = new Float32Array(labels.length * columns.length);
  read.forEach((values, column) => values.forEach((value, row) => (features[row * columns.length + column] = value)));
  const path = join(__dirname, '../../../reference/importance/model.onnx');
  const session = await InferenceSession.create(readFileSync(path), SESSION_OPTIONS);
  const score: ScoreMatrix = async (matrix, rows) => {
    const input = new Tensor('float32', matrix, [rows, columns.length]);
    const { probabilities } = await session.run({ input }, ['probabilities']);
    return (probabilities!.data as Float32Array).filter((_, at) => at % 2 === 1);
  };
  return { score, features, labels };
}

it.each([
  ['roc_auc', 'roc_auc', 1],
  ['log_loss', 'neg_log_loss', -1],
  ['accuracy', 'accuracy', 1],
] as const)('gives the importance by %s that scikit-learn gives', async (name, theirs, sign) => {
  const { score, features, labels } = await referenceModel();
  const groups = Object.fromEntries(expected.columns.map((column, at) => [column, [at]]));
  const columns = expected.columns.length;
  const asked = { score, features, columns, labels, groups, metric: metric(name), repeats: REPEATS };
  const found = await permutationImportance({ ...asked, seed: 1 });
  const { baseline_score, mean, std_over_repeats, n_repeats } = expected.permutation_importance[theirs];
  expect(Math.abs(found.baseline - sign * baseline_score)).toBeLessThan(1e-6);
  for (const group of found.groups) {
    const noise = 4 * std_over_repeats[group.name]! * Math.sqrt(1 / n_repeats + 1 / REPEATS);
    expect({ name: group.name, off: Math.abs(group.mean - mean[group.name]!) <= noise + 1e-4 }).toEqual({
      name: group.name,
      off: true,
    });
  }
});

/** Class 1 when the first two columns agree, which neither tells alone once the other is dealt. */
const agree: ScoreMatrix = async (matrix, rows) =>
  Float64Array.from({ length: rows }, (_, row) => (matrix[3 * row] === matrix[3 * row + 1] ? 0.9 : 0.1));
const rows = 400;
const features = Float32Array.from({ length: 3 * rows }, (_, at) =>
  at % 3 === 2 ? at : Math.floor(at / 3 / (1 + (at % 3))) % 2,
);
const labels = Float64Array.from({ length: rows }, (_, row) => Number(features[3 * row] === features[3 * row + 1]));
const request = { score: agree, features, columns: 3, labels, metric: metric('accuracy') };

it('deals the columns of a group together, and leaves a column that the model ignores at 0', async () => {
  const copied: ScoreMatrix = async (matrix, count) =>
    Float64Array.from({ length: count }, (_, row) => (matrix[2 * row]! + matrix[2 * row + 1]! > 0 ? 0.9 : 0.1));
  const twice = Float32Array.from({ length: 2 * rows }, (_, at) => Math.floor(at / 2) % 2);
  const hidden = { score: copied, features: twice, columns: 2, labels: labelsOf(twice), metric: metric('roc_auc') };
  const { groups } = await permutationImportance({ ...hidden, groups: { one: [0], both: [0, 1] } });
  expect(groups[1]!.mean).toBeGreaterThan(1.5 * groups[0]!.mean);
  const all = await permutationImportance({ ...request, groups: { first: [0], unused: [2] } });
  expect(all.groups[0]!.mean).toBeGreaterThan(0.3);
  expect(all.groups[1]).toEqual({ name: 'unused', mean: 0, deviation: 0 });
});

function labelsOf(matrix: Float32Array): Float64Array {
  return Float64Array.from({ length: matrix.length / 2 }, (_, row) => matrix[2 * row]!);
}

it('scores a row once for each content that it gets, and what it was not again', async () => {
  const seen: number[] = [];
  const score: ScoreMatrix = (matrix, count) => {
    seen.push(count);
    return agree(matrix, count);
  };
  const constant = Float32Array.from(features, (value, at) => (at % 3 === 2 ? Number.NaN : value));
  const asked = { ...request, score, features: constant, repeats: 5 };
  const { groups } = await permutationImportance({ ...asked, groups: { two: [0], same: [2] } });
  // A column of two values can change a row in one way only; one that is missing everywhere in none.
  expect(seen[0]).toBe(rows);
  expect(seen).toHaveLength(2);
  expect(seen[1]).toBeLessThanOrEqual(rows);
  const { groups: all } = await permutationImportance({ ...request, repeats: 5, groups: { two: [0] } });
  expect(groups[0]).toEqual(all[0]);
  expect(groups[1]).toEqual({ name: 'same', mean: 0, deviation: 0 });
});

it('repeats itself with the same seed, whatever other groups are asked for, and not with another', async () => {
  const given = Float32Array.from(features);
  const alone = await permutationImportance({ ...request, groups: { first: [0] }, seed: 3 });
  const beside = await permutationImportance({ ...request, groups: { second: [1], first: [0] }, seed: 3 });
  const other = await permutationImportance({ ...request, groups: { first: [0] }, seed: 4 });
  expect(beside.groups[1]).toEqual(alone.groups[0]);
  expect(other.groups[0]).not.toEqual(alone.groups[0]);
  expect(features).toEqual(given);
});

it('says that it is undefined where the metric is, and refuses columns that do not exist', async () => {
  const one = { ...request, labels: new Float64Array(rows).fill(1), metric: metric('roc_auc') };
  expect((await permutationImportance({ ...one, groups: { first: [0] } })).groups[0]!.mean).toBeNaN();
  await expect(permutationImportance({ ...request, groups: { x: [3] } })).rejects.toThrow('column 3 of x');
  await expect(permutationImportance({ ...request, groups: {}, repeats: 0 })).rejects.toThrow('0 repeats');
});

it('measures a regression: dealing a column of a linear model costs twice its variance times its squared weight', async () => {
  const random = randomNumbers(4);
  const rows = 4000;
  const features = Float32Array.from({ length: rows * 2 }, () => random());
  const score: ScoreMatrix = async (matrix, n) =>
    Promise.resolve(Float32Array.from({ length: n }, (_, row) => 3 * matrix[2 * row]! + matrix[2 * row + 1]!));
  const labels = await score(features, rows);
  const { baseline, groups } = await permutationImportance({
    ...{ score, features, columns: 2, labels, groups: { strong: [0], weak: [1] }, repeats: 5, seed: 1 },
    ...{ target: { task: 'regression' }, metric: { task: 'regression', name: 'mse', parameter: null } },
  });
  expect(baseline).toBe(0);
  // A uniform column has the variance 1/12.
  expect(groups[0]!.mean).toBeCloseTo((2 * 9) / 12, 1);
  expect(groups[1]!.mean).toBeCloseTo(2 / 12, 1);
});

it('measures several classes by the probabilities of all of them', async () => {
  const random = randomNumbers(6);
  const labels = Float32Array.from({ length: 600 }, () => Math.floor(random() * 3));
  const features = Float32Array.from({ length: 1200 }, (_, at) => (at % 2 === 0 ? labels[at / 2]! : random()));
  const score: ScoreMatrix = async (matrix, n) =>
    Promise.resolve(
      Float32Array.from({ length: n * 3 }, (_, at) => (matrix[2 * Math.floor(at / 3)] === at % 3 ? 0.8 : 0.1)),
    );
  const { groups } = await permutationImportance({
    ...{ score, features, columns: 2, labels, groups: { known: [0], noise: [1] }, repeats: 5, seed: 1 },
    ...{ target: { task: 'multiclass', classes: ['a', 'b', 'c'] } },
    metric: { task: 'multiclass', name: 'accuracy', parameter: null },
  });
  expect(groups[0]!.mean).toBeCloseTo(2 / 3, 1);
  expect(groups[1]!.mean).toBe(0);
});
