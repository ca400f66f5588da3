// Writes a logistic model as an ONNX graph with the contract's tensors.
// Invariant: same model, same bytes; a missing or unseen category and a code out of range add nothing, as in the native model.
import { ONNX_INPUT, ONNX_LABEL, ONNX_PROBABILITIES } from '../domain/training';
import { isLogisticModel, type CategoryTerm, type LogisticModel, type NumberTerm } from './logistic-model';
import { FLOAT, INT64, encodeOnnx, metadataOf, type GraphConstant, type GraphNode } from './onnx-proto';

/** The metadata entry that carries the model in full precision, for warm starts. */
const METADATA_KEY = 'understudy.logistic';

/** A part of the graph, and the name of its [rows, 1] share of the log-odds. */
interface Part {
  readonly nodes: readonly GraphNode[];
  readonly constants: readonly GraphConstant[];
  readonly score: string;
}

/** The ONNX bytes of a model. */
export function logisticToOnnx(model: LogisticModel): Uint8Array {
  const at = (kind: 'number' | 'category') =>
    model.terms.flatMap((term, position) => (term.kind === kind ? [position] : []));
  const parts: Part[] = [];
  const numbers = model.terms.filter((term) => term.kind === 'number');
  const categories = model.terms.filter((term) => term.kind === 'category' && term.categories.length > 0);
  if (numbers.length > 0) parts.push(numberPart(numbers, at('number')));
  if (categories.length > 0) {
    parts.push(
      categoryPart(
        categories as CategoryTerm[],
        at('category').filter((p) => categories.includes(model.terms[p]!)),
      ),
    );
  }

  const nodes: GraphNode[] = parts.flatMap((part) => part.nodes);
  let score = 'intercept';
  parts.forEach((part, index) => {
    const sum = index === parts.length - 1 ? 'score' : `sum_${index}`;
    nodes.push({ op: 'Add', inputs: [part.score, score], output: sum });
    score = sum;
  });
  nodes.push(
    { op: 'Sigmoid', inputs: ['score'], output: 'positive' },
    { op: 'Neg', inputs: ['score'], output: 'minus_score' },
    { op: 'Sigmoid', inputs: ['minus_score'], output: 'negative' },
    { op: 'Concat', inputs: ['negative', 'positive'], output: ONNX_PROBABILITIES, attributes: { axis: 1 } },
    { op: 'Greater', inputs: ['positive', 'half'], output: 'above_half' },
    { op: 'Squeeze', inputs: ['above_half', 'second_axis'], output: 'is_positive' },
    { op: 'Cast', inputs: ['is_positive'], output: ONNX_LABEL, attributes: { to: INT64 } },
  );
  return encodeOnnx({
    name: 'logistic',
    nodes,
    constants: [
      ...parts.flatMap((part) => part.constants),
      floats('intercept', [model.intercept]),
      floats('half', [0.5]),
      integers('second_axis', [1]),
    ],
    inputs: [{ name: ONNX_INPUT, type: FLOAT, shape: ['batch', model.terms.length] }],
    outputs: [
      { name: ONNX_LABEL, type: INT64, shape: ['batch'] },
      { name: ONNX_PROBABILITIES, type: FLOAT, shape: ['batch', 2] },
    ],
    metadata: { [METADATA_KEY]: JSON.stringify(model) },
  });
}

/** The model that an ONNX file of {@link logisticToOnnx} carries; undefined for any other file. */
export function logisticFromOnnx(onnx: Uint8Array): LogisticModel | undefined {
  const text = metadataOf(onnx)[METADATA_KEY];
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return isLogisticModel(value) ? value : undefined;
}

function numberPart(terms: readonly NumberTerm[], positions: readonly number[]): Part {
  const count = terms.length;
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
        terms.map((term) => term.mean),
      ),
      floats(
        'scales',
        terms.map((term) => term.scale),
      ),
      floats('zero', [0]),
      floats(
        'number_weights',
        terms.map((term) => term.weight),
        [count, 1],
      ),
      floats(
        'missing_weights',
        terms.map((term) => term.missingWeight),
        [count, 1],
      ),
    ],
  };
}

/** All categories' weights stand in one table, a zero after each column's; a code that is none of the column's points to that zero. */
function categoryPart(terms: readonly CategoryTerm[], positions: readonly number[]): Part {
  const offsets: number[] = [];
  const table: number[] = [];
  for (const term of terms) {
    offsets.push(table.length);
    table.push(...term.weights, 0);
  }
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
        attributes: { keepdims: 1 },
      },
    ],
    constants: [
      integers('category_columns', positions),
      floats('first_code', [0]),
      floats(
        'counts',
        terms.map((term) => term.weights.length),
      ),
      integers('offsets', offsets),
      floats('category_weights', table),
    ],
  };
}

function floats(name: string, values: readonly number[], shape: readonly number[] = [values.length]): GraphConstant {
  return { name, shape, values: Float32Array.from(values) };
}

function integers(name: string, values: readonly number[]): GraphConstant {
  return { name, shape: [values.length], values: BigInt64Array.from(values.map(BigInt)) };
}
