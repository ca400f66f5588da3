// The softmax and the ridge fit are scikit-learn's optimum, and their ONNX graphs predict what they predict, on every kind of row.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSignature } from '../../../src/domain/training/training';
import { openModel } from '../../../src/scoring/session';
import { buildDesign, modelOf } from '../../../src/training/design';
import { linearToOnnx, softmaxToOnnx } from '../../../src/training/linear/onnx-models';
import { predictLinear, predictSoftmax } from '../../../src/training/linear/predict';
import { fitRidge } from '../../../src/training/linear/ridge';
import { fitSoftmax } from '../../../src/training/linear/softmax';
import { hessianByRows, hessianOf } from '../../../src/training/linear/softmax-hessian';
import { LOGISTIC_DEFAULTS } from '../../../src/training/logistic';
import { parityRows } from '../../../src/training/parity-sample';

interface Reference {
  readonly rows: (number | null)[][];
  readonly classes: number[];
  readonly values: number[];
  readonly l2: number;
  readonly softmax: { coefficients: number[][]; probabilities: number[][]; logLoss: number };
  readonly ridge: { coefficients: number[]; intercept: number; values: number[] };
}

const reference = JSON.parse(
  readFileSync(join(__dirname, '../../reference/linear/expected.json'), 'utf8'),
) as Reference;
const columns: ModelSignature['columns'] = [
  { kind: 'number', name: 'x' },
  { kind: 'number', name: 'holes' },
  { kind: 'category', name: 'c', categories: ['a', 'b', 'c', 'd'] },
];
const CLASSES = ['one', 'two', 'three'];
const ROWS = reference.rows.length;
const features = Float32Array.from(reference.rows.flat().map((value) => value ?? NaN));
const signature: ModelSignature = { columns };
const design = buildDesign(features, ROWS, signature);
const sample = parityRows(features, ROWS, signature, 1);
const sampleRows = sample.length / columns.length;

/** The same rows twice; the second time with other labels, which do not count. */
const twice: typeof design = {
  ...design,
  rows: 2 * ROWS,
  dense: Float32Array.from([...design.dense, ...design.dense]),
  sparseStart: Uint32Array.from([
    ...design.sparseStart,
    ...design.sparseStart.slice(1).map((start) => start + design.sparseStart.at(-1)!),
  ]),
  sparseIndex: Uint32Array.from([...design.sparseIndex, ...design.sparseIndex]),
};
const counts = Float32Array.from({ length: 2 * ROWS }, (_, row) => (row < ROWS ? 1 : 0));
const withWrong = (labels: Float32Array): Float32Array => Float32Array.from([...labels, ...labels.toReversed()]);

/** scikit-learn's columns: x, holes, whether holes is missing, the categories. */
function inOrder(weights: Float64Array): number[] {
  const [, x, holes, missing, ...categories] = weights;
  return [x!, holes!, missing!, ...categories];
}

function expectNear(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  expected.forEach((value, index) => expect(Math.abs(found[index]! - value)).toBeLessThanOrEqual(tolerance));
}

describe('the softmax fit', () => {
  const labels = Float32Array.from(reference.classes);
  const fit = fitSoftmax(design, labels, 3, { ...LOGISTIC_DEFAULTS, l2: reference.l2 });
  const models = fit.weights.map((weights) => modelOf(weights, design, signature));

  it('has the weights and probabilities of scikit-learn’s multinomial regression', () => {
    expect(fit.converged).toBe(true);
    fit.weights.forEach((weights, k) => expectNear(inOrder(weights), reference.softmax.coefficients[k]!));
    expectNear(predictSoftmax(models, features, ROWS), reference.softmax.probabilities.flat());
    expect(fit.curve.at(-1)).toBeCloseTo(reference.softmax.logLoss, 9);
  });

  it('predicts each class as often as it occurs, since the intercepts are not penalised', () => {
    const predicted = predictSoftmax(models, features, ROWS);
    CLASSES.forEach((_, k) => {
      const mean = predicted.filter((_value, at) => at % 3 === k).reduce((sum, value) => sum + value, 0) / ROWS;
      expect(mean).toBeCloseTo(reference.classes.filter((label) => label === k).length / ROWS, 7);
    });
  });

  it('takes the same steps by the Hessian’s matrix and by passes over the rows', () => {
    const probabilities = Float32Array.from(predictSoftmax(models, features, ROWS));
    const vector = Float64Array.from({ length: 3 * fit.weights[0]!.length }, (_, i) => Math.sin(i + 1));
    const input = { design, probabilities, classes: 3, l2: 2, counts: undefined };
    const [quick, slow] = [hessianOf(input)(vector), hessianByRows(input, vector)];
    expectNear(quick, [...slow], 1e-9);
  });

  it('counts rows by their weights: those of weight 0 not at all, all twice as with half the penalty', () => {
    const params = { ...LOGISTIC_DEFAULTS, l2: reference.l2 };
    const found = fitSoftmax(twice, withWrong(labels), 3, params, undefined, counts).weights;
    found.forEach((weights, k) => expectNear(weights, [...fit.weights[k]!], 1e-9));
    const doubled = fitSoftmax(
      design,
      labels,
      3,
      { ...params, l2: 2 * params.l2 },
      undefined,
      counts.map(() => 2),
    );
    doubled.weights.forEach((weights, k) => expectNear(weights, [...fit.weights[k]!], 1e-6));
  });

  it('gives exactly the same weights again', () => {
    expect(fitSoftmax(design, labels, 3, { ...LOGISTIC_DEFAULTS, l2: reference.l2 }).weights).toEqual(fit.weights);
  });

  it('scores in ONNX as natively: usual rows, missing, unseen and impossible codes', async () => {
    const opened = await openModel(softmaxToOnnx(models), { columns, task: 'multiclass', classes: CLASSES });
    const scored = await opened.score(sample, sampleRows);
    expect(scored).toHaveLength(3 * sampleRows);
    expectNear(scored, [...predictSoftmax(models, sample, sampleRows)]);
    await opened.release();
    await expect(openModel(softmaxToOnnx(models), signature)).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' });
  });
});

describe('the ridge fit', () => {
  const weights = fitRidge(design, Float32Array.from(reference.values), { l2: reference.l2 });
  const model = modelOf(weights, design, signature);

  it('has the weights and values of scikit-learn’s Ridge', () => {
    expectNear(inOrder(weights), reference.ridge.coefficients);
    expectNear([weights[0]!], [reference.ridge.intercept]);
    expectNear(predictLinear(model, features, ROWS), reference.ridge.values, 5e-6);
  });

  it('counts rows by their weights: those of weight 0 not at all, all twice as with half the penalty', () => {
    const labels = Float32Array.from(reference.values);
    expectNear(fitRidge(twice, withWrong(labels), { l2: reference.l2 }, counts), [...weights], 1e-9);
    const doubled = fitRidge(design, labels, { l2: 2 * reference.l2 }, counts.slice(0, ROWS).fill(2));
    expectNear(doubled, [...weights], 1e-9);
  });

  it('scores in ONNX as natively', async () => {
    const opened = await openModel(linearToOnnx(model), { columns, task: 'regression' });
    const scored = await opened.score(sample, sampleRows);
    expectNear(scored, [...predictLinear(model, sample, sampleRows)], 5e-5);
    await opened.release();
  });
});
