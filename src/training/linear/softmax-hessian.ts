// The Hessian of the softmax loss as a product with vectors: from the rows each time, or from the matrix, whichever costs less.
import type { Design } from '../design';

/** The Hessian at some probabilities, without the penalty of the intercepts. */
export interface HessianInput {
  readonly design: Design;
  /** Rows × classes. */
  readonly probabilities: Float32Array;
  readonly classes: number;
  readonly l2: number;
  /** How much each row counts; undefined: all the same. */
  readonly counts: Float32Array | undefined;
}

/** Values that are not zero in a row, times classes: below this, making the matrix once is cheaper than some hundred passes over the rows. */
const MOST_VALUES_OF_ROW = 600;
/** The matrix has at most so many rows: 72 MB. */
const MOST_WEIGHTS = 3000;

/** What the Hessian does to a vector (Böhning 1992). */
export function hessianOf(input: HessianInput): (vector: Float64Array) => Float64Array {
  const { design, classes } = input;
  const weights = classes * (design.width + design.sparseColumns);
  const valuesOfRow = design.width + design.sparseIndex.length / Math.max(1, design.rows);
  if (weights > MOST_WEIGHTS || valuesOfRow * classes > MOST_VALUES_OF_ROW)
    return (vector) => hessianByRows(input, vector);
  const matrix = matrixOf(input);
  return (vector) => {
    const result = new Float64Array(weights);
    for (let i = 0, at = 0; i < weights; i++) {
      let sum = 0;
      for (let j = 0; j < weights; j++, at++) sum += matrix[at]! * vector[j]!;
      result[i] = sum;
    }
    return result;
  };
}

/** The product by one pass over the rows. */
export function hessianByRows(
  { design, probabilities, classes, l2, counts }: HessianInput,
  vector: Float64Array,
): Float64Array {
  const { rows, width, dense, sparseColumns, sparseStart, sparseIndex } = design;
  const size = width + sparseColumns;
  const result = vector.map((value, at) => (at % size === 0 ? 0 : l2 * value));
  const scores = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    scoresOfRow(design, row, vector, scores);
    let mean = 0;
    for (let k = 0; k < classes; k++) mean += probabilities[row * classes + k]! * scores[k]!;
    for (let k = 0; k < classes; k++) {
      const share = (counts?.[row] ?? 1) * probabilities[row * classes + k]! * (scores[k]! - mean);
      const first = k * size;
      for (let i = 0; i < width; i++) result[first + i]! += share * dense[row * width + i]!;
      for (let at = sparseStart[row]!; at < sparseStart[row + 1]!; at++)
        result[first + width + sparseIndex[at]!]! += share;
    }
  }
  return result;
}

/** The whole matrix: blocks of classes, each of which is symmetric; so half of each block is summed up and then mirrored. */
function matrixOf({ design, probabilities, classes, l2, counts }: HessianInput): Float64Array {
  const { rows, width, dense, sparseColumns, sparseStart, sparseIndex } = design;
  const size = width + sparseColumns;
  const total = classes * size;
  const matrix = new Float64Array(total * total);
  const columns = new Uint32Array(size);
  const values = new Float64Array(size);
  for (let row = 0; row < rows; row++) {
    let count = 0;
    for (let i = 0; i < width; i++) {
      const value = dense[row * width + i]!;
      if (value === 0) continue;
      columns[count] = i;
      values[count++] = value;
    }
    for (let at = sparseStart[row]!; at < sparseStart[row + 1]!; at++) {
      // Flags of missing values come in between; in ascending order half of each block is filled.
      let place = count++;
      for (; place > 0 && columns[place - 1]! > width + sparseIndex[at]!; place--) {
        columns[place] = columns[place - 1]!;
        values[place] = values[place - 1]!;
      }
      columns[place] = width + sparseIndex[at]!;
      values[place] = 1;
    }
    for (let k = 0; k < classes; k++) {
      const own = probabilities[row * classes + k]!;
      const each = counts?.[row] ?? 1;
      for (let l = 0; l <= k; l++) {
        const curvature = each * (k === l ? own * (1 - own) : -own * probabilities[row * classes + l]!);
        for (let a = 0; a < count; a++) {
          const scaled = curvature * values[a]!;
          const line = (k * size + columns[a]!) * total + l * size;
          for (let b = 0; b <= a; b++) matrix[line + columns[b]!]! += scaled * values[b]!;
        }
      }
    }
  }
  for (let k = 0; k < classes; k++) {
    for (let l = 0; l <= k; l++) {
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) {
          const value = matrix[(k * size + i) * total + l * size + j]! + (k === l && i === j && i > 0 ? l2 : 0);
          for (const [x, y] of [
            [k * size + i, l * size + j],
            [k * size + j, l * size + i],
            [l * size + i, k * size + j],
            [l * size + j, k * size + i],
          ] as const)
            matrix[x * total + y] = value;
        }
      }
    }
  }
  return matrix;
}

/** The row times each class's part of a vector. */
export function scoresOfRow(
  { width, dense, sparseColumns, sparseStart, sparseIndex }: Design,
  row: number,
  vector: Float64Array,
  scores: Float64Array,
): void {
  const size = width + sparseColumns;
  for (let k = 0; k < scores.length; k++) {
    const first = k * size;
    let score = 0;
    for (let i = 0; i < width; i++) score += dense[row * width + i]! * vector[first + i]!;
    for (let at = sparseStart[row]!; at < sparseStart[row + 1]!; at++)
      score += vector[first + width + sparseIndex[at]!]!;
    scores[k] = score;
  }
}
