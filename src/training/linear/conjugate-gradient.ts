// Solves a linear system that is only known by what it does to a vector: the conjugate gradient method with a diagonal preconditioner.

/** The system `A x = target`, A symmetric and not negative. */
export interface LinearSystem {
  readonly multiply: (vector: Float64Array) => Float64Array;
  readonly target: Float64Array;
  /** The diagonal of A. */
  readonly diagonal: Float64Array;
  /** Ends when the residual is this share of the target, by norm; from 0. */
  readonly tolerance: number;
  readonly mostSteps: number;
}

/** The solution, or how far it got (Hestenes and Stiefel 1952; Nocedal and Wright 2006, algorithm 5.3). Directions without curvature stay 0. */
export function conjugateGradient({ multiply, target, diagonal, tolerance, mostSteps }: LinearSystem): Float64Array {
  const solution = new Float64Array(target.length);
  const residual = target.slice();
  const scaled = () => residual.map((value, i) => (diagonal[i]! > 0 ? value / diagonal[i]! : value));
  let preconditioned = scaled();
  let direction = preconditioned.slice();
  let product = dot(residual, preconditioned);
  const enough = tolerance ** 2 * dot(target, target);
  for (let step = 0; step < mostSteps && dot(residual, residual) > enough; step++) {
    const image = multiply(direction);
    const curvature = dot(direction, image);
    if (!(curvature > 0)) break;
    const length = product / curvature;
    for (let i = 0; i < solution.length; i++) {
      solution[i]! += length * direction[i]!;
      residual[i]! -= length * image[i]!;
    }
    preconditioned = scaled();
    const next = dot(residual, preconditioned);
    const ratio = next / product;
    direction = preconditioned.map((value, i) => value + ratio * direction[i]!);
    product = next;
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
