import { buildDesign, modelOf, weightsFrom } from '../../../src/training/design';
import { LOGISTIC_DEFAULTS, fitLogistic } from '../../../src/training/logistic';
import { predictLogistic } from '../../../src/training/logistic-model';
import { logisticFromOnnx, logisticToOnnx } from '../../../src/training/onnx-logistic';
import { parityRows } from '../../../src/training/parity-sample';
import { openModel } from '../../../src/scoring/session';
import { COLUMNS, trainingRows } from './rows';

const signature = { columns: COLUMNS };
const ROWS = 2000;
const { features, labels } = trainingRows(ROWS);
const design = buildDesign(features, ROWS, signature);
const fit = fitLogistic(design, labels, { ...LOGISTIC_DEFAULTS, l2: 2 });
const model = modelOf(fit.weights, design, signature);

/** The penalised loss, computed from the model alone and not from the design. */
function lossOf(weights: Float64Array): number {
  const probabilities = predictLogistic(modelOf(weights, design, signature), features, ROWS);
  const loss = probabilities.reduce((sum, p, row) => sum - Math.log(labels[row] === 1 ? p : 1 - p), 0);
  return loss + weights.slice(1).reduce((sum, weight) => sum + weight * weight, 0);
}

describe('the logistic fit', () => {
  it('ends where no weight can be moved either way without making the penalised loss worse', () => {
    const best = lossOf(fit.weights);
    fit.weights.forEach((weight, index) => {
      for (const change of [-1e-3, 1e-3]) {
        const moved = fit.weights.slice();
        moved[index] = weight + change;
        expect(lossOf(moved)).toBeGreaterThan(best);
      }
    });
    expect(fit.converged).toBe(true);
    expect(fit.curve.at(-1)).toBeLessThan(fit.curve[0]!);
  });

  it('matches the mean prediction to the share of positives, since the intercept is not penalised', () => {
    const mean = (values: Iterable<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / ROWS;
    expect(mean(predictLogistic(model, features, ROWS))).toBeCloseTo(mean(labels), 8);
  });

  it('counts a row of weight 2 as if it stood there twice, and one of weight 0 not at all', () => {
    const [width, copied] = [COLUMNS.length, 500];
    const twice = (values: Float32Array, each: number) =>
      Float32Array.of(...values, ...values.subarray(0, copied * each));
    const rows = ROWS + copied;
    const both = buildDesign(twice(features, width), rows, signature);
    const doubled = twice(labels, 1);
    const counts = new Float32Array(rows).map((_, row) => (row < copied ? 2 : row < ROWS ? 1 : 0));
    const params = { ...LOGISTIC_DEFAULTS, l2: 2 };
    const written = fitLogistic(both, doubled, params);
    const counted = fitLogistic(both, doubled, params, undefined, undefined, counts);
    counted.weights.forEach((weight, index) => expect(weight).toBeCloseTo(written.weights[index]!, 9));
    expect(counted.curve.at(-1)).toBeCloseTo(written.curve.at(-1)!, 9);
    const uneven = fitLogistic(
      both,
      doubled,
      params,
      undefined,
      undefined,
      counts.map((count) => count * 3),
    );
    expect(uneven.weights[0]).not.toBeCloseTo(written.weights[0]!, 6);
  });

  it('gives exactly the same weights again', () => {
    expect(fitLogistic(design, labels, { ...LOGISTIC_DEFAULTS, l2: 2 }).weights).toEqual(fit.weights);
  });

  it('starts at the optimum when it starts from its own model, and stops at once', () => {
    const again = fitLogistic(design, labels, { ...LOGISTIC_DEFAULTS, l2: 2 }, weightsFrom(model, design, signature));
    expect(again.iterations).toBe(1);
    expect(lossOf(again.weights)).toBeCloseTo(lossOf(fit.weights), 8);
  });

  it('reaches the same optimum from a model of other rows and other categories', () => {
    const earlier = trainingRows(700, 5);
    const other = {
      columns: COLUMNS.map((c) => (c.kind === 'category' ? { ...c, categories: ['b', 'new', 'a'] } : c)),
    };
    const first = buildDesign(earlier.features, 700, other);
    const parent = modelOf(fitLogistic(first, earlier.labels, LOGISTIC_DEFAULTS).weights, first, other);
    const warm = fitLogistic(design, labels, { ...LOGISTIC_DEFAULTS, l2: 2 }, weightsFrom(parent, design, signature));
    warm.weights.forEach((weight, index) => expect(weight).toBeCloseTo(fit.weights[index]!, 5));
  });

  it('gives a constant column no weight, so that a new value of it changes nothing', () => {
    const position = COLUMNS.findIndex((column) => column.name === 'constant');
    expect(model.terms[position]).toMatchObject({ weight: 0, mean: 3 });
  });
});

describe('the ONNX graph of a logistic model', () => {
  const sample = parityRows(features, ROWS, signature, 1);
  const rows = sample.length / COLUMNS.length;

  it('predicts what the native model predicts: usual rows, each value missing, all missing, unseen and impossible codes', async () => {
    expect(rows).toBe(1000 + 1 + COLUMNS.length + 2);
    const opened = await openModel(logisticToOnnx(model), signature);
    const scored = await opened.score(sample, rows);
    const native = predictLogistic(model, sample, rows);
    scored.forEach((value, row) => expect(Math.abs(value - native[row]!)).toBeLessThan(1e-6));
    await opened.release();
  });

  it.each(['number', 'category'] as const)('works with columns of one kind only: %s', async (kind) => {
    const part = { intercept: 0.5, terms: model.terms.filter((term) => term.kind === kind) };
    const columns = COLUMNS.filter((column) => column.kind === kind);
    const opened = await openModel(logisticToOnnx(part), { columns });
    const matrix = new Float32Array(columns.length).fill(1);
    expect((await opened.score(matrix, 1))[0]).toBeCloseTo(predictLogistic(part, matrix, 1)[0]!, 6);
    await opened.release();
  });

  it('is the same bytes for the same model, and carries the model in full precision', () => {
    expect(logisticToOnnx(model)).toEqual(logisticToOnnx(model));
    expect(logisticFromOnnx(logisticToOnnx(model))).toEqual(model);
    expect(logisticFromOnnx(Buffer.from('no graph'))).toBeUndefined();
  });

  it('is sampled alike for the same seed and differently for another', () => {
    expect(parityRows(features, ROWS, signature, 1)).toEqual(sample);
    expect(parityRows(features, ROWS, signature, 2)).not.toEqual(sample);
  });
});
