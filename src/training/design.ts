// The design matrix of the logistic fit: a dense block of standardised numbers, and the positions of the ones (missing flags, categories).
// Invariant: one-hot columns are never materialised; a row costs memory only for what is not zero in it.
import type { ModelSignature } from '../domain/training/training';
import type { LogisticModel } from './logistic-model';

/** Where a signature column went: a dense column with an optional flag, or a run of one-hot columns. */
type Placement =
  | {
      readonly kind: 'number';
      readonly dense: number;
      readonly flag: number | undefined;
      readonly mean: number;
      readonly scale: number;
    }
  | { readonly kind: 'category'; readonly first: number; readonly count: number };

/**
 * Rows ready for the fit. Weights are laid out as intercept, dense columns, sparse columns; `dense` holds, per row, a leading 1 and the
 * standardised numbers (0 where missing).
 */
export interface Design {
  readonly rows: number;
  /** Dense columns with the leading 1. */
  readonly width: number;
  readonly dense: Float32Array;
  readonly sparseColumns: number;
  /** The ones of row r: sparseIndex[sparseStart[r] .. sparseStart[r + 1]). */
  readonly sparseStart: Uint32Array;
  readonly sparseIndex: Uint16Array | Uint32Array;
  readonly placements: readonly Placement[];
}

/** Builds the design from float32 rows in the signature's column order. */
export function buildDesign(matrix: Float32Array, rows: number, signature: ModelSignature): Design {
  const columns = signature.columns.length;
  let [width, sparseColumns] = [1, 0];
  const placements = signature.columns.map((column, position): Placement => {
    if (column.kind === 'category') {
      const first = sparseColumns;
      sparseColumns += column.categories.length;
      return { kind: 'category', first, count: column.categories.length };
    }
    const { mean, scale, missing } = momentsOf(matrix, columns, position);
    return { kind: 'number', dense: width++, flag: missing > 0 ? sparseColumns++ : undefined, mean, scale };
  });

  const dense = new Float32Array(rows * width);
  const sparseStart = new Uint32Array(rows + 1);
  const scratch = sparseColumns < 65536 ? new Uint16Array(rows * columns) : new Uint32Array(rows * columns);
  let ones = 0;
  for (let row = 0; row < rows; row++) {
    dense[row * width] = 1;
    for (let position = 0; position < columns; position++) {
      const x = matrix[row * columns + position]!;
      const place = placements[position]!;
      if (place.kind === 'category') {
        if (x >= 0 && x < place.count) scratch[ones++] = place.first + Math.trunc(x);
      } else if (Number.isNaN(x)) {
        scratch[ones++] = place.flag!;
      } else {
        dense[row * width + place.dense] = (x - place.mean) / place.scale;
      }
    }
    sparseStart[row + 1] = ones;
  }
  return { rows, width, dense, sparseColumns, sparseStart, sparseIndex: scratch.slice(0, ones), placements };
}

/** The model that a weight vector stands for. */
export function modelOf(weights: Float64Array, design: Design, signature: ModelSignature): LogisticModel {
  return {
    intercept: weights[0]!,
    terms: signature.columns.map((column, position) => {
      const place = design.placements[position]!;
      if (column.kind === 'category' && place.kind === 'category') {
        const first = design.width + place.first;
        return {
          kind: 'category',
          name: column.name,
          categories: column.categories,
          weights: [...weights.subarray(first, first + place.count)],
        };
      }
      const { dense, flag, mean, scale } = place as Extract<Placement, { kind: 'number' }>;
      const missingWeight = flag === undefined ? 0 : weights[design.width + flag]!;
      return { kind: 'number', name: column.name, mean, scale, weight: weights[dense]!, missingWeight };
    }),
  };
}

/** The weight vector nearest to an earlier model: by column and category name, re-standardised; what it does not know starts at 0. */
export function weightsFrom(model: LogisticModel, design: Design, signature: ModelSignature): Float64Array {
  const weights = new Float64Array(design.width + design.sparseColumns);
  const earlier = new Map(model.terms.map((term) => [`${term.kind} ${term.name}`, term]));
  weights[0] = model.intercept;
  signature.columns.forEach((column, position) => {
    const term = earlier.get(`${column.kind} ${column.name}`);
    const place = design.placements[position]!;
    if (term?.kind === 'number' && place.kind === 'number') {
      const slope = term.weight / term.scale;
      const shift = slope * (place.mean - term.mean);
      weights[place.dense] = slope * place.scale;
      weights[0]! += shift;
      // A missing value is 0 in the design, so the shift of the intercept must not reach it.
      if (place.flag !== undefined) weights[design.width + place.flag] = term.missingWeight - shift;
    } else if (term?.kind === 'category' && place.kind === 'category' && column.kind === 'category') {
      const known = new Map(term.categories.map((category, index) => [category, term.weights[index] ?? 0]));
      column.categories.forEach((category, index) => {
        weights[design.width + place.first + index] = known.get(category) ?? 0;
      });
    }
  });
  return weights;
}

/** Mean and standard deviation of a column's present values, rounded to float32 so that the ONNX graph standardises with the same ones. */
function momentsOf(
  matrix: Float32Array,
  columns: number,
  position: number,
): { mean: number; scale: number; missing: number } {
  let [count, mean, squares, missing] = [0, 0, 0, 0];
  for (let at = position; at < matrix.length; at += columns) {
    const x = matrix[at]!;
    if (Number.isNaN(x)) {
      missing++;
      continue;
    }
    const delta = x - mean;
    mean += delta / ++count;
    squares += delta * (x - mean);
  }
  const scale = Math.fround(Math.sqrt(squares / Math.max(1, count)));
  return { mean: Math.fround(mean), scale: scale > 0 && Number.isFinite(scale) ? scale : 1, missing };
}
