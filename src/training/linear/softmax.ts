// Penalised multinomial logistic regression (softmax) by truncated Newton steps: exact, deterministic, single-threaded.
// Invariant: the penalised loss never grows from one accepted step to the next; the same rows give the same weights.
import type { Design } from '../design';
import type { LogisticParams } from '../logistic';
import { conjugateGradient } from './conjugate-gradient';
import { hessianOf, scoresOfRow } from './softmax-hessian';

/** The fitted weights, class by class (each: intercept, dense, sparse), and how they came about. */
export interface SoftmaxFit {
  readonly weights: readonly Float64Array[];
  readonly iterations: number;
  readonly converged: boolean;
  /** Mean log loss of the training rows, without the penalty, at each accepted point, the start first. */
  readonly curve: readonly number[];
}

interface Point {
  readonly loss: number;
  readonly penalised: number;
  readonly gradient: Float64Array;
  /** The diagonal of the Hessian. */
  readonly diagonal: Float64Array;
  /** Rows × classes; float32 is enough for directions. */
  readonly probabilities: Float32Array;
}

const MAX_HALVINGS = 20;
/** Steps of the inner solver; where they do not do, the next outer step goes on. */
const MAX_INNER = 300;
/** The last step leaves this share of an error that is 1e-5 of the log-odds already, at the usual tolerance. */
const LEAST_INNER_TOLERANCE = 0.005;

/**
 * Fits the weights of all classes at once: the sum of log losses plus l2 / 2 times the sum of all squared weights, intercepts free, as scikit-learn's
 * multinomial LogisticRegression with C = 1 / l2.
 * @param labels - the index of each row's class; each class occurs.
 * @param onIteration - told after each accepted step, with the mean log loss.
 * @param counts - how much each row counts. Default: all the same.
 */
export function fitSoftmax(
  design: Design,
  labels: Float32Array,
  classes: number,
  params: LogisticParams,
  onIteration: (iteration: number, logLoss: number) => void = () => undefined,
  counts?: Float32Array,
): SoftmaxFit {
  const total = counts ? counts.reduce((sum, each) => sum + each, 0) : design.rows;
  const size = design.width + design.sparseColumns;
  let weights = coldStart(design, labels, classes, counts);
  let point = evaluate(design, labels, classes, weights, params.l2, counts);
  const firstNorm = normOf(point.gradient);
  const curve = [point.loss / total];
  const done = (iterations: number, converged: boolean): SoftmaxFit => {
    const of = Array.from({ length: classes }, (_, k) => weights.slice(k * size, (k + 1) * size));
    return { weights: of, iterations, converged, curve };
  };
  for (let iteration = 1; iteration <= params.maxIterations; iteration++) {
    const here = point;
    const step = conjugateGradient({
      multiply: hessianOf({ design, probabilities: here.probabilities, classes, l2: params.l2, counts }),
      target: here.gradient,
      diagonal: here.diagonal,
      // Nearer to the optimum the steps get more exact, so that the last ones gain digits quickly.
      tolerance: Math.max(LEAST_INNER_TOLERANCE, Math.min(0.1, normOf(here.gradient) / (firstNorm || 1))),
      mostSteps: MAX_INNER,
    });
    const decrement = step.reduce((sum, value, index) => sum + value * here.gradient[index]!, 0) / 2;
    const small = decrement / total <= params.tolerance;
    let scale = 1;
    let next = weights.map((weight, index) => weight - step[index]!);
    let reached = evaluate(design, labels, classes, next, params.l2, counts);
    for (let halving = 0; !(reached.penalised <= here.penalised) && halving < MAX_HALVINGS && !small; halving++) {
      scale /= 2;
      next = weights.map((weight, index) => weight - scale * step[index]!);
      reached = evaluate(design, labels, classes, next, params.l2, counts);
    }
    const better = reached.penalised <= here.penalised;
    if (better) [weights, point] = [next, reached];
    curve.push(point.loss / total);
    onIteration(iteration, point.loss / total);
    if (small || !better) return done(iteration, small);
  }
  return done(params.maxIterations, false);
}

/** Log shares as intercepts: what is best without any column. */
function coldStart(
  { rows, width, sparseColumns }: Design,
  labels: Float32Array,
  classes: number,
  each: Float32Array | undefined,
): Float64Array {
  const size = width + sparseColumns;
  const counts = new Float64Array(classes);
  for (let row = 0; row < rows; row++) counts[labels[row]!]! += each?.[row] ?? 1;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const logs = counts.map((count) => Math.log(count / total));
  const mean = logs.reduce((sum, value) => sum + value, 0) / classes;
  const weights = new Float64Array(classes * size);
  logs.forEach((value, k) => (weights[k * size] = value - mean));
  return weights;
}

/** Loss, gradient, the Hessian's diagonal and the probabilities at these weights, in one pass over the rows. */
function evaluate(
  design: Design,
  labels: Float32Array,
  classes: number,
  weights: Float64Array,
  l2: number,
  counts: Float32Array | undefined,
): Point {
  const { rows, width, dense, sparseColumns, sparseStart, sparseIndex } = design;
  const size = width + sparseColumns;
  const gradient = new Float64Array(weights.length);
  const diagonal = new Float64Array(weights.length);
  const probabilities = new Float32Array(rows * classes);
  const scores = new Float64Array(classes);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const [from, to] = [sparseStart[row]!, sparseStart[row + 1]!];
    scoresOfRow(design, row, weights, scores);
    const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(scores[k]! - most);
    const normaliser = most + Math.log(sum);
    const count = counts?.[row] ?? 1;
    loss += count * (normaliser - scores[labels[row]!]!);
    for (let k = 0; k < classes; k++) {
      const probability = Math.exp(scores[k]! - normaliser);
      probabilities[row * classes + k] = probability;
      const residual = count * (probability - (labels[row] === k ? 1 : 0));
      const curvature = count * probability * (1 - probability);
      const first = k * size;
      for (let i = 0; i < width; i++) {
        const value = dense[row * width + i]!;
        gradient[first + i]! += residual * value;
        diagonal[first + i]! += curvature * value * value;
      }
      for (let at = from; at < to; at++) {
        const column = first + width + sparseIndex[at]!;
        gradient[column]! += residual;
        diagonal[column]! += curvature;
      }
    }
  }
  let penalty = 0;
  for (let at = 0; at < weights.length; at++) {
    if (at % size === 0) continue;
    penalty += (l2 / 2) * weights[at]! ** 2;
    gradient[at]! += l2 * weights[at]!;
    diagonal[at]! += l2;
  }
  return { loss, penalised: loss + penalty, gradient, diagonal, probabilities };
}

function normOf(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
