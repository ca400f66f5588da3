// Scoring in threads gives what scoring in the calling thread gives, and fails as it does.
import { openModel } from '../../../src/scoring/session';
import { openModelInThreads } from '../../../src/scoring/session-threads';
import type { ModelSignature } from '../../../src/domain/training/training';
import { logisticToOnnx } from '../../../src/training/onnx-logistic';

function modelOf(count: number): { readonly signature: ModelSignature; readonly onnx: Uint8Array } {
  const categories = Array.from({ length: count }, (_, index) => `c${index}`);
  const weights = categories.map((_, index) => Math.sin(index));
  return {
    signature: {
      columns: [
        { kind: 'number', name: 'x' },
        { kind: 'category', name: 'c', categories },
      ],
    },
    onnx: logisticToOnnx({
      intercept: -0.25,
      terms: [
        { kind: 'number', name: 'x', mean: 2, scale: 4, weight: 1.5, missingWeight: 0.5 },
        { kind: 'category', name: 'c', categories, weights },
      ],
    }),
  };
}
const large = modelOf(12_000);
const matrixOf = (rows: number): Float32Array =>
  Float32Array.from({ length: 2 * rows }, (_, at) => (at % 2 === 0 ? (at % 31) - 15 : at % 11_999));

it('gives the same bits as the calling thread, for few rows and many', async () => {
  expect(large.onnx.length).toBeGreaterThan(128 * 1024);
  const [here, there] = [
    await openModel(large.onnx, large.signature),
    await openModelInThreads(large.onnx, large.signature, 2),
  ];
  for (const rows of [0, 1, 129, 1_001]) {
    const matrix = matrixOf(rows);
    expect(await there.score(matrix, rows)).toEqual(await here.score(matrix, rows));
    expect(matrix).toEqual(matrixOf(rows));
  }
  await Promise.all([here.release(), there.release(), there.release()]);
});

it('finishes what is running before it is released, and refuses afterwards', async () => {
  const opened = await openModelInThreads(large.onnx, large.signature, 2);
  const running = opened.score(matrixOf(2_000), 2_000);
  await opened.release();
  expect(await running).toHaveLength(2_000);
  await expect(opened.score(matrixOf(1), 1)).rejects.toMatchObject({ code: 'INTERNAL' });
});

it('refuses a matrix of another size, and what is no graph', async () => {
  const opened = await openModelInThreads(large.onnx, large.signature, 1);
  await expect(opened.score(new Float32Array(3), 1)).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' });
  await opened.release();
  const broken = await openModelInThreads(new Uint8Array(200_000), large.signature, 2);
  await expect(broken.score(matrixOf(1), 1)).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' });
  await broken.release();
});

it('scores with a small graph in the calling thread', async () => {
  const { onnx, signature } = modelOf(10);
  const opened = await openModelInThreads(onnx, signature, 2);
  const scoring = opened.score(new Float32Array(20), 10);
  expect(await scoring).toHaveLength(10);
  await opened.release();
});
