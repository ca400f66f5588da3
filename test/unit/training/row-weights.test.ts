// What rows of a hook's training count: classes, a column and the label's own weight, multiplied, as the Python worker does.
import { hideWeights, lateRows, rowWeights } from '../../../src/training/hook/row-weights';
import type { Target } from '../../../src/domain/evaluation/task';

const columns = [
  { kind: 'number', name: 'x' },
  { kind: 'number', name: 'w' },
] as const;
const features = Float32Array.of(1, 2, 3, 0.5, 5, 0, 7, 4);
const labels = Float32Array.of(0, 1, 0, 0);
const binary: Target = { task: 'binary' };
const none = new Uint8Array(4);
const rows = { matrix: { rows: 4, features, labels }, columns, late: none, target: binary };

it('are all the same where nothing is asked for, and the matrix’s own where it has some', () => {
  expect(rowWeights(undefined, rows)).toBeNull();
  const weights = Float32Array.of(1, 2, 0, 4);
  expect(rowWeights(undefined, { ...rows, matrix: { ...rows.matrix, weights } })).toEqual(Float64Array.from(weights));
});

it('are column times class times the matrix’s own', () => {
  const matrix = { ...rows.matrix, weights: Float32Array.of(1, 2, 3, 0.5) };
  const found = rowWeights({ column: 'w', classes: { negative: 1, positive: 10 } }, { ...rows, matrix });
  expect(found).toEqual(Float64Array.of(2, 10, 0, 2));
});

it('are balanced over the rows that are trained on', () => {
  const late = Uint8Array.of(0, 0, 0, 1);
  // Trained on: two of class 0, one of class 1; n / (k n_c).
  expect(rowWeights({ classes: 'balanced' }, { ...rows, late })).toEqual(Float64Array.of(0.75, 1.5, 0.75, 0.75));
});

it('are those of named classes, and of none for a number', () => {
  const target: Target = { task: 'multiclass', classes: ['a', 'b', 'c'] };
  const found = rowWeights({ classes: { a: 1, b: 2, c: 3 } }, { ...rows, target });
  expect(found).toEqual(Float64Array.of(1, 2, 1, 1));
});

it('are refused where all that is trained on weighs nothing', () => {
  const matrix = { ...rows.matrix, weights: Float32Array.of(0, 0, 0, 1) };
  const late = Uint8Array.of(0, 0, 0, 1);
  expect(() => rowWeights(undefined, { ...rows, matrix, late })).toThrow('All training rows have the weight 0.');
  expect(() => rowWeights({ column: 'v' }, rows)).toThrow('weights.column is "v"');
});

it('leave their column out of the features', () => {
  const copy = features.slice();
  hideWeights({ column: 'w' }, copy, columns);
  expect(copy).toEqual(Float32Array.of(1, 0, 3, 0, 5, 0, 7, 0));
});

it('marks the last days up to the newest row’s, also where days are missing', () => {
  expect([...lateRows(Int32Array.of(1, 2, 5, 6), 2)]).toEqual([0, 0, 1, 1]);
  expect([...lateRows(Int32Array.of(1, 2, 5, 6), 3)]).toEqual([0, 0, 1, 1]);
  expect([...lateRows(Int32Array.of(1, 2), 0)]).toEqual([0, 0]);
});
