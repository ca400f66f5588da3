// What softmax and linear models predict themselves, in double precision on float32 inputs: what the ONNX graph is compared with.
import { softmax } from '../../scoring/contributions/parts';
import { scoresOf, type LogisticModel } from '../logistic-model';

/** Values of a linear model, one a row. */
export function predictLinear(model: LogisticModel, matrix: Float32Array, rows: number): Float64Array {
  return scoresOf(model, matrix, rows);
}

/** Probabilities of the classes, row by row. */
export function predictSoftmax(models: readonly LogisticModel[], matrix: Float32Array, rows: number): Float64Array {
  const classes = models.length;
  const scores = models.map((model) => scoresOf(model, matrix, rows));
  const result = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    result.set(softmax(scores.map((of) => of[row]!)), row * classes);
  }
  return result;
}
