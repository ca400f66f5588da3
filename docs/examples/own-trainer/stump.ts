// A training hook in TypeScript: a decision stump, the one split of a number that tells the classes apart best. The tests train with it.
import { encodeOnnx, ONNX_FLOAT, ONNX_INT64, type TrainHook, type TrainHookInput } from 'understudy';

/** Probabilities of label 1 where the number is below the threshold, from it on, and missing. */
interface Stump {
  readonly column: number;
  readonly threshold: number;
  readonly below: number;
  readonly above: number;
  readonly missing: number;
}

const stump: TrainHook = ({ features, labels, weights, rows, columns, params, progress, cancelled }) => {
  const cuts = Number(params['cuts'] ?? 20);
  const numbers = columns.flatMap(({ kind }, column) => (kind === 'number' ? [column] : []));
  let best: { readonly stump: Stump; readonly loss: number } | undefined;
  const curve: { iteration: number; train: number }[] = [];
  for (const [at, column] of numbers.entries()) {
    const values = Array.from({ length: rows }, (_, row) => features[row * columns.length + column]!);
    for (const threshold of cutsOf(values, cuts)) {
      if (cancelled()) throw new Error('no longer wanted');
      const found = fit(values, { labels, weights }, column, threshold);
      if (best === undefined || found.loss < best.loss) best = found;
    }
    progress(at + 1, numbers.length, `best log loss ${best?.loss.toFixed(4) ?? 'unknown'}`);
    if (best) curve.push({ iteration: at + 1, train: best.loss });
  }
  if (best === undefined) throw new Error('a stump needs a feature that is a number and has two values');
  const model = best.stump;
  return {
    onnx: graphOf(model, columns.length),
    predict: (sample, count) =>
      Array.from({ length: count }, (_, row) => predict(model, sample[row * columns.length + model.column]!)),
    native: JSON.stringify(model),
    importance: { [columns[model.column]!.name]: 1 },
    curve,
  };
};
export default stump;

/** Quantiles of the values that are there, each once. */
function cutsOf(values: readonly number[], cuts: number): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const chosen = Array.from({ length: cuts }, (_, cut) => sorted[Math.floor(((cut + 1) * sorted.length) / (cuts + 1))]);
  return [...new Set(chosen)].filter((value): value is number => value !== undefined && value > sorted[0]!);
}

type Counted = Pick<TrainHookInput, 'labels' | 'weights'>;

/** A row of weight 2 counts as the row twice. */
function fit(values: readonly number[], { labels, weights }: Counted, column: number, threshold: number) {
  const count = { below: [0, 0], above: [0, 0], missing: [0, 0] };
  const weightOf = (row: number): number => (weights === null ? 1 : weights[row]!);
  values.forEach((value, row) => (count[sideOf(threshold, value)][labels[row]!]! += weightOf(row)));
  let loss = 0;
  // One row of each class more on each side: no probability is 0 or 1.
  const rate = ([no = 0, yes = 0]: number[]): number => {
    const p = (yes + 1) / (no + yes + 2);
    loss -= yes * Math.log(p) + no * Math.log(1 - p);
    return p;
  };
  const rates = { below: rate(count.below), above: rate(count.above), missing: rate(count.missing) };
  return {
    stump: { column, threshold, ...rates },
    loss: loss / values.reduce((sum, _, row) => sum + weightOf(row), 0),
  };
}

function sideOf(threshold: number, value: number): 'below' | 'above' | 'missing' {
  if (Number.isNaN(value)) return 'missing';
  return value >= threshold ? 'above' : 'below';
}

function predict(model: Stump, value: number): number {
  return model[sideOf(model.threshold, value)];
}

/** The same as a graph: what is a number in it is float32, as the features are. */
function graphOf({ column, threshold, below, above, missing }: Stump, width: number): Uint8Array {
  const constant = (name: string, value: number) => ({ name, shape: [1], values: Float32Array.of(value) });
  return encodeOnnx({
    name: 'stump',
    inputs: [{ name: 'features', type: ONNX_FLOAT, shape: ['batch', width] }],
    outputs: [
      { name: 'label', type: ONNX_INT64, shape: ['batch'] },
      { name: 'probabilities', type: ONNX_FLOAT, shape: ['batch', 2] },
    ],
    constants: [
      { name: 'column', shape: [1], values: BigInt64Array.of(BigInt(column)) },
      { name: 'second_axis', shape: [1], values: BigInt64Array.of(1n) },
      constant('threshold', threshold),
      constant('p_below', below),
      constant('p_above', above),
      constant('p_missing', missing),
      constant('one', 1),
      constant('half', 0.5),
    ],
    nodes: [
      { op: 'Gather', inputs: ['features', 'column'], output: 'value', attributes: { axis: 1 } },
      { op: 'GreaterOrEqual', inputs: ['value', 'threshold'], output: 'is_above' },
      { op: 'Where', inputs: ['is_above', 'p_above', 'p_below'], output: 'known' },
      { op: 'IsNaN', inputs: ['value'], output: 'is_missing' },
      { op: 'Where', inputs: ['is_missing', 'p_missing', 'known'], output: 'yes' },
      { op: 'Sub', inputs: ['one', 'yes'], output: 'no' },
      { op: 'Concat', inputs: ['no', 'yes'], output: 'probabilities', attributes: { axis: 1 } },
      { op: 'Greater', inputs: ['yes', 'half'], output: 'above_half' },
      { op: 'Squeeze', inputs: ['above_half', 'second_axis'], output: 'is_yes' },
      { op: 'Cast', inputs: ['is_yes'], output: 'label', attributes: { to: ONNX_INT64 } },
    ],
    metadata: {},
  });
}
