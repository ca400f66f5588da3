// Latency as an evaluation measures it: percentiles of so many runs, of one row and of a batch.
import type { ModelSignature } from '../../../src/domain/training/training';
import { measureLatency } from '../../../src/scoring/latency';
import { openModel, type OpenModel } from '../../../src/scoring/session';
import { logisticToOnnx } from '../../../src/training/onnx-logistic';

const signature: ModelSignature = { columns: [{ kind: 'number', name: 'x' }] };
const onnx = logisticToOnnx({
  intercept: 0,
  terms: [{ kind: 'number', name: 'x', mean: 0, scale: 1, weight: 1, missingWeight: 0 }],
});
let model: OpenModel;
beforeAll(async () => {
  model = await openModel(onnx, signature);
});
afterAll(() => model.release());

it('is that of single rows and of batches of 256, with the number of runs', async () => {
  const { oneRow, batch } = (await measureLatency(model, new Float32Array(1000).fill(0.5), 1000))!;
  expect([oneRow.rows, oneRow.runs, batch.rows, batch.runs]).toEqual([1, 500, 256, 100]);
  for (const { p50Ms, p99Ms } of [oneRow, batch]) expect(p50Ms > 0 && p50Ms <= p99Ms).toBe(true);
});

it('takes a batch of the rows that there are, and no measure without a row', async () => {
  expect((await measureLatency(model, new Float32Array(10), 10))?.batch.rows).toBe(10);
  expect(await measureLatency(model, new Float32Array(0), 0)).toBeNull();
});

it('counts a slow model as slow', async () => {
  const slow: OpenModel = {
    ...model,
    score: async (matrix, rows) => {
      const end = performance.now() + 1;
      while (performance.now() < end);
      return model.score(matrix, rows);
    },
  };
  expect((await measureLatency(slow, new Float32Array(5), 5))?.oneRow.p50Ms).toBeGreaterThanOrEqual(1);
});
