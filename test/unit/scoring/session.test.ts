import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCORE_BATCH_ROWS, openModel } from '../../../src/scoring/session';
import type { ModelSignature } from '../../../src/domain/training/training';
import { predictLogistic, type LogisticModel } from '../../../src/training/logistic-model';
import { logisticToOnnx } from '../../../src/training/onnx-logistic';

const categories = Array.from({ length: 500 }, (_, index) => `c${index}`);
const signature: ModelSignature = {
  columns: [
    { kind: 'number', name: 'x' },
    { kind: 'category', name: 'c', categories },
  ],
};
const model: LogisticModel = {
  intercept: -0.25,
  terms: [
    { kind: 'number', name: 'x', mean: 2, scale: 4, weight: 1.5, missingWeight: 0.5 },
    { kind: 'category', name: 'c', categories, weights: categories.map((_, index) => Math.sin(index)) },
  ],
};
const onnx = logisticToOnnx(model);

describe('an open model', () => {
  it('scores every row of many batches, in order, as the native model does', async () => {
    const rows = 2 * SCORE_BATCH_ROWS + 17;
    const matrix = Float32Array.from({ length: 2 * rows }, (_, at) => (at % 2 === 0 ? (at % 31) - 15 : at % 499));
    const opened = await openModel(onnx, signature);
    const scored = await opened.score(matrix, rows);
    const native = predictLogistic(model, matrix, rows);
    expect(scored).toHaveLength(rows);
    expect(Math.max(...scored.map((value, row) => Math.abs(value - native[row]!)))).toBeLessThan(1e-6);
    expect(await opened.score(new Float32Array(0), 0)).toHaveLength(0);
    await opened.release();
  });

  it('finishes what is running before it is released, and refuses afterwards', async () => {
    const opened = await openModel(onnx, signature);
    const running = opened.score(new Float32Array(2 * 20_000), 20_000);
    await Promise.all([opened.release(), opened.release()]);
    expect((await running)[19_999]).toBeGreaterThan(0);
    await expect(opened.score(new Float32Array(2), 1)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('refuses a matrix of another size, another number of columns, and what is no graph', async () => {
    const opened = await openModel(onnx, signature);
    await expect(opened.score(new Float32Array(3), 1)).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' });
    await opened.release();
    await expect(openModel(onnx, { columns: signature.columns.slice(1) })).rejects.toMatchObject({
      code: 'SIGNATURE_MISMATCH',
      message: 'The model has the inputs features float32[batch, 2]; allowed is features float32[batch, 1].',
    });
    await expect(openModel(Buffer.from('no graph'), signature)).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' });
  });

  it("refuses another tool's graph whose tensors are not the contract's, and says which they are", async () => {
    const folder = join(__dirname, '../../reference/onnx/lightgbm_binary_flights');
    const { columns } = JSON.parse(readFileSync(join(folder, 'columns.json'), 'utf8')) as { columns: string[] };
    await expect(
      openModel(readFileSync(join(folder, 'model.onnx')), {
        columns: columns.map((name) => ({ kind: 'number', name })),
      }),
    ).rejects.toMatchObject({
      details: { found: 'the inputs input float32[?, 17]', allowed: 'features float32[batch, 17]' },
    });
  });

  it('gives all memory back over 200 swaps', async () => {
    const swap = async (times: number) => {
      for (let count = 0; count < times; count++) {
        const opened = await openModel(onnx, signature);
        await opened.score(new Float32Array(2 * 512), 512);
        await opened.release();
      }
      return process.memoryUsage.rss() / 1024 / 1024;
    };
    const warm = await swap(50);
    expect((await swap(200)) - warm).toBeLessThan(60);
  });
});
