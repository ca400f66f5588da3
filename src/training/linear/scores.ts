// The part of an ONNX graph that all linear models have: from `features` to `score`, one column per linear model.
// Invariant: a missing or unseen category and a code out of range add nothing, as in the native model; one model gives the bytes it always gave.
import { ONNX_INPUT } from '../../domain/training/training';
import type { CategoryTerm, LogisticModel, NumberTerm } from '../logistic-model';
import { FLOAT, INT64, type GraphConstant, type GraphNode } from '../onnx-proto';

/** A part of the graph, and the name of its [rows, models] share of the scores. */
interface Part {
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly GraphConstant[];
  readonly score: string;
}

/** Nodes and constants that compute `score` [rows, models]; with `needsAxis` the graph also has to have the constant {@link SECOND_AXIS}. */
export interface ScoreGraph {
  readonly nodes: GraphNode[];
  readonly constants: GraphConstant[];
  readonly needsAxis: boolean;
}

/**
 * The graph of one or more linear models over the same columns.
 * @param models - at least one; all have the terms of the first, by name and kind, with the same means, scales and categories.
 */
export function scoreGraph(models: readonly LogisticModel[]): ScoreGraph {
  const { terms } = models[0]!;
  const at = (wanted: 'number' | 'category') =>
    terms.flatMap((term, position) =>
      term.kind === wanted && (term.kind === 'number' || term.categories.length > 0) ? [position] : [],
    );
  const [numbers, categories] = [at('number'), at('category')];
  const parts: Part[] = [];
  if (numbers.length > 0) parts.push(numberPart(models, numbers));
  if (categories.length > 0) parts.push(categoryPart(models, categories));
  const nodes: GraphNode[] = parts.flatMap((part) => part.nodes);
  let score = 'intercept';
  parts.forEach((part, index) => {
    const sum = index === parts.length - 1 ? 'score' : `sum_${index}`;
    nodes.push({ op: 'Add', inputs: [part.score, score], output: sum });
    score = sum;
  });
  const intercepts = models.map((model) => model.intercept);
  return {
    nodes,
    constants: [...parts.flatMap((part) => part.constants), floats('intercept', intercepts)],
    needsAxis: categories.length > 0,
  };
}

function numberPart(models: readonly LogisticModel[], positions: readonly number[]): Part {
  const terms = positions.map((position) => models.map((model) => model.terms[position] as NumberTerm));
  const shape = [positions.length, models.length];
  return {
    score: 'number_score',
    nodes: [
      { op: 'Gather', inputs: [ONNX_INPUT, 'number_columns'], output: 'numbers', attributes: { axis: 1 } },
      { op: 'IsNaN', inputs: ['numbers'], output: 'missing' },
      { op: 'Sub', inputs: ['numbers', 'means'], output: 'centred' },
      { op: 'Div', inputs: ['centred', 'scales'], output: 'standardised' },
      { op: 'Where', inputs: ['missing', 'zero', 'standardised'], output: 'imputed' },
      { op: 'MatMul', inputs: ['imputed', 'number_weights'], output: 'number_share' },
      { op: 'Cast', inputs: ['missing'], output: 'flags', attributes: { to: FLOAT } },
      { op: 'MatMul', inputs: ['flags', 'missing_weights'], output: 'missing_share' },
      { op: 'Add', inputs: ['number_share', 'missing_share'], output: 'number_score' },
    ],
    constants: [
      integers('number_columns', positions),
      floats(
        'means',
        terms.map(([term]) => term!.mean),
      ),
      floats(
        'scales',
        terms.map(([term]) => term!.scale),
      ),
      floats('zero', [0]),
      floats(
        'number_weights',
        terms.flatMap((of) => of.map((term) => term.weight)),
        shape,
      ),
      floats(
        'missing_weights',
        terms.flatMap((of) => of.map((term) => term.missingWeight)),
        shape,
      ),
    ],
  };
}

/** All categories' weights stand in one table, a zero after each column's; a code that is none of the column's points to that zero. */
function categoryPart(models: readonly LogisticModel[], positions: readonly number[]): Part {
  const terms = positions.map((position) => models.map((model) => model.terms[position] as CategoryTerm));
  const offsets: number[] = [];
  const table: number[] = [];
  for (const of of terms) {
    offsets.push(table.length / models.length);
    of[0]!.weights.forEach((_, code) => table.push(...of.map((term) => term.weights[code]!)));
    table.push(...models.map(() => 0));
  }
  // One model: a plain list of weights, whose sum over columns keeps the second axis; several: a column for each.
  const [shape, keepdims] =
    models.length === 1 ? [[table.length], 1] : [[table.length / models.length, models.length], 0];
  return {
    score: 'category_score',
    nodes: [
      { op: 'Gather', inputs: [ONNX_INPUT, 'category_columns'], output: 'codes', attributes: { axis: 1 } },
      { op: 'GreaterOrEqual', inputs: ['codes', 'first_code'], output: 'not_below' },
      { op: 'Less', inputs: ['codes', 'counts'], output: 'not_above' },
      { op: 'And', inputs: ['not_below', 'not_above'], output: 'known' },
      { op: 'Where', inputs: ['known', 'codes', 'counts'], output: 'safe_codes' },
      { op: 'Cast', inputs: ['safe_codes'], output: 'indexes', attributes: { to: INT64 } },
      { op: 'Add', inputs: ['indexes', 'offsets'], output: 'places' },
      { op: 'Gather', inputs: ['category_weights', 'places'], output: 'category_shares', attributes: { axis: 0 } },
      {
        op: 'ReduceSum',
        inputs: ['category_shares', 'second_axis'],
        output: 'category_score',
        attributes: { keepdims },
      },
    ],
    constants: [
      integers('category_columns', positions),
      floats('first_code', [0]),
      floats(
        'counts',
        terms.map(([term]) => term!.weights.length),
      ),
      integers('offsets', offsets),
      floats('category_weights', table, shape),
    ],
  };
}

/** The axis of the columns, as operators take it that have it as an input. */
export const SECOND_AXIS = integers('second_axis', [1]);

/** A float32 constant; by default a list. */
export function floats(
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): GraphConstant {
  return { name, shape, values: Float32Array.from(values) };
}

/** A list of int64. */
function integers(name: string, values: readonly number[]): GraphConstant {
  return { name, shape: [values.length], values: BigInt64Array.from(values.map(BigInt)) };
}
