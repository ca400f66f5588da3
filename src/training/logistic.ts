// Penalised logistic regression by Newton steps (IRLS): exact, deterministic, single-threaded.
// Invariant: the penalised loss never grows from one accepted step to the next; the same rows and start give the same weights.
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { Design } from './design';

/** How a fit runs. Defaults: {@link LOGISTIC_DEFAULTS}. */
export interface LogisticParams {
  /** The penalty on the sum of log losses is l2 / 2 times the sum of squared weights (the intercept is free); 1 / C of other libraries. */
  readonly l2: number;
  readonly maxIterations: number;
  /** Stops when the next step can lower the loss per row by no more than about this. */
  readonly tolerance: number;
}

export const LOGISTIC_DEFAULTS: LogisticParams = { l2: 1, maxIterations: 50, tolerance: 1e-10 };

/** The fitted weights (intercept, dense, sparse) and how they came about. */
export interface LogisticFit {
  readonly weights: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
  /** Mean log loss of the training rows, without the penalty, at each accepted point, the start first. */
  readonly curve: readonly number[];
}

interface Point {
  readonly loss: number;
  readonly penalised: number;
  readonly gradient: Float64Array;
  readonly hessian: Matrix;
}

/** Halvings of a step that made the loss grow, before the fit gives up and keeps what it has. */
const MAX_HALVINGS = 20;

/**
 * Fits the weights.
 * @param start where to begin: {@link weightsFrom} of an earlier model; ignored when plain zeros are better.
 * @param onIteration told after each accepted step, with the mean log loss.
 * @param counts how much each row counts, from 0: 2 is as if the row stood there twice. Default: all 1.
 */
export function fitLogistic(
  design: Design,
  labels: Float32Array,
  params: LogisticParams,
  start?: Float64Array,
  onIteration: (iteration: number, logLoss: number) => void = () => undefined,
  counts?: Float32Array,
): LogisticFit {
  let weights = coldStart(design, labels, counts);
  const total = totalOf(design, counts);
  const evaluate = (at: Float64Array): Point => pointAt(design, labels, at, params.l2, counts);
  let point = evaluate(weights);
  if (start) {
    const warm = evaluate(start);
    if (warm.penalised < point.penalised) [weights, point] = [start, warm];
  }
  const curve = [point.loss / total];
  for (let iteration = 1; iteration <= params.maxIterations; iteration++) {
    const step = new CholeskyDecomposition(point.hessian).solve(Matrix.columnVector(point.gradient)).to1DArray();
    const decrement = step.reduce((sum, value, index) => sum + value * point.gradient[index]!, 0) / 2;
    const small = decrement / total <= params.tolerance;
    let scale = 1;
    let next = move(weights, step, scale);
    let reached = evaluate(next);
    for (let halving = 0; !(reached.penalised <= point.penalised) && halving < MAX_HALVINGS && !small; halving++) {
      scale /= 2;
      next = move(weights, step, scale);
      reached = evaluate(next);
    }
    const better = reached.penalised <= point.penalised;
    if (better) [weights, point] = [next, reached];
    curve.push(point.loss / total);
    onIteration(iteration, point.loss / total);
    if (small || !better) return { weights, iterations: iteration, converged: small, curve };
  }
  return { weights, iterations: params.maxIterations, converged: false, curve };
}

function totalOf(design: Design, counts: Float32Array | undefined): number {
  return counts === undefined ? design.rows : counts.reduce((sum, count) => sum + count, 0);
}

function coldStart(design: Design, labels: Float32Array, counts: Float32Array | undefined): Float64Array {
  const weights = new Float64Array(design.width + design.sparseColumns);
  const positives = labels.reduce((sum, label, row) => sum + label * (counts?.[row] ?? 1), 0);
  weights[0] = Math.log(positives / (totalOf(design, counts) - positives));
  return weights;
}

function move(weights: Float64Array, step: readonly number[], scale: number): Float64Array {
  return weights.map((weight, index) => weight - scale * step[index]!);
}

/** Loss, gradient and Hessian at these weights, in one pass over the rows that touches non-zeros only. */
function pointAt(
  design: Design,
  labels: Float32Array,
  weights: Float64Array,
  l2: number,
  counts: Float32Array | undefined,
): Point {
  const { rows, width, dense, sparseColumns, sparseStart, sparseIndex } = design;
  const size = width + sparseColumns;
  const gradient = new Float64Array(size);
  const denseBlock = new Float64Array(width * width);
  const sparseByDense = new Float64Array(sparseColumns * width);
  const sparseBlock = new Float64Array(sparseColumns * sparseColumns);
  const z = new Float64Array(width);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const [from, to] = [sparseStart[row]!, sparseStart[row + 1]!];
    let score = 0;
    for (let i = 0; i < width; i++) {
      const value = dense[row * width + i]!;
      z[i] = value;
      score += value * weights[i]!;
    }
    for (let k = from; k < to; k++) score += weights[width + sparseIndex[k]!]!;

    const label = labels[row]!;
    const count = counts?.[row] ?? 1;
    const tail = Math.exp(-Math.abs(score));
    loss += count * (Math.log1p(tail) + (score > 0 ? score : 0) - label * score);
    const probability = score >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
    const residual = count * (probability - label);
    const weight = (count * tail) / ((1 + tail) * (1 + tail));

    for (let i = 0; i < width; i++) {
      const value = z[i]!;
      if (value === 0) continue;
      gradient[i]! += residual * value;
      const scaled = weight * value;
      const line = i * width;
      for (let j = 0; j <= i; j++) denseBlock[line + j]! += scaled * z[j]!;
    }
    for (let k = from; k < to; k++) {
      const column = sparseIndex[k]!;
      gradient[width + column]! += residual;
      const line = column * width;
      for (let j = 0; j < width; j++) sparseByDense[line + j]! += weight * z[j]!;
      // Later ones of a row may have smaller indexes (flags come in column order): fill the lower triangle.
      for (let l = from; l <= k; l++) {
        const other = sparseIndex[l]!;
        const at = column >= other ? column * sparseColumns + other : other * sparseColumns + column;
        sparseBlock[at]! += weight;
      }
    }
  }

  const hessian = Matrix.zeros(size, size);
  const set = (i: number, j: number, value: number) => hessian.set(i, j, value).set(j, i, value);
  for (let i = 0; i < width; i++) for (let j = 0; j <= i; j++) set(i, j, denseBlock[i * width + j]!);
  for (let k = 0; k < sparseColumns; k++) {
    for (let j = 0; j < width; j++) set(width + k, j, sparseByDense[k * width + j]!);
    for (let l = 0; l <= k; l++) set(width + k, width + l, sparseBlock[k * sparseColumns + l]!);
  }
  let penalty = 0;
  for (let i = 1; i < size; i++) {
    penalty += (l2 / 2) * weights[i]! ** 2;
    gradient[i]! += l2 * weights[i]!;
    hessian.set(i, i, hessian.get(i, i) + l2);
  }
  return { loss, penalised: loss + penalty, gradient, hessian };
}
